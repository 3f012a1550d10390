"""The label that the kernel gives a cell means the faults that the reference finds."""

import tracemalloc
from collections.abc import Mapping, Sequence
from io import BytesIO
from random import Random
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import validate
from chalicelib.validation.checking.cells import check_cell
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.findings import Findings
from chalicelib.validation.fast.native.judging import judgement
from chalicelib.validation.fast.native.tables import Ends
from chalicelib.validation.report import ValidationError
from chalicelib.validation.schema.table_schema import Schema
from tests.fuzz.schemas import table
from tests.validation.fast.native.kernels import needs_kernel

ENDS = Ends(unquoted=b",\r\n", quoted=b'"')


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ({"type": "string"}, c.FREE),
        ({"type": "string", "constraints": {"maxLength": 255}}, c.FREE),
        ({"type": "integer"}, c.SHIFTS),
        ({"type": "date"}, c.LAYERED),
        ({"type": "datetime"}, c.SHUFFLES),
        ({"type": "string", "format": "email"}, c.PLAIN),
        ({"type": "string", "format": "uuid", "constraints": {"minLength": 36}}, c.LAYERED),
        ({"type": "object"}, c.SHIFTS),
    ],
)
def test_each_type_gets_the_fastest_kind_of_automaton_that_has_room(field: Mapping[str, Any], kind: int) -> None:
    """The number of states that are possible at one position decides."""
    schema = Schema.from_descriptor({"fields": [{"name": "a", **field}]})
    assert kind == judgement(schema.fields[0], ENDS).kind


@needs_kernel
@pytest.mark.parametrize("seed", range(40))
def test_cells_are_judged_as_the_reference_judges_them(seed: int) -> None:
    """Random fields and texts, quoted and unquoted."""
    made = table(Random(seed))  # noqa: S311 - the same every time
    try:
        schema = Schema.from_descriptor({"fields": [dict(made.columns[0].descriptor)]})
    except SchemaInvalid:
        return
    field = schema.fields[0]
    texts = [text for text in (*made.columns[0].right, *made.columns[0].wrong) if text and "\0" not in text]
    quoted = ['"' + text.replace('"', '""') + '"' for text in texts]
    plain = [text for text in texts if not set(text) & set('\r\n,"')]
    expected = sum(len(check_cell(text, field)[1]) for text in (*texts, *plain))
    data = "\n".join([*quoted, *plain, ""])
    found = validate([data.encode()], schema, dialect={"header": False}, engine="native", max_errors=0)
    assert expected == found.error_count - found.counts_by_code.get("unique-error", 0)


JSON = (
    *(
        "{}",
        "[]",
        " { } ",
        "[ ]\n",
        '"a"',
        "1",
        "true",
        "null",
        "",
        " ",
        '{"a":[{"b":null}]}',
        '[1,2,{"a":[]}]',
        "[true,false,null]",
    ),
    *(
        '{"a":1,}',
        "[1,]",
        "[,1]",
        "{,}",
        '{"a"}',
        '{"a":}',
        "{a:1}",
        "[1 2]",
        "[1]]",
        "[[1]",
        '{"a":1]',
        "[1}",
        '{"a":1}x',
        "[1,2",
    ),
    *(
        "[01]",
        "[-0]",
        "[-]",
        "[1.]",
        "[.5]",
        "[+1]",
        "[1e5]",
        "[1E+5]",
        "[1e]",
        "[1e+]",
        "[1.5e-7]",
        "[1e999999]",
        "[1e9999999999999999999]",
    ),
    *(
        "[NaN]",
        "[Infinity]",
        "[-Infinity]",
        "[tru]",
        "[nul]",
        "[True]",
        "[1]\x0b",
        "\ufeff[]",
        "[\xa01]",
        '["\x1f"]',
        '["\x7f"]',
        '["\n"]',
    ),
    *(
        '["\\n"]',
        '["\\x"]',
        '["\\u00e9"]',
        '["\\u00g9"]',
        '["\\u00"]',
        '["\\ud800"]',
        '["\\"]',
        '["\\\\"]',
        '["a',
        '["12345678\\"]',
        '["é€😀, or so"]',
    ),
    *("[" * depth + "]" * depth for depth in (59, 60, 61, 64, 99, 100, 101)),
    *('{"a":' * depth + "1" + "}" * depth for depth in (59, 60, 61, 99, 100, 101)),
)
"""Valid JSON and other texts."""


def changed(texts: Sequence[str], rng: Random) -> str:
    """Return one of the texts, with a part of another one in it."""
    text, other = rng.choice(texts), rng.choice(texts)
    at, start = rng.randrange(len(text) + 1), rng.randrange(len(other) + 1)
    return text[:at] + other[start : start + rng.randrange(4)] + text[at + rng.randrange(3) :]


