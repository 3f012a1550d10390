"""The native engine and the reference return the same report, on files that are hard to read."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any
from unittest.mock import Mock

import pytest

from chalicelib.validation import ValidationReport, validate
from chalicelib.validation.checking.cells import check_cell
from chalicelib.validation.fast.native import findings, keys, scan_table
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.findings import Findings
from chalicelib.validation.fast.native.library import library
from chalicelib.validation.reading.records import RECORD_BYTES
from tests.validation.fast.native.kernels import BUILT, needs_kernel
from tests.validation.verdicts import schema_of

pytestmark = needs_kernel

KEYED = schema_of({"type": "integer"}, {"constraints": {"required": True}}, {"type": "number"}, primaryKey="a")
FREE = schema_of({}, {})
JSON = schema_of({"type": "array", "constraints": {"unique": True}}, {"type": "date"})
PATTERN = {"type": "string", "constraints": {"pattern": "[0-9.x]*"}}
TEXTS = schema_of(PATTERN, {"type": "string", "format": "email"}, {"type": "integer"})
ODD = (
    b"1,x,2\n" * 40,
    b"1,x,2\r\n2,y,\r\n" * 20,
    b"1,x,2\r2,y,3\r" * 20,
    b'1,"x\ny",2\n"2","a""b",3\n' * 20,
    b'1,a"b,2\n' * 30,
    b'1,"a"b,2\n2,c,3\n' * 30,
    b"\n" * 50 + b",,\n" * 50 + b'"","",""\n' * 50,
    b"1\n" * 50 + b"1,2,3,4,5\n" * 50,
    b"1,\xff,2\n2,\xc3\xa9,x\n3,\xed\xa0\x80,1\n" * 20,
    b"1,\0,2\n" * 20,
    b'1,"never closed\n2,x,3\n' * 5,
    b"1,x,2\n1,x,2",
    b"1,x,2\r",
    b"",
)


def both(data: bytes, schema: Mapping[str, Any] | None, **keywords: Any) -> tuple[ValidationReport, ValidationReport]:
    """Return the reference's report and the native engine's."""
    reports = [validate([data], schema, engine=engine, **keywords) for engine in ("reference", "native")]
    return reports[0], reports[1]


@pytest.mark.parametrize("schema", [KEYED, FREE, JSON, None])
@pytest.mark.parametrize("body", ODD)
@pytest.mark.parametrize("max_errors", [0, 1, 100])
def test_report_equals_that_of_the_reference(body: bytes, schema: Mapping[str, Any] | None, max_errors: int) -> None:
    """With and without room for the errors."""
    expected, found = both(b"a,b,c\n" + body, schema, max_errors=max_errors)
    assert expected == found


@pytest.mark.parametrize("schema", [KEYED, JSON, TEXTS])
@pytest.mark.parametrize("cells_before", [0, 200])
def test_two_bytes_at_once_lead_to_the_same_report(
    schema: Mapping[str, Any], cells_before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first cell, or after some; with cells of equal and of different lengths, in quotes or not."""
    monkeypatch.setattr(scan_table, "CELLS_BEFORE_PAIRS", cells_before)
    rng = Random(2)  # noqa: S311 - not for cryptography
    cells = ["".join(rng.choices("0179.-+eax@é", k=rng.choice((1, 2, 3, 5, 8, 13, 40, 140)))) for _ in range(300)]
    lines = [f"{cell},{cell},{cell}\n" for cell in cells] + [f'"{cell}",{cell},"{cell}"\n' for cell in cells]
    rng.shuffle(lines)
    numbers = rng.sample(range(1000, 10_000), 3000)
    alike = [f"{number},{number},{number}\n" for number in numbers]
    alike += [f'"{number}",{number},""\n' for number in numbers]
    expected, found = both(b"a,b,c\n" + "".join(alike + lines).encode() + b"".join(ODD), schema, max_errors=2000)
    assert expected == found


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 64, 65])
def test_report_does_not_depend_on_block_size(block_bytes: int) -> None:
    """Blocks may end anywhere, in the middle of a line break, a quote or a character."""
    data = b"a,b,c\r\n" + b"".join(ODD)
    expected, found = both(data, KEYED, block_bytes=block_bytes)
    assert expected == found


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("blank", [0, 1, 2])
@pytest.mark.parametrize("max_errors", [1, 2, 3])
def test_no_record_is_counted_twice_when_the_report_becomes_full(end: bytes, blank: int, max_errors: int) -> None:
    """Part of the block is scanned again then; a blank row may follow."""
    data = b"a,b,c" + end + (b"x,,x" + end + end * blank) * 20
    expected, found = both(data, KEYED, max_errors=max_errors)
    assert expected == found


