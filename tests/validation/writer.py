"""Writes files in a dialect."""

from collections.abc import Iterable, Sequence

from attrs import frozen

from chalicelib.validation import Dialect


@frozen(kw_only=True)
class Writer:
    """Writes records in a dialect; what is special there is quoted, or else escaped."""

    dialect: Dialect
    newline: str = "\r\n"
    """What ends a record where the dialect leaves it open."""
    quotes_all: bool = False

    @property
    def terminator(self) -> str:
        """What ends a record."""
        return self.dialect.line_terminator or self.newline

    def record(self, cells: Sequence[str]) -> str:
        """Write one record, without what ends it."""
        written = [self._cell(cell) for cell in cells]
        comment = self.dialect.comment_char
        if comment and self.dialect.delimiter.join(written).startswith(comment):
            written[0] = self._cell(cells[0], must=True)
        return self.dialect.delimiter.join(written)

    def table(self, records: Iterable[Sequence[str]]) -> str:
        """Write records, each with what ends it."""
        return "".join(self.record(cells) + self.terminator for cells in records)

    def lines(self, text: str) -> int:
        """Count the lines that a text ends, as the dialect has them."""
        if self.dialect.line_terminator:
            return text.count(self.dialect.line_terminator)
        return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")

    def _cell(self, text: str, *, must: bool = False) -> str:
        dialect = self.dialect
        special = {dialect.delimiter, dialect.escape_char, dialect.quote_char, *self.terminator}
        special |= set() if dialect.line_terminator else set("\r\n")
        is_spaced = dialect.skip_initial_space and text.startswith(" ")
        if not (must or is_spaced or any(each and each in text for each in special)):
            return self._quoted(text) if self.quotes_all and dialect.quote_char else text
        if dialect.quote_char:
            return self._quoted(text)
        assert dialect.escape_char, "without quotes there must be an escape"
        escaped = "".join(dialect.escape_char + each if each in special else each for each in text)
        return dialect.escape_char + escaped if escaped[:1] == text[:1] and (must or is_spaced) else escaped

    def _quoted(self, text: str) -> str:
        quote, escape = self.dialect.quote_char or "", self.dialect.escape_char
        if escape:
            text = text.replace(escape, escape * 2)
        inside = quote if self.dialect.double_quote else escape
        assert inside, "a quote inside must be doubled or escaped"
        return quote + text.replace(quote, inside + quote) + quote
