"""Finds records that can be passed on to PostgreSQL as they stand, by the scanner of the portable engine."""

from collections.abc import Iterable, Sequence

from chalicelib.loading.copy_format import CopyFormat, LoadedColumn
from chalicelib.validation.fast.portable.cells import CellLanguage, other_than
from chalicelib.validation.fast.portable.records import Break, RecordLanguage
from chalicelib.validation.fast.portable.scanner import Scanner, scanner_of
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.regex.translation import is_translatable
from chalicelib.validation.schema.field_types import TEXT

_MOST_COLUMNS = 1_000
"""An automaton of more columns is too large to be worth compiling."""


def verbatim_scanner(
    loaded: Sequence[LoadedColumn], form: CopyFormat, dialect: Dialect, beginning: bytes
) -> Scanner | None:
    """Return a scanner for the records of a file that can be passed on; None if none of them can.

    Every column of the file must be loaded, and the dialect one that COPY reads. An empty cell is a null. `beginning`
    shows the file's line breaks.
    """
    reads_alike = dialect.is_bytewise and not (
        dialect.quote_char is None
        or dialect.escape_char
        or not dialect.double_quote
        or dialect.skip_initial_space
        or dialect.line_terminator
    )
    reads_alike = reads_alike and (form.delimiter, form.quote) == (dialect.delimiter, dialect.quote_char)
    if not reads_alike or len(loaded) > _MOST_COLUMNS:
        return None
    cells = [cell for column in loaded if (cell := _cell(column))]
    if len(cells) != len(loaded):
        return None
    return scanner_of(RecordLanguage(cells=tuple(cells), dialect=dialect, breaks=Break.of(beginning, dialect)))


def _cell(column: LoadedColumn) -> CellLanguage | None:
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
