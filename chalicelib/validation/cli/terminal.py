"""Errors as a table for a terminal."""

from collections.abc import Sequence

from chalicelib.validation.report import ValidationError
from chalicelib.validation.reporting.wording import column_letters

_HEADINGS = ("row", "line", "column", "letter", "code", "message")
_NUMERIC = 2
"""The number of columns, from the left, that contain numbers and are aligned to the right."""


def error_table(errors: Sequence[ValidationError], error_count: int) -> str:
    """Return a table with one line for each error, and how many more there are."""
    rows = [_HEADINGS, *(_cells(error) for error in errors)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = ["  ".join(_align(row, widths)).rstrip() for row in rows]
    if error_count > len(errors):
        lines.append(f"… and {error_count - len(errors):,} more")
    return "\n".join(lines)


def printable(text: str) -> str:
    """Replace characters of untrusted text that would break the line or control the terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _cells(error: ValidationError) -> tuple[str, ...]:
    letter = None if error.field is None else column_letters(error.field)
    places = (error.row, error.line, error.column, letter)
    return (*("-" if place is None else printable(str(place)) for place in places), error.code, error.message)


def _align(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.rjust(width) if column < _NUMERIC else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
