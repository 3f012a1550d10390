"""Texts for cells of objects, arrays, geopoints and GeoJSON."""

import json
from collections.abc import Sequence
from random import Random

from tests.fuzz.values.json_values import ARRAYS, GEOJSON, LON_LATS, ORDERS, PAIRS, TOPOJSON, Changing
from tests.fuzz.values.temporal import Descriptor


def objects(rng: Random, _: Descriptor) -> Sequence[str]:
    """Return texts for a column of objects."""
    made = [json.dumps({"a": rng.randint(0, 9), "b": rng.choice(("x", "é", [1], None))}) for _ in range(8)]
    odd = (
        "{}",
        '{"a":1,"a":2}',
        '{"a": NaN}',
        '{"a": 1e999999}',
        "{",
        "[]",
        "1",
        '{"a":"\\u0000"}',
        "{'a': 1}",
        ' {"a":1}',
    )
    return [*made, *odd, '{\n"a": 1}', *_changed(rng, ORDERS)]


def arrays(rng: Random, _: Descriptor) -> Sequence[str]:
    """Return texts for a column of arrays."""
    made = [json.dumps([rng.randint(0, 9) for _ in range(rng.randint(0, 4))]) for _ in range(8)]
    made += _changed(rng, ARRAYS)
    return [*made, "[]", "[1,]", "[[]]", '["a","b"]', "{}", "1", "[1, 1.0]", "[1.0]", "[" * 101 + "]" * 101, "[1"]


def places(rng: Random, descriptor: Descriptor) -> Sequence[str]:
    """Return texts for a column of geopoints in a format."""
    match descriptor.get("format"):
        case "array":
            odd = ["[90, 45]", "[90.5,45.5]", "[180, 90]", "[181, 0]", "[1]", "[1,2,3]", '["1","2"]', "90,45"]
            return [*odd, *_changed(rng, PAIRS)]
        case "object":
            odd = ['{"lon": 90, "lat": 45}', '{"lon": 181, "lat": 0}', '{"lon": 1}', '{"lat":1,"lon":2}', "{}"]
            return [*odd, *_changed(rng, LON_LATS)]
    return [
        "90, 45",
        "90.50,45.50",
        "-180,-90",
        "180,90",
        "180.1,0",
        "0,90.1",
        "1;2",
        "1,2,3",
        "1e1,2",
        "1e3, 2",
        "-.5, 090.0",
        "1,2E-1",
        "Peer, Emma",
        "+1,.5",
        "1 , 2",
    ]


def shapes(rng: Random, descriptor: Descriptor) -> Sequence[str]:
    """Return texts for a column of GeoJSON or TopoJSON."""
    if descriptor.get("format") == "topojson":
        made = ['{"type": "Topology", "objects": {}, "arcs": []}', '{"type": "Topology"}', '{"type": null}', "{}"]
        return [*made, *_changed(rng, TOPOJSON)]
    good = ('{"type":"Point","coordinates":[1,2]}', '{"type":"FeatureCollection","features":[]}')
    odd = ('{"type":"Point"}', '{"type":"Point","coordinates":[]}', "{}", "[]")
    return [*good, *odd, *_changed(rng, GEOJSON)]


def _changed(rng: Random, values: Sequence[object]) -> Sequence[str]:
    changing = Changing(values, rng)
    return [changing.text() for _ in range(12)]
