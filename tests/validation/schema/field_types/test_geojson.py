"""GeoJSON by RFC 7946, and TopoJSON by its specification."""

import json
from typing import Any

import pytest

from tests.validation.schema.field_types.compiled import compiled

RING = [[0, 0], [1, 0], [1, 1], [0, 0]]
POINT = {"type": "Point", "coordinates": [90.5, 45.5]}
LINE = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
FEATURE = {"type": "Feature", "geometry": POINT, "properties": {"a": 1}}
TOPOLOGY = {"type": "Topology", "objects": {"a": {"type": "LineString", "arcs": [0]}}, "arcs": [[[0, 0], [1, 1]]]}


def geometry(kind: str, coordinates: Any) -> dict[str, Any]:
    """Return a geometry."""
    return {"type": kind, "coordinates": coordinates}


@pytest.mark.parametrize(
    "value",
    [
        POINT,
        geometry("Point", [1, 2, 3]),
        geometry("Point", []),
        geometry("MultiPoint", []),
        geometry("MultiPoint", [[1, 2], [3, 4]]),
        LINE,
        geometry("MultiLineString", [[[0, 0], [1, 1]], [[2, 2], [3, 3]]]),
        geometry("Polygon", [RING]),
        geometry("Polygon", [RING, RING]),
        geometry("Polygon", [[[0, 0], [1, 0], [1, 1], [0.0, 0e5]]]),
        geometry("Polygon", []),
        geometry("MultiPolygon", [[RING], [RING, RING]]),
        {"type": "GeometryCollection", "geometries": []},
        {"type": "GeometryCollection", "geometries": [POINT, LINE]},
        {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": [POINT]}]},
        FEATURE,
        {**FEATURE, "geometry": None, "properties": None},
        {**FEATURE, "id": "x"},
        {**FEATURE, "id": 7},
        {"type": "FeatureCollection", "features": []},
        {"type": "FeatureCollection", "features": [FEATURE, FEATURE]},
        {**POINT, "bbox": [0, 0, 1, 1]},
        {**POINT, "bbox": [0, 0, 0, 1, 1, 1]},
        {**POINT, "title": "members of one's own are allowed"},
    ],
)
def test_geojson_is_a_geometry_or_a_feature_or_features(value: Any) -> None:
    """The objects of RFC 7946 are accepted."""
    assert compiled(type="geojson").parse(json.dumps(value)) is not None


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        [POINT],
        "Point",
        7,
        None,
        {"type": "Point"},
        {"type": "point", "coordinates": [1, 2]},
        {"type": "Circle", "coordinates": [1, 2]},
        {"type": None, "coordinates": [1, 2]},
        {"type": ["Point"], "coordinates": [1, 2]},
        {"coordinates": [1, 2]},
        geometry("Point", None),
        geometry("Point", "1,2"),
        geometry("Point", [1]),
        geometry("Point", ["1", "2"]),
        geometry("Point", [1, None]),
        geometry("Point", [True, False]),
        geometry("Point", [[1, 2]]),
        geometry("MultiPoint", [1, 2]),
        geometry("LineString", [[0, 0]]),
        geometry("LineString", [0, 0]),
        geometry("MultiLineString", [[0, 0], [1, 1]]),
        geometry("Polygon", RING),
        geometry("Polygon", [[[0, 0], [1, 0], [0, 0]]]),
        geometry("Polygon", [[[0, 0], [1, 0], [1, 1], [0, 1]]]),
        geometry("MultiPolygon", [RING]),
        {"type": "GeometryCollection"},
        {"type": "GeometryCollection", "geometries": [FEATURE]},
        {"type": "GeometryCollection", "geometries": POINT},
        {"type": "Feature", "geometry": POINT},
        {"type": "Feature", "properties": {}},
        {**FEATURE, "geometry": FEATURE},
        {**FEATURE, "geometry": []},
        {**FEATURE, "properties": []},
        {**FEATURE, "id": [1]},
        {"type": "FeatureCollection"},
        {"type": "FeatureCollection", "features": [POINT]},
        {"type": "FeatureCollection", "features": [None]},
        {"type": "FeatureCollection", "features": FEATURE},
        {**POINT, "bbox": [0, 0]},
        {**POINT, "bbox": "0,0,1,1"},
        TOPOLOGY,
    ],
)
def test_other_json_is_no_geojson(value: Any) -> None:
    """Missing members, members of another kind, and open rings are refused."""
    assert compiled(type="geojson").parse(json.dumps(value)) is None


@pytest.mark.parametrize(
    "value",
    [
        TOPOLOGY,
        {"type": "Topology", "objects": {}, "arcs": []},
        {**TOPOLOGY, "bbox": [0, 0, 1, 1], "transform": {"scale": [1, 1], "translate": [0, 0]}},
        {"type": "Topology", "objects": {"a": {"type": "GeometryCollection", "geometries": [POINT]}}, "arcs": []},
        POINT,
        {"type": "MultiPoint", "coordinates": [[1, 2]]},
        {"type": "LineString", "arcs": [0, -1, ~2]},
        {"type": "MultiLineString", "arcs": [[0], [1]]},
        {"type": "Polygon", "arcs": [[0, 1]]},
        {"type": "MultiPolygon", "arcs": [[[0, 1]], [[2]]]},
    ],
)
def test_topojson_is_a_topology_or_a_geometry_of_one(value: Any) -> None:
    """Points have coordinates; other geometries refer to arcs."""
    assert compiled(type="geojson", format="topojson").parse(json.dumps(value)) is not None


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        LINE,
        FEATURE,
        {"type": "Topology"},
        {"type": "Topology", "objects": {}},
        {"type": "Topology", "arcs": []},
        {"type": "Topology", "objects": [], "arcs": []},
        {"type": "Topology", "objects": {"a": LINE}, "arcs": []},
        {"type": "Topology", "objects": {"a": None}, "arcs": []},
        {"type": "Topology", "objects": {}, "arcs": [[[0, 0]]]},
        {"type": "LineString", "arcs": [0.5]},
        {"type": "LineString", "arcs": [[0]]},
        {"type": "LineString", "arcs": "0"},
        {"type": "Polygon", "arcs": [0]},
        {"type": "Circle", "arcs": [0]},
        {"type": ["Point"]},
        {**TOPOLOGY, "bbox": []},
    ],
)
def test_other_json_is_no_topojson(value: Any) -> None:
    """GeoJSON's lines and features are not TopoJSON."""
    assert compiled(type="geojson", format="topojson").parse(json.dumps(value)) is None


@pytest.mark.parametrize("form", ["default", "topojson"])
@pytest.mark.parametrize("text", ["", "{", "POINT(1 2)", "{'type': 'Point'}", '{"type":"Point","coordinates":[NaN,1]}'])
def test_what_is_not_json_is_neither(form: str, text: str) -> None:
    """Text that is not JSON, such as WKT, is neither."""
    assert compiled(type="geojson", format=form).parse(text) is None
