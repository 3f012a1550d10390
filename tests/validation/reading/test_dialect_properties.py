"""Properties of verdicts in any dialect, checked on generated files, dialects and schemas."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.validation import Dialect, Schema, validate
from tests.validation.verdicts import chopped, places, schema_of
from tests.validation.writer import Writer

WORDS = st.text(st.sampled_from("aé€😀 ,;|\t\"'\r\n\\!#$x"), min_size=1, max_size=8)
NUMBERS = st.decimals(-999, 999, places=2).map(str)
VALUES: Mapping[str, tuple[Mapping[str, Any], st.SearchStrategy[str], str]] = {
    "name": ({"type": "string", "constraints": {"required": True, "maxLength": 8}}, WORDS, "123456789"),
    "note": ({"type": "any", "missingValues": []}, st.just("") | WORDS, ""),
    "whole": ({"type": "integer"}, st.integers().map(str), "1O"),
    "real": ({"type": "number", "decimalChar": "."}, NUMBERS | st.sampled_from(["NaN", "-INF", "1e5"]), "1,5"),
    "truth": ({"type": "boolean"}, st.sampled_from(["true", "False", "1", "0"]), "perhaps"),
    "day": ({"type": "date"}, st.dates().map(str), "2023-02-29"),
    "clock": ({"type": "time"}, st.times().map(lambda time: time.isoformat("seconds")), "25:00:00"),
    "moment": ({"type": "datetime"}, st.datetimes().map(lambda moment: moment.isoformat()), "2024-02-29 1:00"),
    "era": ({"type": "year"}, st.integers(0, 9999).map("{:04}".format), "24"),
    "month": ({"type": "yearmonth"}, st.dates().map(lambda day: f"{day}"[:7]), "2024-13"),
    "span": ({"type": "duration"}, st.integers(0, 99).map("P1Y{}DT1.5S".format), "P"),
    "thing": ({"type": "object"}, st.dictionaries(WORDS, WORDS, max_size=2).map(json.dumps), "{"),
    "things": ({"type": "array"}, st.lists(WORDS | st.integers(), max_size=2).map(json.dumps), "[1,]"),
    "words": ({"type": "list", "itemType": "integer", "delimiter": " "}, st.just("1 2 3"), "1 x"),
    "place": ({"type": "geopoint"}, st.tuples(NUMBERS, NUMBERS).map(lambda _: "90.5, 45.5"), "180.5, 0"),
    "shape": ({"type": "geojson"}, st.just('{"type": "Point", "coordinates": [1, 2]}'), '{"type": "Point"}'),
}
"""For each field: its descriptor, a strategy for its values, and a text that is none of them."""
SCHEMA: Mapping[str, Any] = {
    "fields": [
        {"name": "id", "type": "integer"},
        *({"name": name, **descriptor} for name, (descriptor, _, _) in VALUES.items()),
    ],
    "primaryKey": ["id"],
    "foreignKeys": [{"fields": "id", "reference": {"fields": "id"}}],
}
COMPILED = Schema.from_descriptor(SCHEMA)
NAMES = ["id", *VALUES]
ROWS = st.lists(st.tuples(*(values for _, values, _ in VALUES.values())), min_size=1, max_size=3).map(
    lambda rows: [[str(7 * number), *row] for number, row in enumerate(rows)]
)
WRITERS = st.builds(
    Writer,
    dialect=st.builds(
        Dialect,
        delimiter=st.sampled_from(",;|\t"),
        quote_char=st.sampled_from(['"', "'", None]),
        double_quote=st.booleans(),
        escape_char=st.sampled_from([None, "\\", "!"]),
        line_terminator=st.sampled_from([None, None, "$"]),
        skip_initial_space=st.booleans(),
        null_sequence=st.sampled_from([None, "\\N"]),
        header=st.booleans(),
        header_rows=st.sampled_from([(1,), (2,)]),
        header_case=st.booleans(),
        comment_char=st.sampled_from([None, "#"]),
        skip_blank_rows=st.booleans(),
        encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]),
    ).filter(lambda dialect: dialect.escape_char or (dialect.quote_char and dialect.double_quote)),
    newline=st.sampled_from(["\r\n", "\n", "\r"]),
    quotes_all=st.booleans(),
)


@frozen(kw_only=True)
class Written:
    """A file, and where in it each of the table's rows stands."""

    data: bytes
    places: Sequence[tuple[int, int]]
    """The row and the line."""


def written(rows: Sequence[Sequence[str]], writer: Writer, *, noise: bool) -> Written:
    """Write a table with its header, and with what the dialect leaves out if there is to be noise."""
    dialect = writer.dialect
    text, row, where = "", 1, []
    if dialect.header:
        title = writer.record(["a title", "and more"]) + writer.terminator
        text = title * (dialect.header_rows == (2,))
        text += writer.table([NAMES if dialect.header_case else [name.upper() for name in NAMES]])
        row += dialect.header_rows[0]
    for cells in rows:
        left_out = ['# "left, out; of it'] if dialect.comment_char else []
        left_out += [""] if dialect.skip_blank_rows else []
        for record in left_out * noise:
            text += record + writer.terminator
            row += 1
        where.append((row, 1 + writer.lines(text)))
        text += writer.table([cells])
        row += 1
    return Written(data=text.encode(dialect.encoding, errors="replace"), places=where)


BOUNDED = settings(suppress_health_check=[HealthCheck.too_slow])


