"""Properties of every verdict, checked on generated files."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.validation import validate
from tests.validation.verdicts import Place, chopped, found, places, schema_of

SCHEMA: Mapping[str, Any] = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"minimum": 0}},
        {"name": "name", "type": "string", "constraints": {"required": True, "maxLength": 12}},
        {"name": "amount", "type": "number", "format": "decimal"},
        {"name": "day", "type": "date"},
        {"name": "paid", "type": "boolean"},
    ],
    "primaryKey": "id",
}
NAMES = [field["name"] for field in SCHEMA["fields"]]

WORDS = st.text(st.sampled_from("aé€😀 ,;\"\r\n'x"), min_size=1, max_size=12)
AMOUNTS = st.decimals(-9999, 9999, places=2).map(str)
DAYS = st.dates().map(str)
TRUTHS = st.sampled_from(["true", "False", "1", "0"])
ROWS = st.lists(st.tuples(WORDS, AMOUNTS | st.just(""), DAYS | st.just(""), TRUTHS | st.just("")), max_size=6).map(
    lambda rows: [[str(7 * number), *row] for number, row in enumerate(rows)]
)
NEWLINES = st.sampled_from(["\r\n", "\n", "\r"])
QUOTINGS = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])


def written(row: Sequence[str], quoting: Any) -> str:
    """Write one record, without its line break."""
    file = io.StringIO(newline="")
    csv.writer(file, quoting=quoting, lineterminator="\r\n").writerow(row)  # quotes both CR and LF
    return file.getvalue().removesuffix("\r\n")


def lines_of(text: str) -> int:
    """Count the line breaks of a record's cells."""
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


@given(rows=ROWS, quoting=QUOTINGS, newline=NEWLINES, start=st.sampled_from(["", "\ufeff"]), ended=st.booleans())
def test_a_table_of_the_schemas_own_values_is_valid(
    *, rows: list[list[str]], quoting: Any, newline: str, start: str, ended: bool
) -> None:
    """With any quoting and line ends, and without a schema, too."""
    data = (start + newline.join(written(row, quoting) for row in [NAMES, *rows]) + newline * ended).encode()
    for schema in (SCHEMA, None):
        report = validate([data], schema)
        assert (True, 0, (), len(rows)) == (report.valid, report.error_count, report.errors, report.row_count)


def _cell(field: int, text: str) -> Callable[[list[str]], str]:
    """Replace a cell, as it stands in the file."""
    return lambda cells: ",".join([*cells[:field], text, *cells[field + 1 :]])


FAULTS: Mapping[str, tuple[Callable[[list[str]], str], Sequence[tuple[int | None, str | None, str]]]] = {
    "a letter in an integer": (_cell(0, "1O"), [(1, "id", "type-error")]),
    "an integer out of bounds": (_cell(0, "-1"), [(1, "id", "constraint-error")]),
    "a key of a row before": (_cell(0, "00"), [(1, "id", "primary-key")]),
    "no key": (_cell(0, ""), [(1, "id", "constraint-error")]),
    "no name": (_cell(1, '""'), [(2, "name", "constraint-error")]),
    "a name that is too long": (_cell(1, "x" * 13), [(2, "name", "constraint-error")]),
    "a comma for a point": (_cell(2, '"9,50"'), [(3, "amount", "type-error")]),
    "a day that never was": (_cell(3, "2023-02-29"), [(4, "day", "type-error")]),
    "a word that is not true": (_cell(4, "perhaps"), [(5, "paid", "type-error")]),
    "a stray quote": (_cell(1, 'x"y'), [(2, "name", "quote-error")]),
    "text after a quote": (_cell(1, '"x"y'), [(2, "name", "quote-error")]),
    "a NUL": (_cell(1, "x\0"), [(2, "name", "encoding-error")]),
    "a NUL in quotes": (_cell(1, '"x\0"'), [(2, "name", "encoding-error")]),
    "bad UTF-8": (_cell(1, "x\udcff"), [(2, "name", "encoding-error")]),
    "a cell too many": (lambda cells: ",".join([*cells, "x"]), [(6, None, "extra-cell")]),
    "a delimiter too many": (lambda cells: ",".join([*cells, ""]), [(6, None, "extra-cell")]),
    "a cell too few": (lambda cells: ",".join(cells[:4]), [(5, "paid", "missing-cell")]),
    "two cells too few": (
        lambda cells: ",".join(cells[:3]),
        [(4, "day", "missing-cell"), (5, "paid", "missing-cell")],
    ),
    "no cell": (lambda _: "", [(None, None, "blank-row")]),
    "only delimiters": (lambda _: ",,", [(None, None, "blank-row")]),
}


