"""How a CSV file is written."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import frozen

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node


@frozen(kw_only=True)
class Dialect:
    """What is declared about a file's form; by default RFC 4180 in UTF-8 with a header.

    The names are those of the Table Dialect specification, of which these properties are supported.
    """

    delimiter: str = ","
    quote_char: str = '"'
    header: bool = True
    header_case: bool = True
    """Whether labels must match in case too."""

    @classmethod
    def from_descriptor(cls, dialect: Mapping[str, Any] | Node | None) -> Self:
        """Read a dialect descriptor; raises SchemaInvalid with the path of what is wrong."""
        if dialect is None:
            return cls()
        node = dialect if isinstance(dialect, Node) else Node(dialect, "$dialect")
        for name, child in node.members():
            if name not in _PROPERTIES and not name.startswith("$"):
                child.refuse(f"not a supported property of a dialect; supported are {', '.join(_PROPERTIES)}")
        if node.get("encoding", descriptor.string, "utf-8").lower() not in {"utf-8", "utf8"}:
            node.refuse("only the encoding utf-8 is supported")
        return cls(
            delimiter=node.get("delimiter", descriptor.character, ","),
            quote_char=node.get("quoteChar", descriptor.character, '"'),
            header=node.get("header", descriptor.boolean, default=True),
            header_case=node.get("headerCase", descriptor.boolean, default=True),
        )


_PROPERTIES = ("delimiter", "quoteChar", "header", "headerCase", "encoding")
