"""The names of all rules. What they are called for people is in the words of the page."""

LAYOUT_RULES = (
    "encoding",
    "separator-line",
    "title-rows",
    "delimiter",
    "column-order",
    "label-spelling",
    "empty-columns",
    "empty-rows",
    "empty-cells",
)
"""Rules for the file as a whole."""
CELL_RULES = (
    "strip-spaces",
    "leading-apostrophe",
    "smart-quotes",
    "currency-mark",
    "percent-mark",
    "minus-sign",
    "grouping",
    "decimal-comma",
    "decimal-point",
    "zero-decimals",
    "date-order",
    "date-form",
    "month-name",
    "midnight",
    "time-separator",
    "missing-seconds",
    "zone-colon",
    "boolean-spelling",
    "enum-spelling",
)
"""Rules for cells, in about the order in which they are applied."""
RULES = (*LAYOUT_RULES, *CELL_RULES)