@pytest.mark.parametrize("fault", FAULTS)
@given(before=ROWS, after=ROWS, quoting=QUOTINGS, newline=NEWLINES)
@settings(max_examples=25)
def test_one_fault_is_found_exactly_there_and_nowhere_else(
    fault: str, before: list[list[str]], after: list[list[str]], quoting: Any, newline: str
) -> None:
    """Its row, line, field, column and code, and no other error."""
    injure, faults = FAULTS[fault]
    cells = [["0", "first", "", "", ""], *([f"9{row[0]}", *row[1:]] for row in before)]
    good_after = [[f"8{row[0]}", *row[1:]] for row in after]
    above = [written(row, quoting) for row in [NAMES, *cells]]
    bad = injure([written([cell], quoting) if cell else "" for cell in ("77777", "all, but one", "1.5", "", "0")])
    text = newline.join([*above, bad, *(written(row, quoting) for row in good_after), ""])
    row, line = len(above) + 1, 1 + sum(1 + lines_of(record) for record in above)
    expected: list[Place] = [(row, line, field, column, code) for field, column, code in faults]
    assert expected == found(text.encode(errors="surrogateescape"), SCHEMA)


# --- arbitrary files ------------------------------------------------------------------------------------------------

EVERYTHING = schema_of(
    {"type": "integer", "constraints": {"unique": True, "minimum": 1}},
    {"type": "number"},
    {"type": "string", "constraints": {"pattern": "[a-z]*", "maxLength": 2}},
    {"type": "string", "format": "email"},
    {"type": "boolean"},
    {"type": "date"},
    {"type": "datetime", "constraints": {"required": True}},
    primaryKey=["a", "b"],
)
FRAGMENTS = [b'"', b",", b",", b",", b"\n", b"\n", b"\r", b"1", b"7", b"-", b".", b"e", b"a", b"@", b"\0", b"\xff"]
FRAGMENTS += ["é".encode(), b"a@b.co", b"true", b"2024-02-29", b"2024-02-29T12:30:00Z", b"\xef\xbb\xbf"]
FILES = st.one_of(st.binary(max_size=80), st.lists(st.sampled_from(FRAGMENTS), max_size=40).map(b"".join))
HEADERS = st.sampled_from([b"", b"a,b,c,d,e,f,g\n", b"a,b\r\n"])
SCHEMAS = st.sampled_from([None, EVERYTHING, schema_of({"type": "number"}, {})])


@given(header=HEADERS, body=FILES, schema=SCHEMAS, has_header=st.booleans())
def test_any_bytes_get_a_verdict(*, header: bytes, body: bytes, schema: Any, has_header: bool) -> None:
    """Nothing raises; the count is that of the errors; they come row by row; the rest are trimmed from the end."""
    dialect = {"header": has_header}
    report = validate([header + body], schema, dialect=dialect, max_errors=10**9)
    assert len(report.errors) == report.error_count
    assert report.valid == (report.error_count == 0)
    order = [(error.row or 0, error.line or 0) for error in report.errors]
    assert sorted(order) == order
    trimmed = validate([header + body], schema, dialect=dialect, max_errors=3)
    assert (report.error_count, report.row_count) == (trimmed.error_count, trimmed.row_count)
    assert report.errors[:3] == trimmed.errors


@given(header=HEADERS, body=FILES, schema=SCHEMAS, cuts=st.lists(st.integers(0, 20)))
def test_a_verdict_does_not_depend_on_how_the_bytes_come(
    header: bytes, body: bytes, schema: Any, cuts: list[int]
) -> None:
    """A file, one chunk or many: the same report."""
    data = header + body
    expected = validate([data], schema)
    assert expected == validate(chopped(data, cuts), schema)
    assert expected == validate(io.BytesIO(data), schema)


@given(header=HEADERS, body=FILES)
def test_a_valid_file_is_valid_without_its_schema(header: bytes, body: bytes) -> None:
    """A schema only adds rules."""
    data = header + body
    if validate([data], EVERYTHING).valid:
        assert validate([data], None).valid


# --- what a report must not repeat ----------------------------------------------------------------------------------