@given(rows=ROWS, writer=WRITERS, noise=st.booleans(), blank=st.sampled_from(NAMES[3:]))
@BOUNDED
def test_table_of_valid_values_is_valid_in_any_dialect(
    *, rows: list[list[str]], writer: Writer, noise: bool, blank: str
) -> None:
    """Every type, every property of a dialect, every encoding; no value is one too."""
    rows[0][NAMES.index(blank)] = writer.dialect.null_sequence or ""
    report = validate([written(rows, writer, noise=noise).data], COMPILED, dialect=writer.dialect)
    assert ((), 0, len(rows)) == (report.errors, report.error_count, report.row_count)


@given(rows=ROWS, writer=WRITERS, noise=st.booleans(), name=st.sampled_from(NAMES[1:]), at=st.integers(0, 2))
@BOUNDED
def test_wrong_value_is_found_exactly_there_in_any_dialect(
    *, rows: list[list[str]], writer: Writer, noise: bool, name: str, at: int
) -> None:
    """Its row, line, field, column and code, and no other error; and none where anything goes."""
    at, field = at % len(rows), NAMES.index(name)
    rows[at][field] = VALUES[name][2]
    file = written(rows, writer, noise=noise)
    code = "constraint-error" if name == "name" else "type-error"
    expected = [] if name == "note" else [(*file.places[at], field + 1, name, code)]
    assert expected == places(validate([file.data], COMPILED, dialect=writer.dialect))


@given(
    rows=ROWS,
    writer=WRITERS,
    noise=st.booleans(),
    fault=st.sampled_from(["a key twice", "no key", "a cell too many", "a cell too few", "a blank row"]),
)
@BOUNDED
def test_faulty_row_is_found_exactly_there_in_any_dialect(
    *, rows: list[list[str]], writer: Writer, noise: bool, fault: str
) -> None:
    """Each fault is one error."""
    last = [*rows[0][:-1], '{"type": "FeatureCollection", "features": []}']
    faults: Mapping[str, tuple[list[str], list[tuple[int | None, str | None, str]]]] = {
        "a key twice": (["+0", *last[1:]], [(1, "id", "primary-key")]),
        "no key": (["", *last[1:]], [(1, "id", "constraint-error")]),
        "a cell too many": (["77777", *last[1:], "x"], [(len(NAMES) + 1, None, "extra-cell")]),
        "a cell too few": (["77777", *last[1:-1]], [(len(NAMES), NAMES[-1], "missing-cell")]),
        "a blank row": ([""] * 3, [(None, None, "blank-row")]),
    }
    injured, errors = faults[fault]
    file = written([*rows, injured], writer, noise=noise)
    expected = [(*file.places[-1], *error) for error in errors]
    skipped = fault == "a blank row" and writer.dialect.skip_blank_rows
    assert ([] if skipped else expected) == places(validate([file.data], COMPILED, dialect=writer.dialect))


# --- arbitrary files ------------------------------------------------------------------------------------------------

ANY_WRITERS = WRITERS.filter(lambda writer: writer.dialect.encoding != "utf-16")
"""Without a byte order mark UTF-16 is of no order; arbitrary bytes have none."""
FRAGMENTS = [
    b'"',
    b"'",
    b",",
    b",",
    b";",
    b"\n",
    b"\n",
    b"\r",
    b"$",
    b"\\",
    b"#",
    b" ",
    b"1",
    b"7",
    b"a",
    b"\0",
    b"\xff",
]
FILES = st.lists(st.sampled_from([*FRAGMENTS, "é".encode(), b"{}", b"[1]", b"P1D", b"2024"]), max_size=40).map(b"".join)
HEADERS = st.sampled_from([b"", b"a,b,c,d,e\n", b"c,a,x,b\r\n", b"b\n"])
SCHEMAS = st.sampled_from(["exact", "equal", "subset", "superset", "partial"]).map(
    lambda match: schema_of(
        {"type": "integer", "constraints": {"unique": True, "minimum": 2}},
        {"type": "object"},
        {"type": "list", "itemType": "integer"},
        {"type": "duration", "constraints": {"required": True}},
        {"type": "year"},
        primaryKey=["a"],
        foreignKeys=[{"fields": "e", "reference": {"fields": "a"}}],
        fieldsMatch=match,
    )
)


@given(header=HEADERS, body=FILES, schema=st.none() | SCHEMAS, writer=ANY_WRITERS, keep=st.integers(1, 9))
def test_any_bytes_get_a_verdict_in_any_dialect(
    header: bytes, body: bytes, schema: Any, writer: Writer, keep: int
) -> None:
    """Nothing raises; the counts are those of the errors; they come row by row."""
    report = validate([header + body], schema, dialect=writer.dialect, max_errors=10**9)
    assert len(report.errors) == report.error_count == sum(report.counts_by_code.values())
    columns = [error.column for error in report.errors if error.column is not None]
    assert {name: columns.count(name) for name in columns} == report.counts_by_column
    order = [error.row or 0 for error in report.errors]
    assert sorted(order) == order
    trimmed = validate([header + body], schema, dialect=writer.dialect, max_errors=keep)
    assert (report.counts_by_code, report.counts_by_column) == (trimmed.counts_by_code, trimmed.counts_by_column)
    assert (report.error_count, report.row_count) == (trimmed.error_count, trimmed.row_count)
    assert min(keep, report.error_count) == len(trimmed.errors)


@given(header=HEADERS, body=FILES, schema=st.none() | SCHEMAS, writer=ANY_WRITERS, cuts=st.lists(st.integers(0, 20)))
def test_a_verdict_does_not_depend_on_how_the_bytes_come(
    header: bytes, body: bytes, schema: Any, writer: Writer, cuts: list[int]
) -> None:
    """A file, one chunk or many, in any dialect and encoding: the same report."""
    data = header + body
    expected = validate([data], schema, dialect=writer.dialect)
    assert expected == validate(chopped(data, cuts), schema, dialect=writer.dialect)
    assert expected == validate(io.BytesIO(data), schema, dialect=writer.dialect)
