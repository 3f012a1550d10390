"""Finds records that can be passed on to PostgreSQL as they stand, by the scanner of the portable engine."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from chalicelib.validation.fast.portable.cells import CellLanguage, other_than
from chalicelib.validation.fast.portable.records import Break, RecordLanguage
from chalicelib.validation.fast.portable.scanner import Scanner
from chalicelib.validation.regex.translation import is_translatable
from chalicelib.validation.schema.field_types import TEXT

if TYPE_CHECKING:
    from chalicelib.loading.lines import CopyLines, LoadedColumn

_MOST_COLUMNS = 1_000
"""An automaton of more columns is too large to be worth compiling."""


def verbatim_scanner(lines: "CopyLines") -> Scanner | None:
    """Return a scanner for the records of a file that can be passed on; None if none of them can.

    Every column must be loaded, and the dialect one that COPY reads. An empty cell is a null.
    """
    dialect = lines.dialect
    reads_alike = dialect.is_bytewise and not (
        dialect.quote_char is None
        or dialect.escape_char
        or not dialect.double_quote
        or dialect.skip_initial_space
        or dialect.line_terminator
    )
    reads_alike = reads_alike and (lines.form.delimiter, lines.form.quote) == (dialect.delimiter, dialect.quote_char)
    width = len(lines.columns.fields)
    if not reads_alike or len(lines.loaded) != width or width > _MOST_COLUMNS:
        return None
    cells = [cell for column in lines.loaded if (cell := _cell(column))]
    if len(cells) != width:
        return None
    breaks = Break.of(lines.reader.ahead, dialect)
    return _scanner(RecordLanguage(cells=tuple(cells), dialect=dialect, breaks=breaks))


@lru_cache(maxsize=16)
def _scanner(language: RecordLanguage) -> Scanner | None:
    try:
        return Scanner(language)
    except OverflowError:
        return None


def _cell(column: "LoadedColumn") -> CellLanguage | None:
    """Return the texts of a column that PostgreSQL reads as the same values; None if there are none."""
    if column.type.verbatim is None:
        return None
    forms: tuple[str, ...] = (column.type.verbatim,)
    others = _values(column.field.missing_values, CellLanguage(forms=forms))
    if others:
        forms = (*(form for form in forms if form != TEXT), other_than(others))
    if not all(map(is_translatable, forms)):
        return None
    return CellLanguage(forms=forms, texts=("",))


def _values(missing: Iterable[str], language: CellLanguage) -> list[str]:
    """Return the missing values, other than the empty text, that would be taken for values."""
    return sorted(text for text in missing if text and language.allows(text))
