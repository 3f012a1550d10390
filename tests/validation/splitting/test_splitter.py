"""Splitting: accepted and rejected rows, byte by byte as in the file."""

import gzip
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from attrs import frozen

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import Dialect, ValidationReport, validate
from chalicelib.validation.reading.content import Content
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import RECORD_BYTES, Record, UnreadableRecord
from chalicelib.validation.reading.source import BLOCK_BYTES
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.splitting.splitter import split
from tests.fuzz.cases import Trial

SCHEMA: Mapping[str, Any] = {"fields": [{"name": "id", "type": "integer"}, {"name": "b"}]}


@frozen(kw_only=True)
class Parts:
    """The two parts of a file."""

    report: ValidationReport
    faulty: frozenset[int]
    accepted: bytes
    rejected: bytes


def parts(data: bytes, schema: Any, dialect: Any = None, *, native: bool = True, size: int = 2**20) -> Parts | None:
    """Validate and split a file; None if it is not known which rows are faulty, or the dialect cannot be split."""
    rows = RowSet()
    report = validate(io.BytesIO(data), schema, dialect=dialect, faulty_rows=rows, max_errors=10**9)
    declared = dialect if dialect is not None else (schema or {}).get("dialect")
    accepted, rejected = bytearray(), bytearray()
    if report.rejected_rows is None:
        return None
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    form = Dialect.from_descriptor(declared)
    split(chunks, form, rows, accept=accepted.extend, reject=rejected.extend, native=native)
    return Parts(report=report, faulty=frozenset(rows), accepted=bytes(accepted), rejected=bytes(rejected))


def records(data: bytes, dialect: Dialect) -> Sequence[tuple[int, Any]]:
    """Return the records of a file as the reference reads them, each with its row."""
    return [
        (each.row, each.cells if isinstance(each, Record) else _unreadable(each))
        for each in RecordReader([data], dialect)
    ]


def _unreadable(record: UnreadableRecord) -> Any:
    return record.field, record.fault, record.beginning


@pytest.mark.parametrize("seed", range(300, 330))
def test_parts_hold_each_record_once_and_the_accepted_one_is_valid(seed: int) -> None:
    """Schemas, dialects, encodings and files are random; the kernel and the reference split alike."""
    case = Trial.of(seed, 60).case
    dialect = case.dialect if case.dialect is not None else (case.schema or {}).get("dialect")
    try:
        made = parts(case.data, case.schema, case.dialect)
    except SchemaInvalid:
        return
    if made is None:
        return
    assert made == parts(case.data, case.schema, case.dialect, native=False, size=7)
    form = Dialect.from_descriptor(dialect)
    every = records(case.data, form)
    above = len(every) - made.report.row_count
    for part, is_faulty in ((made.accepted, False), (made.rejected, True)):
        expected = [cells for row, cells in every[above:] if (row in made.faulty) == is_faulty]
        assert expected == [cells for _, cells in records(part, form)][above:]
    assert [cells for _, cells in every[:above]] == [cells for _, cells in records(made.rejected, form)][:above]
    if not made.accepted:  # neither a header nor an accepted row
        return
    alone = validate(io.BytesIO(made.accepted), case.schema, dialect=case.dialect)
    assert (0, made.report.row_count - len(made.faulty)) == (alone.error_count, alone.row_count)
    if not made.faulty:
        assert case.data == made.accepted


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize(
    ("encoding", "dialect"),
    [("utf-8-sig", {}), ("utf-16", {"encoding": "utf-16"}), ("utf-32", {"encoding": "utf-32"}), ("cp1252", None)],
)
def test_parts_are_written_as_the_file_is(encoding: str, dialect: Mapping[str, Any] | None, *, native: bool) -> None:
    """Byte order mark, encoding, quotes and line ends are those of the file; the header comes first in both."""
    form = {"encoding": encoding, "delimiter": ";"} if dialect is None else {**dialect, "delimiter": ";"}
    written = ["id;b\r\n", '1;"é\n\n"\n', '"x";é\r\n', "3;z\r", 'y;"q"""']
    made = parts("".join(written).encode(encoding), SCHEMA, form, native=native, size=3)
    assert made is not None
    assert "".join(written[at] for at in (0, 1, 3)).encode(encoding) == made.accepted
    assert "".join(written[at] for at in (0, 2, 4)).encode(encoding) == made.rejected


