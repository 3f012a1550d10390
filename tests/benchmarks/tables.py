"""The rules for cells, as a Table Schema descriptor and as equivalent regular expressions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

_DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_SPACE = r"[ \t\r\n]*"
_LONG_MONTH = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
_SHORT_MONTH = "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
_FEBRUARY = "02-(?:0[1-9]|1[0-9]|2[0-8])"
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DATE = f"(?:[0-9]{{4}}-(?:{_LONG_MONTH}|{_SHORT_MONTH}|{_FEBRUARY})|{_LEAP_YEAR}-02-29)"
_CLOCK = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_ZONE = "(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_EMAIL = r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}"
_COLOURS = ("red", "green", "blue")
_PART = "AB-[0-9]{5}"
_ULID = "[0-9A-HJKMNP-TV-Z]{26}"


@frozen(kw_only=True)
class Kind:
    """A rule for cells that every contender can check."""

    name: str
    type: Mapping[str, Any]
    """The properties of a field in a descriptor."""
    constraints: Mapping[str, Any] = field(factory=dict)
    expression: str | None
    """What a whole cell must match, in the syntax common to re, RE2 and Rust's regex; None if any text is valid."""


INTEGER = Kind(name="integer", type={"type": "integer", "format": "decimal"}, expression="[+-]?[0-9]+")
TEXT = Kind(name="text", type={"type": "string"}, expression=None)
EMAIL = Kind(name="email", type={"type": "string"}, constraints={"pattern": _EMAIL}, expression=_EMAIL)
DECIMAL = Kind(name="decimal", type={"type": "number", "format": "decimal"}, expression=_DECIMAL)
DATE = Kind(name="date", type={"type": "date"}, expression=_DATE)
BOOLEAN = Kind(
    name="boolean",
    type={"type": "boolean", "trueValues": ["true"], "falseValues": ["false"]},
    expression="(?:true|false)",
)
DATETIME = Kind(name="datetime", type={"type": "datetime"}, expression=f"{_DATE}T{_CLOCK}{_ZONE}")
COLOUR = Kind(
    name="colour",
    type={"type": "string"},
    constraints={"enum": list(_COLOURS)},
    expression=f"(?:{'|'.join(_COLOURS)})",
)
PART = Kind(name="part", type={"type": "string"}, constraints={"pattern": _PART}, expression=_PART)
NUMBER = Kind(
    name="number",
    type={"type": "number"},
    expression=f"{_SPACE}(?:{_DECIMAL}(?:[eE][+-]?[0-9]+)?|[nN][aA][nN]|-?[iI][nN][fF]){_SPACE}",
)
ULID = Kind(name="ulid", type={"type": "string"}, constraints={"pattern": _ULID}, expression=_ULID)

TEN_KINDS = (INTEGER, TEXT, EMAIL, DECIMAL, DATE, BOOLEAN, DATETIME, COLOUR, PART, NUMBER)


@frozen(kw_only=True)
class Column:
    """A column of a table."""

    name: str
    kind: Kind
    required: bool = True
    unique: bool = False

    @property
    def expression(self) -> str | None:
        """What a whole cell must match, including an empty cell where it is allowed; None if any text is valid."""
        expression = self.kind.expression
        return expression if expression is None or self.required else f"(?:{expression})?"

    @property
    def is_free(self) -> bool:
        """Whether every cell is valid, so that there is nothing to check."""
        return self.kind.expression is None and not self.required

    def descriptor(self) -> dict[str, Any]:
        """Return the column as a field of a Table Schema."""
        constraints: dict[str, Any] = dict(self.kind.constraints)
        if self.required:
            constraints["required"] = True
            if self.kind is TEXT:
                constraints["minLength"] = 1
        if self.unique:
            constraints["unique"] = True
        return {"name": self.name, **self.kind.type, "constraints": constraints}


@frozen(kw_only=True)
class Table:
    """The columns of a file and their rules."""

    columns: Sequence[Column]
    primary_key: str | None = None

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.columns]

    @property
    def checked(self) -> list[tuple[int, Column]]:
        """The columns that need a check, with their 1-based positions."""
        return [(at, column) for at, column in enumerate(self.columns, 1) if not column.is_free]

    @property
    def keys(self) -> list[tuple[int, Column]]:
        """The columns whose values must be unique, with their 1-based positions."""
        return [
            (at, column)
            for at, column in enumerate(self.columns, 1)
            if column.unique or column.name == self.primary_key
        ]

    def descriptor(self) -> dict[str, Any]:
        """Return the table as a Table Schema."""
        key = {"primaryKey": self.primary_key} if self.primary_key else {}
        return {"fields": [column.descriptor() for column in self.columns], **key}


def _columns(kinds: Iterable[tuple[str, Kind]], *, required: bool = True) -> tuple[Column, ...]:
    return tuple(Column(name=name, kind=kind, required=required) for name, kind in kinds)


_CUSTOMER = (("name", TEXT), ("email", EMAIL), ("amount", DECIMAL))

CUSTOMERS = Table(columns=_columns([("id", INTEGER), *_CUSTOMER]))
NUMBERED = Table(columns=CUSTOMERS.columns, primary_key="id")
KEYED = Table(columns=(Column(name="key", kind=ULID, unique=True), *_columns(_CUSTOMER)))
WIDE = Table(columns=_columns((f"{kind.name}_{group}", kind) for group in range(1, 6) for kind in TEN_KINDS))
FIVE_HUNDRED = Table(columns=_columns((f"integer_{number}", INTEGER) for number in range(1, 501)))
SPARSE = Table(columns=_columns(((kind.name, kind) for kind in TEN_KINDS), required=False))