@needs_kernel
@pytest.mark.parametrize(
    ("properties", "right"),
    [
        ({"type": "object"}, "{}"),
        ({"type": "array"}, "[]"),
        ({"type": "object", "constraints": {"minLength": 1}}, '{"a":1}'),
        ({"type": "array", "constraints": {"required": True, "maxLength": 1}}, "[]"),
        ({"type": "geojson"}, '{"type":"Point","coordinates":[1,2]}'),
        ({"type": "geopoint", "format": "array"}, "[1,2]"),
    ],
)
def test_json_is_judged_as_the_reference_judges_it(properties: Mapping[str, Any], right: str) -> None:
    """Also in the middle of a change, and nested about as deep as the kernel looks, and as the reference allows."""
    schema = Schema.from_descriptor({"fields": [{"name": "a", **properties}]})
    rng = Random(right)  # noqa: S311 - the same every time
    texts = [text for text in [*JSON, right, *(changed([*JSON, right], rng) for _ in range(2_000))] if text]
    expected = [row for row, text in enumerate(texts, start=1) if check_cell(text, schema.fields[0])[1]]
    data = "".join('"' + text.replace('"', '""') + '"\n' for text in texts).encode()
    found = validate([data], schema, dialect={"header": False}, engine="native", max_errors=len(texts))
    assert expected == [error.row for error in found.errors]
    assert 0 < len(expected) < len(texts)