@pytest.mark.parametrize("level", BUILT)
def test_every_implementation_returns_the_same_report(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The instruction set changes nothing but the speed."""
    monkeypatch.setenv(c.LEVEL_VARIABLE, level)
    library.cache_clear()
    try:
        for body in ODD:
            expected, found = both(b"a,b,c\n" + body, KEYED)
            assert expected == found
    finally:
        library.cache_clear()


@pytest.mark.parametrize("over", [-1, 0, 1, 2])
@pytest.mark.parametrize("quote", [b"", b'"'])
def test_records_up_to_the_limit_are_read(over: int, quote: bytes) -> None:
    """A larger record is one error, and the next record is read."""
    cell = b"x" * (RECORD_BYTES + over - len(b"1,") - 2 * len(quote))
    expected, found = both(b"a,b\n1,%b%b%b\nx\n" % (quote, cell, quote), FREE)
    assert expected == found


@pytest.mark.parametrize(
    ("properties", "rows"),
    [
        ({"primaryKey": ["a", "b"]}, b"1,x\n1,y\n1,x\n,\n,x\n01,x\n"),
        ({"uniqueKeys": [["a", "b"]]}, b"1,x\n,x\n,x\n1,x\n"),
        ({"foreignKeys": [{"fields": "b", "reference": {"resource": "", "fields": "a"}}]}, b"1,1\n2,3\n,1\n3,\n4,04\n"),
        ({"primaryKey": "a"}, b"-1,\n-01,\n+7,\n7,\n-0,\n0,\n%b,\n0%b,\n" % ((b"9" * 41,) * 2)),
        ({"primaryKey": "a"}, b"".join(b"%d,\n" % (each * 7 % 5000) for each in range(9000))),
        ({"uniqueKeys": [["b"]]}, b"".join(b"1,%d\n" % (each % 30_000) for each in range(70_000))),
    ],
)
@pytest.mark.parametrize("held_bytes", [keys.HELD_BYTES, 0])
def test_keys_are_compared_by_their_values(
    properties: Mapping[str, Any], rows: bytes, held_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This includes composite, incomplete and foreign keys, in memory and in the temporary file."""
    monkeypatch.setattr(keys, "HELD_BYTES", held_bytes)
    schema = schema_of({"type": "integer"}, {}, **properties)
    expected, found = both(b"a,b\n" + rows, schema)
    assert expected == found
    assert found.error_count


EQUAL_JSON = (
    ('[1,"a",null]', '[ 1.0 , "\\u0061",null]'),
    ('{"a":[],"b":{"c":-0}}', '{"b": {"c": 0e5}, "a": []}'),
    ("[100]", "[1E+2]"),
    ('{"a":true}', '{"a":true }'),
    ('{"a":1,"a":2}', '{"a":2}'),
    ('["\\ud800"]', '["\\uD800"]'),
    ("[" * 70 + "]" * 70, "[ " + "[" * 69 + "]" * 70),
)
"""Pairs of texts with the same value. The last three are unclear to the kernel."""
OTHER_JSON = ("[]", "{}", "[[]]", "[{}]", "[1]", "[10]", "[-1]", '["1"]', "[true]", "[null]", '{"a":{}}', '{"b":true}')


@pytest.mark.parametrize("keys_of_schema", [{"uniqueKeys": [["b"]]}, {"uniqueKeys": [["a", "b"]]}])
def test_json_is_the_same_key_if_its_value_is_the_same(keys_of_schema: Mapping[str, Any]) -> None:
    """Objects, arrays and GeoJSON, alone and beside another field."""
    for kind, mark in (("array", "["), ("object", "{")):
        texts = [text for texts in (*EQUAL_JSON, OTHER_JSON) for text in texts if text.startswith(mark)]
        schema = schema_of({"type": "integer"}, {"type": kind}, **keys_of_schema)
        expected, found = both(b"a,b\n" + b"".join(b"1," + quoted(text) + b"\n" for text in texts), schema)
        assert expected == found
        assert sum(first.startswith(mark) for first, _ in EQUAL_JSON) == found.error_count


def test_keys_of_json_are_noted_without_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values of any size and depth that hardly any file exceeds."""
    texts = [text for pair in EQUAL_JSON[:-3] for text in pair if text.startswith("[")]
    texts += ["[" + "0," * 10_000 + "0]"] * 2
    monkeypatch.setattr(Findings, "_add_keys", None)
    schema = schema_of({"type": "array", "constraints": {"unique": True}})
    expected, found = both(b"a\n" + b"".join(quoted(text) + b"\n" for text in texts), schema)
    assert expected == found
    assert len(texts) // 2 == found.error_count


NUMBERS = (
    *("1.5", "+1.50", "015e-1", ".5", "5.", "5", "5e0", "-0", "0.0", "1e17", "1e18", "-7", "-7.0"),
    *("1e40", "NaN", " 5 "),
)
"""The last three are left to the reference."""
MOMENTS = (
    *("2024-01-02T03:04:05Z", "2024-01-02T03:04:05", "2024-01-02T03:04:05.000Z", "2024-01-02T04:04:05+01:00"),
    *("2024-01-02T03:04:05.5Z", "2024-01-02T03:04:05.5000009", "2024-01-02T24:00:00Z", "2024-01-03T00:00:00Z"),
    *("0000-01-02T03:04:05Z", "0001-01-01T00:00:00Z", "12024-01-02T03:04:05Z", "2024-01-02T03:04:05.0000001Z"),
)


@pytest.mark.parametrize(
    ("first", "second", "texts"),
    [
        ({"type": "number"}, {"type": "integer"}, NUMBERS),
        ({"type": "number", "format": "decimal"}, {"type": "number"}, [text for text in NUMBERS if "e" not in text]),
        ({"type": "number", "decimalChar": ",", "groupChar": "."}, {"type": "number"}, ["1.500", "1500", "1,5", "15"]),
        ({"type": "number", "groupChar": ","}, {"type": "number"}, ["1,500.5", "1500.5", "1,500"]),
        ({"type": "date"}, {"type": "date", "format": "%d.%m.%Y"}, ["2024-01-02", "2024-02-01", "0001-01-01"]),
        ({"type": "datetime"}, {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%SZ"}, MOMENTS),
        ({"type": "date", "format": "%d.%m.%y"}, {"type": "date"}, ["01.02.68", "1.2.68", "2068-02-01", "01.02.69"]),
        ({"type": "date", "format": "%d%m%Y"}, {"type": "date"}, ["01022024", "1022024", "112024", "2024-02-01"]),
        ({"type": "date", "format": "%m"}, {"type": "date"}, ["2", "02", "1900-02-01"]),
        ({"type": "time", "format": "%H%M:%S"}, {"type": "time"}, ["0933:05", "933:05", "09:33:05", "9:33:05"]),
        (
            {"type": "datetime", "format": "%d %m %Y"},
            {"type": "datetime"},
            ["1 2 2024", "1  2 2024", "2024-02-01T00:00:00"],
        ),
        (
            {"type": "list", "delimiter": "-", "itemType": "integer"},
            {"type": "array"},
            ["1-2", "[1,2]", "01-2"],
        ),
        ({"type": "list", "delimiter": "\ud800"}, {"type": "array"}, ["a", '["a"]']),
        ({"type": "list", "delimiter": "::"}, {"type": "array"}, ["a::b", '["a","b"]', "a:b", '["a:b"]']),
        (
            {"type": "time"},
            {"type": "time", "format": "%H:%M:%S.%f"},
            ["12:30:00", "12:30:00.0", "24:00:00", "00:00:00"],
        ),
        ({"type": "geopoint", "format": "array"}, {"type": "geopoint"}, ["[1, 2]", "1, 2", "1.0,2", "[1e0,2.00]"]),
        ({"type": "geopoint", "format": "object"}, {"type": "geopoint"}, ['{"lat": 2, "lon": 1}', "1, 2"]),
        ({"type": "list", "itemType": "number"}, {"type": "array"}, ["1,2", "[1,2]", "[1.0, 2]", '["a"]']),
        ({"type": "list", "itemType": "integer"}, {"type": "array"}, ["1,2", "[1,2]", "01,2", "[1.0, 2]", "1", "[1]"]),
        ({"type": "list", "itemType": "boolean"}, {"type": "array"}, ["true,0", "[true,false]", "1", "[true]"]),
        ({"type": "list"}, {"type": "array"}, ["a,b", '["a","b"]', "a,", '["a",""]', "1", '["1"]', "é", '["é"]']),
        ({"type": "geopoint"}, {"type": "array"}, ["1, 2", "[1,2]", "1.50,-02", "[1.5,-2]", "-0,2", "[0,2]"]),
        ({"type": "yearmonth"}, {"type": "array"}, ["2024-02", "[2024,2]", "0000-01", "-0000-01", "[0,1]", "12024-01"]),
        ({"type": "boolean"}, {"type": "boolean", "trueValues": ["ja"], "falseValues": ["0"]}, ["1", "ja", "0", "F"]),
        ({"type": "year"}, {"type": "integer"}, ["2024", "0044", "-0044", "12024", "0000"]),
    ],
)
@pytest.mark.parametrize("others", [[], ["c"]])
def test_equal_values_are_the_same_key_however_they_are_written(
    first: Mapping[str, Any], second: Mapping[str, Any], texts: Sequence[str], others: Sequence[str]
) -> None:
    """Also in a field of another type, and if the reference judges some of them."""
    fields = [["a", *others], ["b", *others]]
    reference = {"fields": fields[0], "reference": {"resource": "", "fields": fields[1]}}
    schema = schema_of(first, second, {}, uniqueKeys=fields, foreignKeys=[reference])
    cells = [quoted(text) for text in texts]
    rows = [cell + b"," + other + b",x\n" for cell, other in zip(cells, [*cells[1:], *cells[:1]], strict=True)]
    expected, found = both(b"a,b,c\n" + b"".join([*rows, *rows]), schema)
    assert expected == found
    assert "unique-error" in found.counts_by_code


@pytest.mark.parametrize(
    ("properties", "texts"),
    [
        ({"type": "number"}, NUMBERS[:-3]),
        ({"type": "date"}, ["2024-01-02", "2024-02-01", "0001-01-01"]),
        ({"type": "datetime"}, MOMENTS[:3]),
        ({"type": "year"}, ["2024", "-0044"]),
        ({"type": "time"}, ["12:30:00", "00:00:00"]),
        ({"type": "date", "format": "%d.%m.%Y"}, ["02.01.2024", "1.2.2024", "28.02.1999"]),
        ({"type": "date", "format": "%y%m%d"}, ["690101", "681231", "000228"]),
        ({"type": "datetime", "format": "%d/%m/%Y %H:%M"}, ["2/1/2024 3:04", "02/01/2024 4:3"]),
        ({"type": "datetime", "format": "%Y%m%dT%H%M%S.%f"}, ["20240102T030405.000000", "20240102T030405.000001"]),
        ({"type": "time", "format": "%H h %M%%"}, ["1 h 02%", "23 h 0%"]),
        ({"type": "geopoint", "format": "array"}, ["[1,2]", "[1.50, -2]"]),
        ({"type": "geopoint"}, ["1,2", "1.50, -2"]),
        ({"type": "yearmonth"}, ["2024-02", "2024-12", "0000-01"]),
        ({"type": "boolean"}, ["true", "0"]),
        ({"type": "list"}, ["a", "a,b", "b,a", "é,"]),
        ({"type": "list", "itemType": "integer"}, ["1", "1,-2", "-2,1"]),
        ({"type": "list", "delimiter": ";"}, ["a", "a;b", "a,b", "b;a"]),
        ({"type": "list", "delimiter": "|", "itemType": "number"}, ["1", "1.5|-2", "-2|1.5"]),
    ],
)
def test_values_of_keys_are_noted_without_the_reference(
    properties: Mapping[str, Any], texts: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as they are written in a usual way."""
    monkeypatch.setattr(Findings, "_add_keys", None)
    schema = schema_of({**properties, "constraints": {"unique": True}})
    cells = b"\n".join(quoted(text) for text in [*texts, *texts])
    expected, found = both(b"a\n" + cells + b"\n", schema)
    assert expected == found
    assert len(texts) <= found.error_count


def test_remembered_dates_are_noted_as_keys_by_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The automaton does not know years that begin with 0."""
    by_reference = []
    monkeypatch.setattr(Findings, "_add_keys", lambda _, record: by_reference.append(record))
    schema = schema_of({"type": "date", "format": "%d/%m/%Y", "constraints": {"unique": True}})
    rows = b"".join(b"%d/2/0999\n" % (each % 28 + 1) for each in range(280))
    report = validate([b"a\n" + rows], schema, engine="native", block_bytes=64)
    assert 280 - 28 - len(by_reference) == report.error_count
    assert 28 <= len(by_reference) < 60


def test_the_reference_judges_few_texts_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel remembers 1,260 texts that are repeated 30 times."""
    check = Mock(side_effect=check_cell)
    monkeypatch.setattr(findings, "check_cell", check)
    days = [b"%d/%d/0%d\n" % (each % 28 + 1, each % 9 + 1, 900 + each % 20) for each in range(1260)]
    schema = schema_of({"type": "date", "format": "%d/%m/%Y"})
    report = validate([b"a\n" + b"".join(days * 30)], schema, engine="native", block_bytes=4096)
    assert report.valid
    assert len(set(days)) <= check.call_count < 1.05 * len(set(days))


def quoted(text: str) -> bytes:
    """Return a text as a quoted cell."""
    return ('"' + text.replace('"', '""') + '"').encode()


@pytest.mark.parametrize("max_errors", [0, 100])
def test_columns_with_equal_rules_share_what_is_learned_about_their_cells(max_errors: int) -> None:
    """A fault that only the reference finds gets its label in one column, and is counted in the others, too."""
    schema = schema_of(*[{"type": "string", "format": "binary"}] * 3)
    rows = b"AAAA,A,AAAA\n" * 20 + b"A,AAAA,AAAA\n" * 20 + b"AAAA,AAAA,A\n" * 20
    expected, found = both(b"a,b,c\n" + rows, schema, block_bytes=64, max_errors=max_errors)
    assert expected == found
    assert {"a": 20, "b": 20, "c": 20} == found.counts_by_column


def test_many_distinct_long_cells_are_judged_by_the_reference() -> None:
    """More cells than the kernel remembers labels of."""
    rows = b"".join(b'"[""%d%b""]",2024-01-01\n' % (each, b"x" * 1000) for each in range(3000))
    expected, found = both(b"a,b\n" + rows, JSON)
    assert expected == found


def test_a_text_after_many_consecutive_numbers_is_compared_with_them() -> None:
    """The numbers become digests then, which do not fit into memory."""
    rows = b"".join(b"%d\n" % each for each in range(700_000))
    report = validate([b"a\n" + rows + b"9" * 30 + b"\n5\n"], schema_of({"type": "integer"}, primaryKey="a"))
    assert [(700_003, "primary-key")] == [(error.row, error.code) for error in report.errors]
