"""The language of clean records, as the dialect writes them."""

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from attrs import frozen

from chalicelib.validation.fast.portable.cells import CellLanguage
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.regex.characters import Characters
from chalicelib.validation.regex.translation import Writing, translated
from chalicelib.validation.schema.field_types import TEXT
from chalicelib.validation.schema.table_schema import Field


class Break(Enum):
    """The line break that ends the records of a file."""

    LF = b"\n"
    """Or CRLF."""
    CR = b"\r"
    DECLARED = b""
    """The dialect's own terminator."""

    @classmethod
    def of(cls, beginning: bytes, dialect: Dialect) -> "Break":
        """Detect the line break from the beginning of a file."""
        if dialect.line_terminator is not None:
            return cls.DECLARED
        first = beginning.find(b"\r")
        is_alone = first >= 0 and b"\n" not in beginning[: first + 2]
        return cls.CR if is_alone else cls.LF


@frozen(kw_only=True)
class RecordLanguage:
    """The clean records of some columns in one dialect."""

    cells: tuple[CellLanguage, ...]
    dialect: Dialect
    breaks: Break

    def expressions(self) -> tuple[str, ...]:
        """Return expressions of any number of records; clean records match all of them."""
        passes = max(len(cell.forms) for cell in self.cells)
        return tuple(f"(?:{self._record(number)})*" for number in range(passes))

    def _record(self, number: int) -> str:
        """Return the expression of a record from the form with this number of each cell, or any text if it has none."""
        delimiter = re.escape(self.dialect.delimiter)
        cells = (self._cell(cell, cell.forms[number] if number < len(cell.forms) else TEXT) for cell in self.cells)
        return f"{delimiter.join(cells)}{self.end_expression}"

    @property
    def break_byte(self) -> bytes:
        """The bytes at the end of every line."""
        return self.breaks.value or (self.dialect.line_terminator or "").encode()

    @property
    def end_expression(self) -> str:
        """The expression of a record's end."""
        return r"\r?\n" if self.breaks is Break.LF else re.escape(self.break_byte.decode())

    @property
    def allows_blank(self) -> bool:
        """Whether a blank row matches, although it is never clean."""
        return all(cell.allows("") for cell in self.cells)

    def _cell(self, cell: CellLanguage, form: str) -> str:
        return _cell(form, cell.texts, self.dialect)


def language_of(fields: Sequence[Field | None], dialect: Dialect, breaks: Break) -> RecordLanguage | None:
    """Return the language of clean records; None if the rules of a field cannot be expressed."""
    cells = [cell for field in fields if (cell := CellLanguage.of(field))]
    return RecordLanguage(cells=tuple(cells), dialect=dialect, breaks=breaks) if len(cells) == len(fields) else None


@lru_cache(maxsize=1024)
def _cell(form: str, texts: Sequence[str], dialect: Dialect) -> str:
    """Return the expression of a cell whose text matches the form, or is one of the texts."""
    listed = "|".join(map(re.escape, texts))
    plain = _unquoted(dialect)
    ways = [_text(form, plain, is_spaced=dialect.skip_initial_space)]
    ways += [_text(listed, plain, is_spaced=dialect.skip_initial_space)] if texts else []
    if dialect.quote_char:
        quote = re.escape(dialect.quote_char)
        quoted = _quoted(dialect)
        inside = [translated(form, quoted), *([translated(listed, quoted)] if texts else [])]
        ways.append(f"{quote}(?:{'|'.join(inside)}){quote}")
    space = " *" if dialect.skip_initial_space else ""
    return f"{space}(?:{'|'.join(ways)})"


def _text(form: str, writing: Writing, *, is_spaced: bool) -> str:
    """Return the expression of an unquoted cell's text; where leading spaces are skipped, it starts with no space."""
    if not is_spaced:
        return translated(form, writing)
    solid = Writing(excluded=writing.excluded.with_(Characters.of(" ")))
    if form == TEXT:
        return f"(?:{translated('(?s:.)', solid)}{translated(TEXT, writing)})?"
    return translated(form, solid)


@lru_cache
def _unquoted(dialect: Dialect) -> Writing:
    """Return how unquoted cells are written: without any character that has a meaning in the dialect."""
    special = ["\0", dialect.delimiter, dialect.quote_char, dialect.escape_char, dialect.line_terminator or "\r\n"]
    return Writing(excluded=Characters.of("".join(filter(None, special))))


@lru_cache
def _quoted(dialect: Dialect) -> Writing:
    """Return how quoted cells are written. Cells with line breaks or escapes are left to the reference checker."""
    special = ["\0", dialect.quote_char, dialect.escape_char, dialect.line_terminator or "\r\n"]
    return Writing(
        excluded=Characters.of("".join(filter(None, special))),
        doubled=dialect.quote_char if dialect.double_quote else None,
    )
