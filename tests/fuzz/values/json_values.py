"""Values of JSON of about the right form, and changes of them, for fields that ask for more than JSON of one kind."""

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

_POINT = {"type": "Point", "coordinates": [90.5, -45]}
_RING = [[[0, 0], [1, 0], [1, 1], [0.0, 0]]]
GEOJSON: Sequence[Any] = (
    _POINT,
    {"type": "Point", "coordinates": []},
    {"coordinates": [[1, 2, 3], [4, 5]], "bbox": [1, 2, 3, 4], "type": "LineString"},
    {"type": "MultiPoint", "coordinates": [[1, 2]]},
    {"type": "MultiLineString", "coordinates": [[[1, 2], [3, 4]]]},
    {"type": "Polygon", "coordinates": _RING},
    {"type": "MultiPolygon", "coordinates": [_RING, _RING]},
    {"type": "GeometryCollection", "geometries": [_POINT, {"type": "GeometryCollection", "geometries": [_POINT]}]},
    {"type": "Feature", "id": "a", "geometry": _POINT, "properties": {"coordinates": 1}},
    {"type": "Feature", "id": 7, "geometry": None, "properties": None},
    {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": _POINT, "properties": {}}]},
)
TOPOJSON: Sequence[Any] = (
    {"type": "Topology", "objects": {"a": {"type": "LineString", "arcs": [0]}}, "arcs": [[[1, 2], [3, 4]]]},
    {"type": None, "bbox": [1, 2, 3, 4]},
    {"type": ["Point"]},
    {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "arcs": [[0, 1.0]]}, _POINT]},
    {"type": "MultiPolygon", "arcs": [[[0, -1]]]},
)
ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "minimum": 1, "exclusiveMaximum": 100},
        "sku": {"type": "string", "pattern": "^[A-Z]{2}[0-9]+$"},
        "name": {"type": "string", "minLength": 2, "maxLength": 4},
        "state": {"enum": ["new", "paid", None, 3, 0.5, True]},
        "price": {"type": ["number", "null"], "multipleOf": 0.01},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}, "minItems": 1, "maxItems": 3},
        "more": {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1, "maxProperties": 2},
    },
    "required": ["id", "lines"],
    "additionalProperties": False,
    "$defs": {"line": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}},
}
ORDERS: Sequence[Any] = (
    {"id": 1, "sku": "AB12", "name": "Ané", "state": "new", "price": 1.25, "lines": [{"n": 1}, {"n": 2.0, "x": 1}]},
    {"id": 99, "lines": [{"n": 1}], "more": {"a": "x", "b": "y"}, "state": 3, "price": None},
)
CHOICES = {
    "items": {
        "anyOf": [{"type": "string"}, {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}],
        "not": {"const": "no"},
    },
}
NUMBERS = {
    "prefixItems": [{"oneOf": [{"multipleOf": 3}, {"multipleOf": 5}]}, {"if": {"minimum": 0}, "then": {"maximum": 9}}],
    "items": {"allOf": [{"minimum": -1.5}, {"exclusiveMinimum": -1.5, "maximum": 1e3}], "type": "number"},
}
NAMED = {
    "properties": {"id": {"minimum": 1}},
    "patternProperties": {"^[a-m]": {"type": ["integer", "string"]}, "[e-z]$": {"maxLength": 3}},
    "additionalProperties": {"type": "array"},
    "propertyNames": {"maxLength": 5, "pattern": "^[a-z\u00e9]*$"},
    "dependentRequired": {"id": ["lines"]},
    "dependentSchemas": {"sku": {"maxProperties": 3}},
}
WRITTEN = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "items": {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "maximum": 100},
    "dependencies": {"a": ["b"]},
}
UNIQUE = {"uniqueItems": True, "items": {"uniqueItems": True}}
PARTIAL = {"items": {"type": "integer"}, "uniqueItems": True, "contains": {"const": 1}}
EARLY = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "items": [{"type": "string", "pattern": "b"}, {"$ref": "#/definitions/n", "minimum": 5}],
    "additionalItems": {"type": "boolean"},
    "definitions": {"n": {"type": "integer"}},
}
PAIRS: Sequence[Any] = ([90.5, 45], [-180, 90.000], [180.1, 0], [0, -90.01])
LON_LATS: Sequence[Any] = ({"lon": 180, "lat": -90}, {"lat": 91, "lon": 0})
ARRAYS: Sequence[Any] = (["a", {"a": ["b"]}], ["no"], [5, 9, 1, 999.5], [15, -1, 1], [1, 2, 3], ["abc", 4, True])
FIELDS: Mapping[str, tuple[Mapping[str, Any], Sequence[Any]]] = {
    "geojson": ({"type": "geojson"}, GEOJSON),
    "topojson": ({"type": "geojson", "format": "topojson"}, (*TOPOJSON, *GEOJSON[:5])),
    "geojson enum": ({"type": "geojson", "constraints": {"enum": [_POINT]}}, GEOJSON[:3]),
    "pair": ({"type": "geopoint", "format": "array"}, PAIRS),
    "lon and lat": ({"type": "geopoint", "format": "object"}, LON_LATS),
    "lengths": (
        {"type": "object", "constraints": {"minLength": 2, "maxLength": 3}},
        ({"a": 1, "b": 2, "c": 3, "d": 4},),
    ),
    "no length": ({"type": "array", "constraints": {"minLength": 3, "maxLength": 1}}, ([1, [2]], [])),
    "order": ({"type": "object", "constraints": {"jsonSchema": ORDER, "maxLength": 5}}, ORDERS),
    "choices": ({"type": "array", "constraints": {"jsonSchema": CHOICES}}, ARRAYS),
    "numbers": ({"type": "array", "constraints": {"jsonSchema": NUMBERS}}, ARRAYS),
    "unique": (
        {"type": "array", "constraints": {"jsonSchema": UNIQUE}},
        ([1, "1", 2, "x", True, None, -1.5, 0], ["a", "é", "b"], [[1, 2], 3], [0, 10, 100]),
    ),
    "named": (
        {"type": "object", "constraints": {"jsonSchema": NAMED}},
        (*ORDERS, {"id": 3, "lines": [], "abc": 1, "q": [], "fe": "abc"}, {"\u00e9": []}, {"a": 1, "x": [], "m": 0}),
    ),
    "written": ({"type": "array", "constraints": {"jsonSchema": WRITTEN}}, ([1, 2, 99], [100, 5])),
    "partial": ({"type": "array", "constraints": {"jsonSchema": PARTIAL}}, ARRAYS),
    "early": ({"type": "array", "constraints": {"jsonSchema": EARLY}}, ARRAYS),
}
"""Fields, and values of about the right form."""
_SCALARS: Sequence[Any] = (
    *(None, True, False, 0, 1, 2, 3, 5, 7, -1, 0.5, -0.0, 1.50, 100, 1.005, 180, 10**20, "", "a", "no", "new", "AB1"),
    *("ab\n", "Aé", "\ud83d\ude00", "\ud800", "Point", "Feature", "LineString", [], {}, [1], [[1, 2]], {"a": ["x"]}),
)
_NUMBERS_AS_TEXTS = (
    *("-0", "0.0", "1", "1.00", "-1.50", "1.0", "100.00", "0.010", "12345678901234567890.5", "-180.0", "0.00050"),
    *("1e2", "1E-2", "0e7", "120e-2", "0.05e+1", "1e999", "-5E-4", "10e0", "1.0e1", "10e-1"),
)