MARKER = "Zq7xMARKERx7qZ"
CONFIDENTIAL: Mapping[str, tuple[Any, str]] = {
    "integer": (schema_of({"type": "integer"}), f"a\n{MARKER}\n"),
    "number": (schema_of({"type": "number"}), f"a\n{MARKER}\n"),
    "decimal": (schema_of({"type": "number", "format": "decimal"}), f"a\n{MARKER}\n"),
    "e-mail address": (schema_of({"type": "string", "format": "email"}), f"a\n{MARKER}\n"),
    "boolean": (schema_of({"type": "boolean"}), f"a\n{MARKER}\n"),
    "date": (schema_of({"type": "date"}), f"a\n{MARKER}\n"),
    "datetime": (schema_of({"type": "datetime"}), f"a\n{MARKER}\n"),
    "pattern": (schema_of({"type": "string", "constraints": {"pattern": "[0-9]"}}), f"a\n{MARKER}\n"),
    "enum": (schema_of({"constraints": {"enum": ["x"]}}), f"a\n{MARKER}\n"),
    "minLength": (schema_of({"type": "string", "constraints": {"minLength": 99}}), f"a\n{MARKER}\n"),
    "maxLength": (schema_of({"type": "string", "constraints": {"maxLength": 1}}), f"a\n{MARKER}\n"),
    "unique": (schema_of({"constraints": {"unique": True}}), f"a\n{MARKER}\n{MARKER}\n"),
    "uniqueKeys": (schema_of({}, {}, uniqueKeys=[["a", "b"]]), f"a,b\nx,{MARKER}\nx,{MARKER}\n"),
    "primaryKey": (schema_of({}, primaryKey="a"), f"a\n{MARKER}\n{MARKER}\n"),
    "a missing cell": (schema_of({}, {}), f"a,b\n{MARKER}\n"),
    "an extra cell": (schema_of({}), f"a\nx,{MARKER}\n"),
    "an extra cell without a schema": (None, f"a\nx,{MARKER}\n"),
    "a stray quote": (None, f'a\n{MARKER}"\n'),
    "text after a quote": (None, f'a\n"{MARKER}"{MARKER}\n'),
    "an unterminated quote": (None, f'a\n"{MARKER}\n'),
    "an oversized record": (None, f"a\n{MARKER * 400_000}\n"),
    "NUL": (None, f"a\n{MARKER}\0\n"),
    "bad UTF-8": (None, f"a\n{MARKER}\udcff\n"),
    "labels of which none is known": (schema_of({}, {}), f"{MARKER},{MARKER}x\n"),
    "a duplicate label": (schema_of({}, {}), f"{MARKER},{MARKER}\n"),
    "a quote in a label": (schema_of({}), f'{MARKER}"\n'),
    "a header that is never closed": (schema_of({}), f'"{MARKER}\n'),
    "the rows below a wrong label": (schema_of({}, {"type": "integer"}), f"a,x\nx,{MARKER}\n"),
    "no header": (schema_of({"type": "integer"}, {}, dialect={"header": False}), f"{MARKER}\n{MARKER},x,{MARKER}\n"),
    "no header nor schema": (schema_of({}, dialect={"header": False}), f"{MARKER}\n{MARKER},x\n"),
}


@pytest.mark.parametrize("kind", CONFIDENTIAL)
def test_no_error_repeats_what_a_cell_contains(kind: str) -> None:
    """Reports go to logs, and files may be confidential."""
    schema, text = CONFIDENTIAL[kind]
    report = validate([text.encode(errors="surrogateescape")], schema)
    assert not report.valid
    assert MARKER not in repr(report)


@given(
    cells=st.lists(
        st.sampled_from(
            [MARKER, f"{MARKER}@", f"-{MARKER}", f"1{MARKER}", f'"{MARKER}"x', f'{MARKER}"', f"\xa0{MARKER}"]
        ),
        min_size=1,
        max_size=20,
    ),
    ends=st.lists(st.sampled_from([",", "\n", "\r", '"', "\0", "\udcff"]), min_size=20, max_size=20),
)
def test_no_mixture_of_faults_repeats_what_a_cell_contains(cells: list[str], ends: list[str]) -> None:
    """Neither messages nor columns contain cells."""
    text = "a,b,c,d,e,f,g\n" + "".join(cell + end for cell, end in zip(cells, ends, strict=False))
    report = validate([text.encode(errors="surrogateescape")], EVERYTHING, max_errors=10**9)
    assert not report.valid
    assert MARKER not in repr(report)
    assert MARKER not in repr(places(report))
