"""The column type of each field: what PostgreSQL stores, and how a cell's text is written for it.

Every type holds the values of its field exactly. What PostgreSQL cannot hold raises `OutOfBounds` with the bound. A
text that PostgreSQL reads as the same value is passed on as it stands: `verbatim` is an expression of such texts.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from attrs import frozen

from chalicelib.loading import literals
from chalicelib.loading.literals import Write
from chalicelib.validation.schema.field_types import TEXT, FieldType
from chalicelib.validation.schema.field_types.calendar import DAY, TIME


@frozen(kw_only=True)
class ColumnType:
    """A type of PostgreSQL for the values of a field."""

    name: str
    """As `format_type` writes it."""
    write: Write
    """Return the text of a cell's value for PostgreSQL; raises OutOfBounds."""
    verbatim: str | None = None
    """An expression of texts that PostgreSQL reads as the same value; None if there are none."""


_INTEGER = r"[+-]?[0-9]{1,18}"
_NUMBER = r"[+-]?(?:[0-9]{1,100}(?:\.[0-9]{0,100})?|\.[0-9]{1,100})"
_MOMENT = rf"{DAY}T{TIME}(?:\.[0-9]{{1,6}})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
"""A time without a zone counts as UTC, which is the zone of the session."""
_YEAR = "-?[0-9]{4}"
_TRUE = frozenset({"t", "true", "y", "yes", "on", "1"})
_FALSE = frozenset({"f", "false", "n", "no", "off", "0"})
"""What PostgreSQL reads as true and false, in any case."""

_ITEMS: Mapping[str, str] = MappingProxyType(
    {
        "string": "text",
        "integer": "bigint",
        "number": "numeric",
        "boolean": "boolean",
        "date": "date",
        "time": "time without time zone",
        "datetime": "timestamp with time zone",
    }
)
"""The type of the items of a list."""


def column_types(field: Mapping[str, Any], kind: FieldType) -> tuple[ColumnType, ...]:
    """Return the types that hold every value of a field: first that of the DDL, then those that a table may have."""
    return _TYPES[field.get("type", "any")](field, kind)


def _text(_: Mapping[str, Any], __: FieldType) -> tuple[ColumnType, ...]:
    return tuple(ColumnType(name=name, write=str, verbatim=TEXT) for name in ("text", "character varying"))


def _integer(field: Mapping[str, Any], kind: FieldType) -> tuple[ColumnType, ...]:
    plain = field.get("bareNumber", True) and not field.get("groupChar")
    verbatim = _INTEGER if plain else None
    return (
        ColumnType(name="bigint", write=literals.bigint(kind), verbatim=verbatim),
        ColumnType(name="numeric", write=literals.number(kind), verbatim=verbatim),
    )


def _number(field: Mapping[str, Any], kind: FieldType) -> tuple[ColumnType, ...]:
    plain = field.get("bareNumber", True) and not field.get("groupChar") and field.get("decimalChar", ".") == "."
    return (ColumnType(name="numeric", write=literals.number(kind), verbatim=_NUMBER if plain else None),)


def _boolean(_: Mapping[str, Any], kind: FieldType) -> tuple[ColumnType, ...]:
    words = kind.examples
    same = all(word.lower() in (_TRUE if kind.parse(word) else _FALSE) for word in words)
    return (ColumnType(name="boolean", write=literals.boolean(kind), verbatim=kind.form if same else None),)


def _temporal(name: str, verbatim: str, write: Callable[[FieldType], Write]) -> "_Choose":
    def choose(field: Mapping[str, Any], kind: FieldType) -> tuple[ColumnType, ...]:
        plain = field.get("format", "default") == "default"
        return (ColumnType(name=name, write=write(kind), verbatim=verbatim if plain else None),)

    return choose


def _list(field: Mapping[str, Any], kind: FieldType) -> tuple[ColumnType, ...]:
    item = field.get("itemType", "string")
    return (ColumnType(name=f"{_ITEMS[item]}[]", write=literals.array(kind, item)),)


_Choose = Callable[[Mapping[str, Any], FieldType], tuple[ColumnType, ...]]
_TYPES: Mapping[str, _Choose] = MappingProxyType(
    {
        "string": _text,
        "any": _text,
        "yearmonth": _text,
        "integer": _integer,
        "number": _number,
        "boolean": _boolean,
        "date": _temporal("date", DAY, literals.date_),
        "time": _temporal("time without time zone", TIME, literals.time_),
        "datetime": _temporal("timestamp with time zone", _MOMENT, literals.moment),
        "year": lambda _, kind: (ColumnType(name="bigint", write=literals.bigint(kind), verbatim=_YEAR),),
        "duration": lambda _, __: (ColumnType(name="interval", write=literals.interval),),
        "object": lambda _, kind: (ColumnType(name="jsonb", write=literals.json_(kind)),),
        "array": lambda _, kind: (ColumnType(name="jsonb", write=literals.json_(kind)),),
        "geojson": lambda _, kind: (ColumnType(name="jsonb", write=literals.json_(kind)),),
        "geopoint": lambda _, kind: (ColumnType(name="numeric[]", write=literals.point(kind)),),
        "list": _list,
    }
)
"""The types of Table Schema; docs/loading.md lists them for readers."""
