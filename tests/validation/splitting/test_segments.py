"""A file that is split segment by segment, as it was validated in parts."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from chalicelib.errors import PartsUnsupported, SchemaInvalid
from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.parts import BytesSource, chained, finish, plan, validate_part
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.dataset_options import refuse_unsplittable
from chalicelib.validation.splitting.segments import Segment, Side, segments, split_segment
from tests.fuzz.parts import trial
from tests.validation.splitting import test_splitter

SCHEMA: Mapping[str, Any] = {"fields": [{"name": "id", "type": "integer"}, {"name": "b"}]}


def in_parts(  # noqa: PLR0913 - keywords with defaults
    data: bytes, schema: Any, part_bytes: int, *, dialect: Any = None, engine: Engine | None = None, native: bool = True
) -> tuple[bytes, bytes, list[Segment]] | None:
    """Return the accepted and the rejected rows, and the segments; None if it is not known which are faulty."""
    source = BytesSource(data)
    made = plan(source, schema, dialect=dialect, part_bytes=part_bytes, engine=engine, marks_rows=True)
    reports = list(chained(source, made, [validate_part(source, made, index) for index in range(len(made.ends))]))
    rejected = RowSet()
    report = finish(made, reports, faulty_rows=rejected)
    if report.rejected_rows is None:
        return None
    found = list(segments([(each.exit, each.records) for each in reports], len(data), rejected))
    accepted, refused = bytearray(), bytearray()
    for each in found:
        if each.side is Side.BOTH:
            bits = rejected.bits(each.row, each.rows)
            split_segment(source, made, each, bits, accept=accepted.extend, reject=refused.extend, native=native)
        else:
            side = accepted if each.side is Side.ACCEPTED else refused
            side.extend(data[each.start : each.end])
    return bytes(accepted), bytes(refused), found


@pytest.mark.parametrize("seed", range(60))
def test_segments_are_split_as_the_whole_file_is(seed: int) -> None:
    """Random files, schemas, dialects and engines, in parts from one byte on."""
    made, rng = trial(seed), Random(seed)  # noqa: S311 - not for cryptography
    try:
        dialect = made.dialect if made.dialect is not None else (made.schema or {}).get("dialect")
        refuse_unsplittable(Dialect.from_descriptor(dialect))
        whole = test_splitter.parts(made.data, made.schema, made.dialect)
        part_bytes = max(rng.choice((1, 3, 20, 300)), len(made.data) // 100)
        native = rng.random() < 0.5
        found = in_parts(made.data, made.schema, part_bytes, dialect=made.dialect, engine=made.engine, native=native)
    except (SchemaInvalid, PartsUnsupported):
        return
    assert (whole is None) == (found is None)
    if whole and found:
        assert (whole.accepted, whole.rejected) == found[:2]


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("part_bytes", [1, 4, 9, 1000])
def test_row_in_the_middle_may_end_in_ctrl_z(part_bytes: int, *, native: bool) -> None:
    """At the end of a file that is a mark, and the file is in error."""
    data = b"id,b\n1,\x1a\nx,\x1a\r\n\x1a\nx,\x1a\x1a\n2,\x1a\n3,c\n"
    found = in_parts(data, SCHEMA, part_bytes, native=native)
    assert found is not None
    assert (b"id,b\n1,\x1a\n2,\x1a\n3,c\n", b"id,b\nx,\x1a\r\n\x1a\nx,\x1a\x1a\n") == found[:2]


def test_segment_of_one_side_is_not_read() -> None:
    """The first one always is: both sides get its header."""
    data = b"\xef\xbb\xbfid,b\n" + b"1,a\n" * 4 + b"x,a\n" * 4 + b"1,a\nx,a\n" * 2
    accepted, rejected, found = in_parts(data, SCHEMA, 16) or (b"", b"", [])
    assert [Side.BOTH, Side.REJECTED, Side.BOTH] == [each.side for each in found]
    assert [0, *(each.end for each in found)] == [*(each.start for each in found), len(data)]
    assert [1, 6, 10] == [each.row for each in found]
    assert len(data) + len(b"\xef\xbb\xbfid,b\n") == len(accepted) + len(rejected)


@pytest.mark.parametrize("data", [b"id,b\n", b"id,b", b"id,b\r\n"])
def test_file_without_rows_has_one_segment(data: bytes) -> None:
    """Both sides have its header."""
    accepted, rejected, found = in_parts(data, SCHEMA, 1) or (b"", b"", [])
    assert (data, data, [Side.BOTH]) == (accepted, rejected, [each.side for each in found])
