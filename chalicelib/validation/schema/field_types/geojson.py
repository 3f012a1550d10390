"""Recognize GeoJSON objects by RFC 7946, and TopoJSON objects by their specification."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

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
    if value.get("type") in {"Point", "MultiPoint"}:
        return _is_geometry(value)
    fits = _ARCS.get(str(value.get("type")))
    return fits is not None and fits(value.get("arcs"))