@pytest.mark.parametrize("native", [True, False])
def test_record_that_is_too_large_is_split_in_bounded_memory(*, native: bool) -> None:
    """Wherever its quotes and line breaks are; the records around it are divided as others are."""
    large = b'9,"' + (b"x" * 999 + b"\n") * (RECORD_BYTES // 1000 + 1) + b'"\n'
    wide = b"9," + b"y" * (3 * RECORD_BYTES) + b"\n"
    data = b"id,b\n" + b"1,a\n" * 9 + large + b"x,a\n2,b\n" + wide + b'3,c\n4,"' + b"z" * RECORD_BYTES
    made = parts(data, SCHEMA, native=native, size=1_000_000)
    assert made is not None
    assert b"id,b\n" + b"1,a\n" * 9 + b"2,b\n3,c\n" == made.accepted
    assert b"id,b\n" + large + b"x,a\n" + wide + b'4,"' + b"z" * RECORD_BYTES == made.rejected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-16-le"])
def test_line_may_end_where_a_block_does(encoding: str, end: str) -> None:
    """A line break at the end of a block is one, although CR may become CRLF, which two blocks may share."""
    unit = len("x".encode(encoding))
    for shift in range(-2, 3):
        padding = "é" * (BLOCK_BYTES // unit - len(f"id,b{end}1,{end}") + shift)
        lines = [f"id,b{end}", f"1,{padding}{end}", f"x,b{end}", f"2,c{end}"]
        made = parts("".join(lines).encode(encoding), SCHEMA, {"encoding": encoding})
        assert made is not None
        assert "".join(lines[at] for at in (0, 1, 3)).encode(encoding) == made.accepted
        assert "".join(lines[at] for at in (0, 2)).encode(encoding) == made.rejected


def test_gzip_file_is_split_as_its_decompressed_content() -> None:
    """The parts are not compressed."""
    faulty, accepted, rejected = RowSet(), bytearray(), bytearray()
    packed = gzip.compress(b"id,b\n1,a\nx,b\n")
    validate([packed], SCHEMA, gzipped=True, faulty_rows=faulty)
    split(Content([packed], gzipped=True), Dialect(), faulty, accept=accepted.extend, reject=rejected.extend)
    assert (b"id,b\n1,a\n", b"id,b\nx,b\n") == (bytes(accepted), bytes(rejected))


def test_rows_above_the_data_are_in_both_parts() -> None:
    """A title, comments, a header of two rows, and comments that follow it at once."""
    dialect = {"headerRows": [2, 3], "commentRows": [4], "commentChar": "#"}
    data = b"title\nid,b\n,\nunit,unit\n1,a\n# c\nx,b\n"
    made = parts(data, SCHEMA, dialect)
    assert made is not None
    above = b"title\nid,b\n,\nunit,unit\n"
    assert (above + b"1,a\n# c\n", above + b"x,b\n") == (made.accepted, made.rejected)


@pytest.mark.parametrize(
    ("dialect", "reason"),
    [
        ({"commentRows": [5]}, "$.dialect.commentRows: splitting would give these rows another number"),
        ({"encoding": "utf-7"}, "$.dialect.encoding: files in UTF-7 cannot be split"),
        ({"encoding": "iso2022-jp"}, "$.dialect.encoding: files in ISO2022-JP cannot be split"),
    ],
)
def test_dialect_that_cannot_be_split_is_refused(dialect: Mapping[str, Any], reason: str) -> None:
    """When the schema is read, if its dataset is split: not for each file."""
    with pytest.raises(SchemaInvalid) as refused:
        split([], Dialect.from_descriptor(dialect), RowSet(), accept=len, reject=len)
    assert str(refused.value).startswith(reason)
