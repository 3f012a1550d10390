"""A file that is split segment by segment, as it was validated in parts."""

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.validation.splitting.segments import Side
from tests.fuzz.parts import trial
from tests.validation.splitting.in_segments import in_parts, splits_alike

SCHEMA: Mapping[str, Any] = {"fields": [{"name": "id", "type": "integer"}, {"name": "b"}]}


@pytest.mark.parametrize("seed", range(40))
def test_segments_are_split_as_the_whole_file_is(seed: int) -> None:
    """Random files, schemas, dialects and engines, in parts from one byte on."""
    made = trial(seed)
    part_bytes = max((1, 3, 20, 300)[seed % 4], len(made.data) // 100)
    assert splits_alike(made, part_bytes, native=seed % 3 > 0)


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
