"""Cells that no spreadsheet takes for a formula."""

import re

_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs cells that begin so."""
_NUMBER = re.compile(r"[+-][0-9][0-9.,' ]*")


def without_formula(cell: object) -> object:
    """Return a cell with an apostrophe before it, if a spreadsheet would run it; numbers with a sign stay."""
    is_formula = isinstance(cell, str) and cell.startswith(_STARTS) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell
