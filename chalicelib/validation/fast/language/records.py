"""The language of clean records: cells in a row, as the dialect writes them."""

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

from attrs import frozen

from chalicelib.validation.fast.language.cells import CellLanguage
from chalicelib.validation.fast.language.characters import Characters
from chalicelib.validation.fast.language.translation import Writing, translated
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.schema.field_types import TEXT


class Break(Enum):
    """What ends the records of a file."""

    LF = b"\n"
    """Or CRLF."""
    CR = b"\r"
    DECLARED = b""
    """The dialect's own terminator."""

    @classmethod
    def of(cls, beginning: bytes, dialect: Dialect) -> "Break":
        """Tell how the lines of a file end that begins so."""
        if dialect.line_terminator is not None:
            return cls.DECLARED
        first = beginning.find(b"\r")
        is_alone = first >= 0 and b"\n" not in beginning[: first + 2]
        return cls.CR if is_alone else cls.LF


@frozen(kw_only=True)
class RecordLanguage:
    """How a file of some dialect writes clean records of some columns."""

    cells: tuple[CellLanguage, ...]
    dialect: Dialect
    breaks: Break
    has_long_cells: bool = False
    """Whether a quoted cell may go over several lines."""

    def expressions(self) -> tuple[str, ...]:
        """Write an expression of any number of records, for each that a record has to match."""
        passes = max(len(cell.forms) for cell in self.cells)
        return tuple(f"(?:{self._record(number)})*" for number in range(passes))

    def _record(self, number: int) -> str:
        """Write one record, with the form of that number of each cell that has so many."""
        delimiter = re.escape(self.dialect.delimiter)
        cells = (self._cell(cell, cell.forms[number] if number < len(cell.forms) else TEXT) for cell in self.cells)
        return f"{delimiter.join(cells)}{self.end_expression}"

    @property
    def break_byte(self) -> bytes:
        """What every line ends with."""
        return self.breaks.value or (self.dialect.line_terminator or "").encode()

    @property
    def end_expression(self) -> str:
        """The expression of what a record ends with."""
        return r"\r?\n" if self.breaks is Break.LF else re.escape(self.break_byte.decode())

    @property
    def allows_blank(self) -> bool:
        """Whether a row without any text would be taken for clean, which it never is."""
        return all(cell.allows("") for cell in self.cells)

    def _cell(self, cell: CellLanguage, form: str) -> str:
        return _cell(form, cell.texts, self.dialect, self.breaks, has_long_cells=self.has_long_cells)


@lru_cache(maxsize=1024)
def _cell(form: str, texts: Sequence[str], dialect: Dialect, breaks: Break, *, has_long_cells: bool) -> str:
    """Write a cell whose text has that form, or is one of these."""
    listed = "|".join(map(re.escape, texts))
    plain = _unquoted(dialect)
    ways = [_text(form, plain, is_spaced=dialect.skip_initial_space)]
    ways += [_text(listed, plain, is_spaced=dialect.skip_initial_space)] if texts else []
    if dialect.quote_char:
        quote = re.escape(dialect.quote_char)
        quoted = _quoted(dialect, breaks, has_long_cells=has_long_cells)
        inside = [translated(form, quoted), *([translated(listed, quoted)] if texts else [])]
        ways.append(f"{quote}(?:{'|'.join(inside)}){quote}")
    space = " *" if dialect.skip_initial_space else ""
    return f"{space}(?:{'|'.join(ways)})"


def _text(form: str, writing: Writing, *, is_spaced: bool) -> str:
    """Write an unquoted cell's text; where space before it does not count, it begins with something else."""
    if not is_spaced:
        return translated(form, writing)
    solid = Writing(excluded=writing.excluded.with_(Characters.of(" ")))
    if form == TEXT:
        return f"(?:{translated('(?s:.)', solid)}{translated(TEXT, writing)})?"
    return translated(form, solid)


@lru_cache
def _unquoted(dialect: Dialect) -> Writing:
    """Say what an unquoted cell can hold: nothing that means something else."""
    special = ["\0", dialect.delimiter, dialect.quote_char, dialect.escape_char, dialect.line_terminator or "\r\n"]
    return Writing(excluded=Characters.of("".join(filter(None, special))))


@lru_cache
def _quoted(dialect: Dialect, breaks: Break, *, has_long_cells: bool) -> Writing:
    """Say what a quoted cell can hold. What has an escape is left to the exact checker."""
    special = ["\0", dialect.quote_char, dialect.escape_char]
    if not has_long_cells:
        special.append(dialect.line_terminator or "\r\n")
    elif breaks is not Break.DECLARED:
        special.append("\r" if breaks is Break.LF else "\n")
    return Writing(
        excluded=Characters.of("".join(filter(None, special))),
        doubled=dialect.quote_char if dialect.double_quote else None,
        pairs_breaks=has_long_cells and breaks is Break.LF,
    )
