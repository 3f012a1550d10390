"""Numbers and columns in words, as reports and the terminal show them."""


def counted(number: int, noun: str) -> str:
    """Return a number of things: `1 row`, `2,000 rows`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def column_letters(field: int) -> str:
    """Return a column's name in a spreadsheet by its 1-based position: A to Z, then AA, AB and so on."""
    name = ""
    while field > 0:
        field, rest = divmod(field - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
