"""What to do about each kind of error, in a sentence for whoever has the file."""

from collections.abc import Mapping
from types import MappingProxyType

ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "source-error": "Export the file again: this one is empty.",
        "format-error": "Save the data as CSV text, with the separator that was agreed on.",
        "compression-error": "Compress the file anew with gzip and upload it whole, or upload it as it is.",
        "oversized-file": "Split the file into several, each with the header.",
        "unknown-schema": "Name one of the datasets that exist, and upload the file again.",
        "blank-label": "Give the column a name in the header.",
        "duplicate-label": "Give each column a name of its own.",
        "incorrect-label": "Rename the column, or put the columns into the order that was agreed on.",
        "missing-label": "Add the column, with its name in the header.",
        "extra-label": "Remove the column, or have it added to the schema.",
        "blank-row": "Delete the empty row.",
        "missing-cell": "Fill the row up: each column needs its separator, even where it has no value.",
        "extra-cell": "Look for a separator too many, or for a text that contains one and is not in quotes.",
        "type-error": "Write the value in the form that the message names.",
        "constraint-error": "Fill in the cell if it is empty; else bring it within the limits that the message names.",
        "unique-error": "Keep one of the rows that share the value, or correct the others.",
        "primary-key": "Give each row a key of its own that is not empty.",
        "foreign-key": "Add the row that is referred to, or correct the reference.",
        "quote-error": "Put the whole cell into quotes, and write each quote inside it twice.",
        "encoding-error": "Save the file in the encoding that the message names, which usually is UTF-8.",
        "oversized-record": "Look for a quote that is opened and never closed: it makes one record of many.",
        "system-error": "Upload the file again; if that does not help, tell whoever runs this service.",
    }
)

_OTHERWISE = "See what the message of each error asks for."


def advice(code: str) -> str:
    """Say what to do about errors of a code."""
    return ADVICE.get(code, _OTHERWISE)
