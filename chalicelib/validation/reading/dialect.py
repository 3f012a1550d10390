"""The dialect: how a CSV file is written."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Self

from attrs import frozen

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.reading.encodings import python_encoding

_UNIVERSAL = ("\r\n", "\n", "\r")
"""Line terminators that are read alike, whichever is declared."""
_MAX_TOKEN = 100
"""How many characters a delimiter, quote, escape or line terminator may have."""


@frozen(kw_only=True)
class Dialect:
    """The declared form of a file; by default RFC 4180 in UTF-8 with a header.

    The names are those of the Table Dialect specification and of its predecessor, CSV Dialect.
    """

    delimiter: str = ","
    quote_char: str | None = '"'
    """None if there is no quoting."""
    double_quote: bool = True
    escape_char: str | None = None
    line_terminator: str | None = None
    """None for CRLF, LF or CR, whichever occurs."""
    skip_initial_space: bool = False
    null_sequence: str | None = None
    header: bool = True
    header_rows: Sequence[int] = (1,)
    """The numbers of the records that make up the header. Data begins below the last of them."""
    header_join: str = " "
    header_case: bool = True
    """Whether labels are compared with case."""
    comment_char: str | None = None
    """The beginning of a comment, which is no record."""
    comment_rows: frozenset[int] = frozenset()
    skip_blank_rows: bool = False
    encoding: str = "utf-8"
    """Python's name of it."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """The delimiter, quote, escape and line terminator, as far as there are any."""
        named = (self.delimiter, self.quote_char, self.escape_char, self.line_terminator)
        return tuple(token for token in named if token)

    @property
    def rows_above(self) -> int:
        """The last row above the data: of the header, or of comments that follow it at once; 0 without either."""
        row = max(self.header_rows, default=0) if self.header else 0
        while row + 1 in self.comment_rows:
            row += 1
        return row

    @property
    def is_bytewise(self) -> bool:
        """Whether each token is one byte. Other dialects are left to the reference checker."""
        return all(len(token) == 1 and token.isascii() for token in self.tokens)

    @classmethod
    def from_descriptor(cls, dialect: Mapping[str, Any] | Node | None) -> Self:
        """Read a dialect descriptor; raises SchemaInvalid with the path of what is wrong."""
        if dialect is None:
            return cls()
        node = dialect if isinstance(dialect, Node) else Node(dialect, "$dialect")
        if (csv := node.child("csv")) is not None:
            # Frictionless nests what concerns CSV alone.
            node = Node({**node.as_object(), **csv.as_object()}, node.path)
        descriptor.warn_of_misspelt(node, _PROPERTIES)
        known = {name: read(child) for name, read in _PROPERTIES.items() if (child := node.child(name)) is not None}
        members = {_MEMBERS[name]: value for name, value in known.items()}
        if "quoteChar" in node.as_object() and node.child("quoteChar") is None:
            members["quote_char"] = None
        if not members.get("header_rows", True):
            members["header"] = False
        form = cls(**members)
        _check(form, node)
        return form


def _encoding(node: Node) -> str:
    name = descriptor.string(node)
    return python_encoding(name) or node.refuse("no such encoding; use one that Python knows, such as utf-8")


def _header_rows(node: Node) -> Sequence[int]:
    return tuple(descriptor.size(item) or item.refuse("rows are numbered from 1") for item in node.items())


def _line_terminator(node: Node) -> str | None:
    terminator = descriptor.string(node)
    if terminator in _UNIVERSAL:
        return None
    if not 0 < len(terminator) <= _MAX_TOKEN or "\0" in terminator:
        node.refuse(f"expected 1 to {_MAX_TOKEN} characters")
    return terminator


def _quote_char(node: Node) -> str | None:
    return _token(node) if descriptor.string(node) else None


def _comment_char(node: Node) -> str | None:
    return descriptor.string(node) or None


def _token(node: Node) -> str:
    token = descriptor.string(node)
    if not 0 < len(token) <= _MAX_TOKEN or not {"\r", "\n", "\0"}.isdisjoint(token):
        node.refuse(f"expected 1 to {_MAX_TOKEN} characters, and no line break")
    return token


_PROPERTIES: Mapping[str, Callable[[Node], Any]] = MappingProxyType(
    {
        "delimiter": _token,
        "quoteChar": _quote_char,
        "doubleQuote": descriptor.boolean,
        "escapeChar": _token,
        "lineTerminator": _line_terminator,
        "skipInitialSpace": descriptor.boolean,
        "nullSequence": descriptor.string,
        "header": descriptor.boolean,
        "headerRows": _header_rows,
        "headerJoin": descriptor.string,
        "headerCase": descriptor.boolean,
        "caseSensitiveHeader": descriptor.boolean,
        "commentChar": _comment_char,
        "commentRows": lambda node: frozenset(_header_rows(node)),
        "skipBlankRows": descriptor.boolean,
        "encoding": _encoding,
    }
)
_MEMBERS: Mapping[str, str] = MappingProxyType(
    {
        name: "header_case"
        if name == "caseSensitiveHeader"
        else "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        for name in _PROPERTIES
    }
)


def _check(form: Dialect, node: Node) -> None:
    """Refuse a character with two meanings."""
    special = [form.delimiter, form.quote_char, form.escape_char, form.line_terminator, form.comment_char]
    named = [character for character in special if character is not None]
    if len(set(named)) < len(named):
        node.refuse("delimiter, quoteChar, escapeChar, lineTerminator and commentChar must differ")
    if form.skip_initial_space and form.delimiter == " ":
        node.refuse("a space cannot be skipped where it is the delimiter")
