"""The kernel decides by shapes whether JSON fits as the reference decides by values."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import ValidationError, validate
from chalicelib.validation.fast.native.findings import Findings
from chalicelib.validation.schema.table_schema import Schema
from tests.fuzz.json_schemas import json_schema
from tests.fuzz.values.json_values import ARRAYS, FIELDS, ORDERS, Changing
from tests.validation.fast.native.kernels import needs_kernel


def found(engine: str, schema: Schema, texts: Sequence[str]) -> Sequence[ValidationError]:
    """Return the errors that an engine finds in a column of these texts."""
    data = "".join('"' + text.replace('"', '""') + '"\n' for text in texts).encode()
    return validate([data], schema, dialect={"header": False}, engine=engine, max_errors=9 * len(texts)).errors


def schema_of(properties: Mapping[str, Any]) -> Schema:
    """Compile a schema of one field."""
    return Schema.from_descriptor({"fields": [{"name": "a", **properties}]})


@needs_kernel
@pytest.mark.parametrize("name", FIELDS)
def test_kernel_and_reference_find_the_same_in_json(name: str) -> None:
    """Of each field, in values that nearly fit: also with repeated names, escapes and exponents."""
    properties, values = FIELDS[name]
    schema = schema_of(properties)
    changing = Changing(values, Random(name))  # noqa: S311 - the same every time
    texts = [changing.text() for _ in range(1_000)]
    expected = found("reference", schema, texts)
    assert expected == found("native", schema, texts)
    wrong = {error.row for error in expected}
    assert wrong
    assert len(wrong) < len(texts) or name == "no length"


@needs_kernel
@pytest.mark.parametrize("seed", range(40))
def test_kernel_and_reference_agree_on_any_json_schema(seed: int) -> None:
    """Of any draft, with any keywords."""
    rng = Random(seed)  # noqa: S311 - the same every time
    kind, values = rng.choice((("array", ARRAYS), ("object", ORDERS)))
    try:
        schema = schema_of({"type": kind, "constraints": {"jsonSchema": json_schema(rng)}})
    except SchemaInvalid:
        return
    changing = Changing(values, rng)
    texts = [changing.text() for _ in range(100)]
    assert found("reference", schema, texts) == found("native", schema, texts)


@needs_kernel
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("geojson", '{"coordinates":[[1,2],[3,4.50]],"type":"LineString"}'),
        ("geojson", '{"coordinates":[[1,2]],"type":"LineString"}'),
        ("topojson", '{"type":"Topology","objects":{},"arcs":[[[1,2],[3,4]]]}'),
        ("pair", "[180, -90.0]"),
        ("lon and lat", '{"lat":90.5,"lon":0}'),
        ("lengths", '{"a":1,"b":2}'),
        ("lengths", '{"a":1,"b":2,"c":3,"d":4}'),
        ("order", '{"id":1,"lines":[{"n":1}],"sku":"AB1","price":0.25,"name":"An\\u00e9","state":"paid"}'),
        ("order", '{"id":1,"lines":[{"n":1}],"price":0.255}'),
        ("choices", '[{"a":["b"]}]'),
        ("partial", "[1.5]"),
    ],
)
def test_kernel_decides_without_the_reference(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fits, and what does not."""
    schema = schema_of(FIELDS[name][0])
    expected = found("reference", schema, [text])
    monkeypatch.setattr(Findings, "_judge", None)
    assert expected == found("native", schema, [text])


@needs_kernel
def test_schema_that_reads_values_again_at_every_level_is_left_to_the_reference() -> None:
    """It would take the kernel 2 to the power of 50 steps; the reference knows what it has evaluated."""
    again = {"items": {"$ref": "#"}}
    schema = schema_of({"type": "array", "constraints": {"jsonSchema": {"anyOf": [{**again, "minItems": 2}, again]}}})
    text = "[" * 50 + "]" * 50
    assert found("reference", schema, [text]) == found("native", schema, [text])
