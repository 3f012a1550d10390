"""The grammar of a dialect: which bytes make up a cell, and what its text is."""

import re
from collections.abc import Sequence

from attrs import evolve

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.encodings import encoding_label
from chalicelib.validation.reading.tokens import Tokens
from chalicelib.validation.report import ErrorCode, Fault, StrayQuote, UndecodableCell

QUOTE_INSIDE = StrayQuote(ErrorCode.QUOTE_ERROR, "a quote inside an unquoted cell: quote the cell and double the quote")
TEXT_AFTER_QUOTE = UndecodableCell(
    ErrorCode.QUOTE_ERROR, "text after the closing quote: a quote inside a quoted cell is doubled"
)
SPACE_BEFORE_QUOTE = UndecodableCell(
    ErrorCode.QUOTE_ERROR, "a space before the opening quote: remove it, or declare skipInitialSpace"
)
SPACE_AFTER_QUOTE = UndecodableCell(ErrorCode.QUOTE_ERROR, "a space after the closing quote: remove it")
UNTERMINATED = Fault(ErrorCode.QUOTE_ERROR, "the quote that opens this cell is never closed")


def not_valid(encoding: str) -> UndecodableCell:
    """Return the fault of a cell that is not in the declared encoding."""
    reason = f"not valid {encoding_label(encoding)}: save the file in that encoding"
    return UndecodableCell(ErrorCode.ENCODING_ERROR, reason)


NOT_UTF8 = not_valid("utf-8")
NUL = UndecodableCell(ErrorCode.ENCODING_ERROR, "a NUL character (U+0000), which is not text")


