"""Recognize GeoJSON objects by RFC 7946, and TopoJSON objects by their specification."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from chalicelib.validation.schema.field_types.json_shapes import ANY, NOTHING, Combination, Kinds, Shape, array_of

Check = Callable[[Any], bool]


def _array_of(check: Check, *, at_least: int = 0) -> Check:
    return lambda value: isinstance(value, list) and len(value) >= at_least and all(map(check, value))


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal)


def _is_ring(value: Any) -> bool:
    return _array_of(_is_position, at_least=4)(value) and value[0] == value[-1]


_is_position = _array_of(_is_number, at_least=2)
_is_line = _array_of(_is_position, at_least=2)

_COORDINATES: Mapping[str, Check] = MappingProxyType(
    {
        "Point": lambda value: value == [] or _is_position(value),
        "MultiPoint": _array_of(_is_position),
        "LineString": lambda value: value == [] or _is_line(value),
        "MultiLineString": _array_of(_is_line),
        "Polygon": _array_of(_is_ring),
        "MultiPolygon": _array_of(_array_of(_is_ring)),
    }
)


def is_geojson(value: Any) -> bool:
    """Return whether a JSON value is a geometry, a feature, or a collection of features."""
    if not isinstance(value, dict) or not _has_bounds(value):
        return False
    match value.get("type"):
        case "Feature":
            return _is_feature(value)
        case "FeatureCollection" if not value.keys() & {"coordinates", "geometries", "geometry", "properties"}:
            return _array_of(lambda each: isinstance(each, dict) and _is_feature(each))(value.get("features"))
    return _is_geometry(value)


def _has_bounds(value: dict[str, Any]) -> bool:
    return "bbox" not in value or (_array_of(_is_number, at_least=4)(value["bbox"]) and len(value["bbox"]) % 2 == 0)


def _is_feature(value: dict[str, Any]) -> bool:
    return (
        value.get("type") == "Feature"
        and not value.keys() & {"coordinates", "geometries", "features"}
        and _has_bounds(value)
        and "geometry" in value
        and (value["geometry"] is None or _is_geometry(value["geometry"]))
        and "properties" in value
        and isinstance(value["properties"], dict | None)
        and isinstance(value.get("id", ""), str | Decimal)
    )


def _is_geometry(value: Any) -> bool:
    if not isinstance(value, dict) or not _has_bounds(value) or value.keys() & {"geometry", "properties", "features"}:
        return False
    if value.get("type") == "GeometryCollection":
        return _array_of(_is_geometry)(value.get("geometries"))
    fits = _COORDINATES.get(str(value.get("type")))
    return fits is not None and fits(value.get("coordinates"))


def _is_arc_index(value: Any) -> bool:
    return isinstance(value, Decimal) and value == value.to_integral_value()


_is_arcs = _array_of(_is_arc_index)

_ARCS: Mapping[str, Check] = MappingProxyType(
    {
        "LineString": _is_arcs,
        "MultiLineString": _array_of(_is_arcs),
        "Polygon": _array_of(_is_arcs),
        "MultiPolygon": _array_of(_array_of(_is_arcs)),
    }
)


def is_topojson(value: Any) -> bool:
    """Return whether a JSON value is a topology, or a geometry of one."""
    if not isinstance(value, dict) or not _has_bounds(value):
        return False
    if value.get("type") == "Topology":
        objects = value.get("objects")
        return (
            isinstance(objects, dict)
            and all(map(is_topojson, objects.values()))
            and _array_of(_array_of(_is_position, at_least=2))(value.get("arcs"))
        )
    if value.get("type") == "GeometryCollection":
        return _array_of(is_topojson)(value.get("geometries"))
    if "type" in value and value["type"] is None:
        return True  # an empty geometry
    if value.get("type") in ("Point", "MultiPoint"):  # which may be a list
        return _is_geometry(value)
    fits = _ARCS.get(str(value.get("type")))
    return fits is not None and fits(value.get("arcs"))


# --- the same as shapes ---------------------------------------------------------------------------------------------

_NUMBER = Shape(kinds=Kinds.NUMBERS)
_POSITION = array_of(_NUMBER, at_least=2)
_LINE = array_of(_POSITION, at_least=2)
_RING = Shape(kinds=Kinds.ARRAY, items=_POSITION, size=(4, None), is_closed=True)
_BOUNDS = Shape(kinds=Kinds.ARRAY, items=_NUMBER, size=(4, None), is_even=True)
_EMPTY = Shape(kinds=Kinds.ARRAY, size=(0, 0))


def _or_empty(shape: Shape) -> Shape:
    return Shape(combination=Combination.ANY_OF, parts=(shape, _EMPTY))


_COORDINATE_SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "Point": _or_empty(_POSITION),
        "MultiPoint": array_of(_POSITION),
        "LineString": _or_empty(_LINE),
        "MultiLineString": array_of(_LINE),
        "Polygon": array_of(_RING),
        "MultiPolygon": array_of(array_of(_RING)),
    }
)


def _object(members: Mapping[str, Shape], *, optional: Mapping[str, Shape] | None = None) -> Shape:
    """Return the shape of an object with a type, these members, and perhaps a bounding box and others."""
    names = {"type": ANY, "bbox": _BOUNDS, **(optional or {}), **members}
    return Shape(kinds=Kinds.OBJECT, names=names, required=frozenset(members), chooser="type")


def _by_type(shapes: Mapping[str, Shape]) -> Shape:
    names = {f'"{name}"': shape for name, shape in shapes.items()}
    return Shape(combination=Combination.CHOICE, chooser="type", names=names, others=NOTHING)


def _without(*names: str) -> Mapping[str, Shape]:
    return dict.fromkeys(names, NOTHING)


def _geojson_shape() -> Shape:
    of_feature = _without("geometry", "properties", "features")
    geometries = {
        name: _object({"coordinates": shape}, optional=of_feature) for name, shape in _COORDINATE_SHAPES.items()
    }
    geometry = _by_type(geometries)
    geometry.names['"GeometryCollection"'] = _object({"geometries": array_of(geometry)}, optional=of_feature)
    feature = _object(
        {
            "geometry": Shape(combination=Combination.ANY_OF, parts=(Shape(kinds=Kinds.NULL), geometry)),
            "properties": Shape(kinds=Kinds.OBJECT | Kinds.NULL),
        },
        optional={
            "id": Shape(kinds=Kinds.STRING | Kinds.NUMBERS),
            **_without("coordinates", "geometries", "features"),
        },
    )
    features = _object(
        {"features": array_of(_by_type({"Feature": feature}))},
        optional=_without("coordinates", "geometries", "geometry", "properties"),
    )
    return Shape(
        combination=Combination.CHOICE,
        chooser="type",
        names={**geometry.names, '"Feature"': feature, '"FeatureCollection"': features},
        others=NOTHING,
    )


def _topojson_shape() -> Shape:
    arcs = array_of(Shape(kinds=Kinds.INTEGER))
    shape = Shape(combination=Combination.CHOICE, chooser="type", names={"null": _object({})}, others=NOTHING)
    of_feature = _without("geometry", "properties", "features")
    shapes = {
        "Topology": _object(
            {"objects": Shape(kinds=Kinds.OBJECT, others=shape), "arcs": array_of(array_of(_POSITION, at_least=2))}
        ),
        "GeometryCollection": _object({"geometries": array_of(shape)}),
        "LineString": _object({"arcs": arcs}),
        "MultiLineString": _object({"arcs": array_of(arcs)}),
        "Polygon": _object({"arcs": array_of(arcs)}),
        "MultiPolygon": _object({"arcs": array_of(array_of(arcs))}),
    }
    shapes |= {
        name: _object({"coordinates": _COORDINATE_SHAPES[name]}, optional=of_feature)
        for name in ("Point", "MultiPoint")
    }
    shape.names |= {f'"{name}"': each for name, each in shapes.items()}
    return shape


GEOJSON, TOPOJSON = _geojson_shape(), _topojson_shape()
