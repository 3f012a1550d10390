"""Values that have parts: JSON, lists, points and geometries."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NoReturn

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.causes.structures import json_cause, list_cause, point_cause, split
from chalicelib.validation.schema.field_types import numbers, ranges, text, times
from chalicelib.validation.schema.field_types.field_type import LENGTHS, TEXT, Bound, FieldType, Value, format_of
from chalicelib.validation.schema.field_types.geojson import GEOJSON, TOPOJSON, is_geojson, is_topojson
from chalicelib.validation.schema.field_types.json_shapes import NOTHING, Kinds, Shape

_JSON = (*LENGTHS, "jsonSchema")
_MAX_KNOWN = 10_000
"""How many different items of a list share their values with equal ones. A cell of 4 MiB may have two million items."""
_SMALL = {str(number): Decimal(number) for number in range(1_000)}
"""Numbers that large JSON values share, for the same reason."""


def object_(node: Node) -> FieldType:
    """Compile the type of JSON objects."""
    format_of(node)
    return _json_type("a JSON object", '{"a": 1}', dict, "an object")


def array(node: Node) -> FieldType:
    """Compile the type of JSON arrays."""
    format_of(node)
    return _json_type("a JSON array", "[1, 2]", list, "an array")


def _json_type(expected: str, example: str, kind: type[dict[str, Any]] | type[list[Any]], name: str) -> FieldType:
    parse = _json_of(kind)
    return FieldType(
        expected=expected,
        examples=(example, "{}" if kind is dict else "[]"),
        parse=parse,
        cause=json_cause(parse, parse_json, name),
        parts=("member", "members") if kind is dict else ("item", "items"),
        constraints=_JSON,
        json=kind,
    )


def list_(node: Node) -> FieldType:
    """Compile the type of lists: items of one type in its default format, with a delimiter between them."""
    format_of(node)
    delimiter = node.get("delimiter", descriptor.string, ",") or node.refuse("the delimiter is empty")
    name = node.get("itemType", descriptor.one_of(*_ITEM_TYPES), "string")
    item = _ITEM_TYPES[name](Node({}, node.path))

    def parse(cell: str) -> Value | None:
        values: list[Value] = []
        known: dict[str, Value] = {}
        for part in split(cell, delimiter):
            value = known.get(part)
            if value is None:
                value = item.parse(part)
                if value is None:
                    return None
                if len(known) < _MAX_KNOWN:
                    known[part] = value
            values.append(value)
        return values

    def of_json(value: Any) -> Value | None:
        values = [item.literal(part) for part in value] if isinstance(value, list) else [None]
        return None if None in values else values

    def write(value: Any) -> str | None:
        return delimiter.join(map(item.text_of, value)) if isinstance(value, list) else None

    words = item.examples or ("a", "b")
    return FieldType(
        expected=f"a list of items, each {item.expected}",
        parse=parse,
        examples=tuple(delimiter.join((words * length)[:length]) for length in (2, 1, 3, 4, 5, 10)),
        cause=list_cause(item.parse, item.expected, delimiter),
        write=write,
        parts=("item", "items"),
        form=_list_form(item, delimiter),
        is_whole=item.is_whole,
        delimiter=delimiter,
        of_length=lambda least, most: _list_of_length(delimiter, least, most),
        constraints=LENGTHS,
        parse_json=of_json,
    )


def _list_form(item: FieldType, delimiter: str) -> str | None:
    """Return the expression of lists; None if an item might contain a part of the delimiter."""
    if item.form in {None, TEXT}:
        return item.form
    if any(character.isalnum() or character.isspace() or character in "+-.:_" for character in delimiter):
        return None
    return rf"(?:{item.form})(?:{re.escape(delimiter)}(?:{item.form}))*"


_MOST_COUNTED = 100
"""An expression that counts more items needs too large an automaton."""


def _list_of_length(delimiter: str, least: int, most: int | None) -> str | None:
    """Return the expression of the texts that have this number of items, or None."""
    if most == 0:
        return ranges.NOTHING
    if least <= 1 and most is None:
        return TEXT
    if len(delimiter) > 1 or max(least, most or 0) > _MOST_COUNTED:
        return None
    mark = re.escape(delimiter)
    return f"[^{mark}]*(?:{mark}[^{mark}]*){{{max(least - 1, 0)},{'' if most is None else most - 1}}}"


def geopoint(node: Node) -> FieldType:
    """Compile the type of points: a longitude and a latitude in degrees."""
    match format_of(node, "array", "object"):
        case "array":
            return _point("a longitude and a latitude", "[90.5, 45.5]", _pair, _PAIR)
        case "object":
            return _point("a longitude and a latitude", '{"lon": 90.5, "lat": 45.5}', _lon_lat, _LON_LAT)
    return FieldType(
        expected="a longitude and a latitude",
        parse=_parse_geopoint,
        examples=("90.5, 45.5",),
        form=rf" *{_up_to('180', '1[0-7][0-9]|[0-9]{1,2}')} *, *{_up_to('90', '[0-8]?[0-9]')} *",
        doubtful=r"(?s:.*[0-9.][eE][+-]?[0-9].*)",
        cause=point_cause(_parse_geopoint),
    )


def _point(expected: str, example: str, read: Callable[[str], Value | None], shape: Shape) -> FieldType:
    parse = _point_in(read)
    is_object = example.startswith("{")
    cause = json_cause(parse, parse_json, "an object" if is_object else "an array")
    return FieldType(
        expected=expected,
        parse=parse,
        examples=(example,),
        cause=cause,
        json=dict if is_object else list,
        shape=shape,
    )


def geojson(node: Node) -> FieldType:
    """Compile the type of GeoJSON (RFC 7946) or TopoJSON objects."""
    if format_of(node, "topojson") == "topojson":
        return _shape("a TopoJSON object", '{"type": "Topology", "objects": {}, "arcs": []}', is_topojson, TOPOJSON)
    return _shape("a GeoJSON object", '{"type": "Point", "coordinates": [90.5, 45.5]}', is_geojson, GEOJSON)


def _shape(expected: str, example: str, fits: Callable[[Any], bool], shape: Shape) -> FieldType:
    parse = _json_that(fits)
    cause = json_cause(parse, parse_json, "an object")
    return FieldType(expected=expected, parse=parse, examples=(example,), cause=cause, json=dict, shape=shape)


_ITEM_TYPES: Mapping[str, Callable[[Node], FieldType]] = MappingProxyType(
    {
        "string": text.string,
        "integer": numbers.integer,
        "number": numbers.number,
        "boolean": text.boolean,
        "date": times.date_,
        "time": times.time_,
        "datetime": times.datetime_,
    }
)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _whole(digits: str) -> Decimal:
    return _SMALL.get(digits) or Decimal(digits)


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_int=_whole, parse_constant=_refuse_constant)


def parse_json(cell: str) -> Any:
    """Parse JSON (RFC 8259) with exact numbers, without NaN and infinities, nested at most 100 deep.

    Raises ValueError.
    """
    try:
        value = _DECODER.decode(cell)
    except (RecursionError, ArithmeticError) as error:
        raise ValueError("nested too deeply, or with a number beyond the limits") from error
    # Most cells have too few brackets to be looked at.
    if cell.count("[") + cell.count("{") >= _DEPTH and descriptor.is_deeper(value, _DEPTH):
        raise ValueError("nested too deeply")
    return value


_DEPTH = 100


def _json_of(kind: type[Any]) -> Callable[[str], Value | None]:
    return _json_that(lambda value: isinstance(value, kind))


def _json_that(fits: Callable[[Any], bool]) -> Callable[[str], Value | None]:
    def parse(cell: str) -> Value | None:
        try:
            value: Value = parse_json(cell)
        except ValueError:
            return None
        return value if fits(value) else None

    return parse


def _pair(cell: str) -> Value | None:
    """Parse an array of two items; others are not parsed, which could take much memory."""
    return _json_of(list)(cell) if cell.count(",") == 1 else None


def _lon_lat(cell: str) -> Value | None:
    value = _json_of(dict)(cell)
    return [value["lon"], value["lat"]] if isinstance(value, dict) and set(value) == {"lon", "lat"} else None


def _point_in(read: Callable[[str], Value | None]) -> Callable[[str], Value | None]:
    def parse(cell: str) -> Value | None:
        point = read(cell)
        return point if isinstance(point, list) and _is_position(point) else None

    return parse


_number = numbers.number(Node({})).parse


def _coordinate(text: str) -> Value | None:
    """Parse a number without white space around it."""
    return _number(text) if text == text.strip() else None


def _up_to(limit: str, below: str) -> str:
    """Return the expression of numbers without an exponent, given that of the whole numbers below the limit."""
    return rf"[+-]?(?:0*(?:{limit}(?:\.0*)?|(?:{below})(?:\.[0-9]*)?)|\.[0-9]+)"


def _parse_geopoint(cell: str) -> Value | None:
    point = [_coordinate(part.strip(" ")) for part in cell.split(",", len("xy"))]
    return point if _is_position(point) else None


_LIMITS = (180, 90)
"""Of longitudes and latitudes, and of the same with a minus."""


def _is_position(point: list[Any]) -> bool:
    return len(point) == len(_LIMITS) and all(
        isinstance(coordinate, Decimal) and -limit <= coordinate <= limit
        for coordinate, limit in zip(point, _LIMITS, strict=True)
    )


def _degrees(limit: int) -> Sequence[Bound]:
    return [Bound(Decimal(sign * limit), is_least=sign < 0, is_exclusive=False) for sign in (-1, 1)]


_LON, _LAT = (Shape(kinds=Kinds.NUMBERS, bounds=_degrees(limit)) for limit in _LIMITS)
_PAIR = Shape(kinds=Kinds.ARRAY, parts=(_LON, _LAT), size=(2, 2))
_LON_LAT = Shape(
    kinds=Kinds.OBJECT,
    names={"lon": _LON, "lat": _LAT},
    required=frozenset({"lon", "lat"}),
    others=NOTHING,
)