class Grammar:
    """The characters of a dialect, and expressions that match its cells and lines."""

    def __init__(self, dialect: Dialect) -> None:
        self.tokens = Tokens(dialect)
        self.delimiter, self.quote, self.escape = self.tokens.delimiter, self.tokens.quote, self.tokens.escape
        self._delimiter_text = dialect.delimiter
        self.breaks = self.tokens.terminator or b"\r\n"
        self.doubles_quote = dialect.double_quote
        self.skips_space = dialect.skip_initial_space
        self.not_decoded = not_valid(dialect.encoding)
        quote = re.escape(self.quote)
        escape = re.escape(self.escape)
        # CR LF is escaped as a whole: a CR at the end of the data may be half of it, and does not match yet.
        escaped = rb"|%b(?:\r\n|\r(?!\Z)|[^\r])" % escape if escape else b""
        doubled = rb"|%b%b" % (quote, quote) if self.doubles_quote else b""
        outside = _repeated(_none_of(self.breaks, self.delimiter, self.escape), escaped)
        inside = _repeated(_none_of(self.quote, self.escape), escaped + doubled)
        quoted = rb"%b%b%b" % (quote, inside, quote)
        self.plain = re.compile(_none_of(self.breaks, self.quote, self.escape) + b"*+")
        """Up to a line break, quote or escape: a whole record, if it has no quote and no escape."""
        self.line = re.compile(_none_of(self.breaks) + b"*+")
        """Up to a line break."""
        self.rest = re.compile(outside)
        """Up to a delimiter or a line break."""
        self.inside = re.compile(inside)
        """Up to a quote that is not doubled."""
        self.quoted = re.compile(quoted)
        """A quoted cell."""
        self.spaced = _spaced(self) if self._has_spaced else None
        """A quoted cell with spaces before it, up to a delimiter or line break; None if they are no mistake."""
        space = b" *+" if self.skips_space else b""
        opening = rb"(?:%b|(?!%b))" % (quoted, quote) if quote else b""
        self.cells = re.compile(rb"(?:%b%b%b%b|)*+" % (space, opening, outside, re.escape(self.delimiter)))
        """All cells of a record but the last, each with its delimiter."""
        self.escaped = re.compile(escape + rb"(\r\n|[\s\S])")
        self.cut_escapes = {self.escape, self.escape + b"\r"} if escape else frozenset()
        """An escape that the end of the data has cut off."""
        self.space = re.compile(rb"(\A|%b) +" % re.escape(self.delimiter))

    @property
    def _has_spaced(self) -> bool:
        """Whether spaces before a quote are a mistake, and not part of the dialect."""
        is_special = b" " in self.delimiter + self.quote + self.breaks
        return bool(self.quote) and not (self.escape or self.skips_space or is_special)

    def end_of_spaced(self, data: bytes, at: int) -> int:
        """Return the end of a quoted cell with spaces before it; `at` if there is none."""
        spaced = self.spaced.match(data, at) if self.spaced and data.startswith(b" ", at) else None
        return spaced.end() if spaced else at

    def spaced_cell(self, raw: bytes) -> Fault:
        """Return the fault of a quoted cell with spaces before it."""
        return SPACE_BEFORE_QUOTE.with_bytes(self.tokens.restored(raw))

    def split(self, raw: bytes, most: int) -> Sequence[str | Fault]:
        """Split a record that has no quotes and no escapes; return its first `most` cells."""
        if self.skips_space:
            raw = self.space.sub(rb"\1", raw)
        try:
            cells = raw.decode().split(self._delimiter_text, most)
            del cells[most:]
        except UnicodeDecodeError:
            return [self.decoded(cell) for cell in raw.split(self.delimiter, most)[:most]]
        return [NUL.with_bytes(cell.encode()) if "\0" in cell else cell for cell in cells] if b"\0" in raw else cells

    def cell(self, quoted: bytes, unquoted: bytes) -> str | Fault:
        """Return the text of a cell from its quoted and its unquoted part, of which only one may have bytes."""
        if quoted and unquoted:
            fault = TEXT_AFTER_QUOTE if unquoted.strip(b" ") else SPACE_AFTER_QUOTE
            return fault.with_bytes(self.tokens.restored(quoted + unquoted))
        raw = unquoted
        if self.quote and quoted:
            raw = quoted[1:-1]
            if self.doubles_quote:
                raw = raw.replace(self.quote * 2, self.quote)
        elif self.quote and self.quote in (self.escaped.sub(b"", unquoted) if self.escape else unquoted):
            text = self.decoded(unquoted)
            return QUOTE_INSIDE if isinstance(text, Fault) else evolve(QUOTE_INSIDE, text=text)
        return self.decoded(self.escaped.sub(rb"\1", raw) if self.escape else raw)

    def decoded(self, raw: bytes) -> str | Fault:
        """Return the text of a cell's bytes."""
        raw = self.tokens.restored(raw)
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return self.not_decoded.with_bytes(raw)
        return NUL.with_bytes(raw) if "\0" in text else text


def _spaced(grammar: Grammar) -> re.Pattern[bytes]:
    """Return the expression of a quoted cell with spaces before it.

    It is on one line, and has no quote behind a delimiter. So the record ends at the same line break, whether the quote
    opens a cell or is a stray one.
    """
    quote, delimiter = re.escape(grammar.quote), re.escape(grammar.delimiter)
    doubled = rb"|(?<!%b)%b%b" % (delimiter, quote, quote) if grammar.doubles_quote else b""
    inside = _repeated(_none_of(grammar.quote, grammar.breaks), doubled)
    end = b"[%b]" % re.escape(grammar.delimiter + grammar.breaks)
    return re.compile(rb" ++%b%b(?<!%b)%b *+(?=%b|\Z)" % (quote, inside, delimiter, quote, end))


def _repeated(character: bytes, others: bytes) -> bytes:
    """Return a possessive expression of any number of characters and others: the engine does not backtrack into it.

    The empty alternative ends the repetition, here and in `cells`: without it, Python before 3.11.5 continues behind
    the text that the last, failed repetition read.
    """
    return b"(?:%b++%b|)*+" % (character, others) if others else character + b"*+"


def _none_of(*characters: bytes) -> bytes:
    """Return an expression of one byte that is none of these."""
    named = b"".join(characters)
    return b"[^%b]" % re.escape(named) if named else rb"[\s\S]"
