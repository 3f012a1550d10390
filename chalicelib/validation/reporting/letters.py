"""Columns as spreadsheets name them."""


def letters(field: int) -> str:
    """Give the letters of a column by its 1-based position: A to Z, then AA, AB and so on."""
    name = ""
    while field > 0:
        field, rest = divmod(field - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