@needs_kernel
@pytest.mark.parametrize(
    ("properties", "right", "wrong"),
    [
        ({"type": "geopoint"}, ["90.5, 45", "-180,.5", " +0180.00 ,  -90."], ["180.1,0", "1,2,3", "1;2", "\t1,2", "."]),
        ({"type": "list"}, ["a", "a,,b", ",", " "], []),
        ({"type": "list", "itemType": "integer"}, ["1", "1, +02", "1\n,2"], ["1,", ",", "x", "1.0", "1,,2"]),
        ({"type": "list", "itemType": "boolean", "delimiter": "||"}, ["true||0", "1"], ["true|0", "true||", "yes"]),
        ({"type": "list", "itemType": "date", "delimiter": ";"}, ["2024-02-29;2023-01-01"], ["2023-02-29", "x;y"]),
        ({"type": "list", "constraints": {"minLength": 2, "maxLength": 3}}, ["a,b", ",,"], ["a", "a,b,c,d"]),
        ({"type": "list", "delimiter": "^", "constraints": {"minLength": 2}}, ["a^b", "^^^"], ["a", "a,b"]),
        ({"type": "list", "constraints": {"minLength": 2, "maxLength": 1}}, [], ["a", "a,b"]),
        (
            {"type": "array", "constraints": {"enum": ["[1, 20]", [{"a": "é", "b": [None]}]]}},
            ["[1,20]", "[1.0, 2e1]", '[{"b":[null],"a":"é"}]', '[{"a": "\\u00e9", "b": [ null ]}]'],
            ["[]", "[20,1]", "[1,20,null]", '["1",20]', "[[1,20]]", '[{"a":"é","b":[]}]', "[1", "{}"],
        ),
        (
            {"type": "object", "constraints": {"minLength": 1, "enum": ['{"a":-0.05}', "{}"]}},
            ['{"a":-5e-2}', '{"a": -0.0500}'],
            ["{}", '{"a":0.05}', '{"a":-0.5}', '{"b":-0.05}', '{"a":-0.05,"b":0}', "[]"],
        ),
    ],
)
def test_values_with_parts_are_judged_without_the_reference(
    properties: Mapping[str, Any], right: Sequence[str], wrong: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Points, lists and limits of the number of items have an expression; listed JSON is compared by digests."""
    texts = [*right, *wrong]
    expected = rows_with_errors("reference", properties, texts)
    assert expected == {row for row, text in enumerate(texts, start=1) if text in wrong}
    monkeypatch.setattr(Findings, "_judge", None)
    assert expected == rows_with_errors("native", properties, texts)


@needs_kernel
@pytest.mark.parametrize(
    ("properties", "texts"),
    [
        (
            {"format": "email", "constraints": {"maxLength": 10}},
            ["a@b.example", "é@b.exampl", "a@b", "too long"],
        ),
        ({"format": "uri", "constraints": {"minLength": 4, "maxLength": 80}}, ["a:b", "a:bc", "a:" + "b" * 80, "x"]),
        (
            {"constraints": {"maxLength": 3, "pattern": "[a-c]+", "minLength": 2}},
            ["a", "x", "ab", "wxyz", "abca"],
        ),
        ({"constraints": {"minLength": 5, "enum": ["a", "bcdef"], "maxLength": 2}}, ["a", "abc", "bcdef", "xyzxyz"]),
        (
            {"constraints": {"minLength": 2, "maxLength": 3}},
            ["a", "é", "ééé", "éééé", '"""', '""""', "🧊", "🧊🧊"],
        ),
    ],
)
def test_the_number_of_characters_is_judged_without_the_reference(
    properties: Mapping[str, Any], texts: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind the automaton, so that all faults of a cell are in the order of its constraints."""
    expected = errors_of("reference", {"type": "string", **properties}, texts)
    monkeypatch.setattr(Findings, "_judge", None)
    assert expected == errors_of("native", {"type": "string", **properties}, texts)
    assert expected


@needs_kernel
@pytest.mark.parametrize(
    ("properties", "texts"),
    [
        ({"type": "geopoint"}, ["1e2, 5", "1, 9E+1", "2e2,0", "1e-999,1", "x1e1,2"]),
        ({"type": "list", "itemType": "integer", "delimiter": " "}, ["1 2", "1  2", " 1"]),
        ({"type": "list", "itemType": "number", "delimiter": "-"}, ["1-2", "1--2", "-1"]),
        ({"type": "list", "itemType": "number", "delimiter": "e"}, ["1e2", "1e-2", "e"]),
        ({"type": "list", "itemType": "time", "delimiter": ":"}, ["12:00:00", "12"]),
        ({"type": "list", "delimiter": "--", "constraints": {"minLength": 3}}, ["a--b", "a----b", "-----"]),
    ],
)
def test_values_whose_parts_are_unclear_are_left_to_the_reference(
    properties: Mapping[str, Any], texts: Sequence[str]
) -> None:
    """A delimiter could be a part of an item, and an exponent changes a number."""
    assert rows_with_errors("reference", properties, texts) == rows_with_errors("native", properties, texts)


@needs_kernel
@pytest.mark.parametrize(
    "properties",
    [
        {"constraints": {"enum": [""]}},
        {"categories": [""]},
        {"type": "boolean", "trueValues": [""], "falseValues": []},
        {"constraints": {"enum": ["", "a"]}},
    ],
)
def test_empty_text_may_be_the_only_one_that_is_listed(properties: Mapping[str, Any]) -> None:
    """Where it does not stand for a missing value."""
    table = b'n,t\n1,\n2,""\n3,a\n4\n'
    schema = {"missingValues": [], "fields": [{"name": "n"}, {"name": "t", "type": "string", **properties}]}
    reference, native = (validate(BytesIO(table), schema, engine=engine) for engine in ("reference", "native"))
    assert native == reference
    assert native.errors


def rows_with_errors(engine: str, properties: Mapping[str, Any], texts: Sequence[str]) -> set[int | None]:
    """Return the rows in which an engine finds errors."""
    return {error.row for error in errors_of(engine, properties, texts)}


def errors_of(engine: str, properties: Mapping[str, Any], texts: Sequence[str]) -> Sequence[ValidationError]:
    """Return the errors that an engine finds in a column."""
    data = "".join('"' + text.replace('"', '""') + '"\n' for text in texts).encode()
    schema = Schema.from_descriptor({"fields": [{"name": "a", **properties}]})
    return validate([data], schema, dialect={"header": False}, engine=engine).errors


@needs_kernel
@pytest.mark.parametrize(
    ("properties", "cell"),
    [
        ({"type": "array"}, "[" + "[]," * 500_000 + "[]]"),
        ({"type": "array", "constraints": {"minLength": 2}}, "[" + "[]," * 500_000 + "[]]"),
        ({"type": "array", "constraints": {"jsonSchema": {"items": {"type": "array"}}}}, "[" + "[]," * 500_000 + "[]]"),
        ({"type": "geojson"}, '{"type":"MultiPoint","coordinates":[' + "[1.5,2]," * 200_000 + "[1,2]]}"),
    ],
)
def test_large_json_is_not_built(properties: Mapping[str, Any], cell: str) -> None:
    """Its parts would take a hundred bytes each."""
    schema = Schema.from_descriptor({"fields": [{"name": "a", **properties}, {"name": "b"}]})
    written = cell.replace('"', '""')
    data = f'a,b\n"{written}",x\n'.encode()
    tracemalloc.start()
    report = validate([data], schema, engine="native")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.valid
    assert peak < 8 * len(cell)