class Changing:
    """Writes values as JSON with changes: other values, further, repeated or missing members and items."""

    def __init__(self, values: Sequence[Any], rng: Random) -> None:
        """Change these values."""
        self._rng = rng
        self._values = values
        self._names = ["a", "type", "id", "\u00e9"]
        self._rate = 0.0

    def text(self) -> str:
        """Return the text of a value, changed in some places."""
        self._rate = self._rng.choice((0, 0.02, 0.1, 0.3))
        text = self._written(self._rng.choice(self._values))
        if self._rng.random() < 0.1:
            at = self._rng.randrange(len(text) + 1)
            text = text[:at] + self._rng.choice(" \t,]}[{\"'1") + text[at + self._rng.randrange(2) :]
        return text

    def _written(self, value: Any) -> str:
        rng = self._rng
        if rng.random() < self._rate:
            if rng.random() < 0.3:
                return rng.choice(_NUMBERS_AS_TEXTS)
            value = rng.choice((*_SCALARS, *self._values))
        if isinstance(value, dict):
            members = [
                (name, self._written(member)) for name, member in value.items() if rng.random() >= self._rate / 2
            ]
            if members and rng.random() < self._rate:
                members.append((rng.choice([*self._names, *value]), self._written(rng.choice(_SCALARS))))
            if rng.random() < self._rate:
                rng.shuffle(members)
            return "{" + self._comma().join(f"{self._text(name)}:{self._space()}{text}" for name, text in members) + "}"
        if isinstance(value, list):
            items = [self._written(item) for item in value if rng.random() >= self._rate / 2]
            items += [rng.choice(items)] if items and rng.random() < self._rate else []
            return "[" + self._space() + self._comma().join(items) + "]"
        return self._text(value) if isinstance(value, str) else json.dumps(value)

    def _text(self, text: str) -> str:
        has_surrogate = any("\ud800" <= character <= "\udfff" for character in text)
        written = json.dumps(text, ensure_ascii=has_surrogate or self._rng.random() < 0.5)
        if text.isalnum() and self._rng.random() < self._rate / 4:
            written = f'"\\u{ord(text[0]):04x}{written[2:]}' if text[0].isascii() else written
        return written

    def _comma(self) -> str:
        return "," + self._space()

    def _space(self) -> str:
        return self._rng.choice(("", "", "", " ", "\n "))
