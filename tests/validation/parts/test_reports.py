"""The algebra of part reports, and their bytes."""

from functools import reduce

import pytest
from attrs import evolve

from chalicelib.errors import PartsUnsupported
from chalicelib.validation.parts import (
    BytesSource,
    PartReport,
    chained,
    packed,
    packed_apart,
    plan,
    unpacked,
    validate_part,
)
from tests.validation.parts.test_whole import SCHEMA, TABLE
from tests.validation.parts.trial import Trial


def reports(part_bytes: int = 12, max_errors: int = 3) -> list[PartReport]:
    """Validate a table in parts."""
    trial = Trial(data=TABLE, schema={**SCHEMA, "primaryKey": "a"}, max_errors=max_errors, marks_rows=True)
    made, source = trial.planned(part_bytes), BytesSource(TABLE)
    return list(chained(source, made, [validate_part(source, made, at) for at in range(len(made.ends))]))


@pytest.mark.parametrize("max_errors", [0, 3, 100])
def test_merging_is_associative(max_errors: int) -> None:
    """From the left or from the right, the same is found."""
    found = reports(max_errors=max_errors)
    assert len(found) > 3
    assert reduce(PartReport.merge, found) == reduce(lambda right, left: left.merge(right), reversed(found))


def test_an_empty_part_changes_nothing() -> None:
    """Before or behind a part."""
    for report in reports():
        before = PartReport(entry=report.entry, exit=report.entry, max_errors=report.max_errors)
        behind = PartReport(entry=report.exit, exit=report.exit, max_errors=report.max_errors)
        assert report == before.merge(report) == report.merge(behind)


def test_parts_that_do_not_follow_each_other_are_not_merged() -> None:
    """Between them records would be missing."""
    first, _, third, *_ = reports()
    with pytest.raises(ValueError, match="does not follow"):
        first.merge(third)


def test_a_report_is_read_back_from_its_bytes() -> None:
    """With records that cannot be read, and cells that have no text."""
    for report in [*reports(1), *reports(1000)]:
        assert report == unpacked(packed(report))


def test_errors_of_a_report_can_be_left_unread() -> None:
    """They are the last of its bytes."""
    for report in reports(1000):
        found, errors = packed_apart(report)
        assert packed(report) == found + errors
        pieces = tuple([evolve(piece, errors=(), entries=()) for piece in report.pieces])
        assert unpacked(found) == evolve(report, pieces=pieces)
        assert unpacked(found) != report


def test_bytes_of_a_report_grow_by_a_bit_for_a_row_and_32_bytes_for_a_key() -> None:
    """The rest of it is bounded, whatever the size of the part."""
    sizes = []
    for count in (10_000, 20_000):
        data = b"a,b,c\n" + b"".join(b"%d,x,y\n" % (each * 7919 % 1_000_003) for each in range(count))
        trial = Trial(data=data, schema={**SCHEMA, "primaryKey": "a"}, marks_rows=True)
        made = trial.planned(len(data))
        sizes.append(len(packed(validate_part(BytesSource(data), made, 0))))
    assert 10_000 * 32 <= sizes[1] - sizes[0] <= 10_000 * 33


@pytest.mark.parametrize(
    ("dialect", "reason"),
    [
        ({"encoding": "utf-16"}, "several bytes"),
        ({"encoding": "shift_jis"}, "several bytes"),
        ({"delimiter": "||"}, "several characters"),
        ({"quoteChar": "«"}, "beyond ASCII"),
    ],
)
def test_a_dialect_that_is_read_from_its_beginning_alone_is_refused(dialect: dict[str, str], reason: str) -> None:
    """With the reason."""
    with pytest.raises(PartsUnsupported, match=reason):
        plan(BytesSource(TABLE), SCHEMA, dialect=dialect)


def test_a_compressed_file_is_refused() -> None:
    """It can only be decompressed from its beginning."""
    with pytest.raises(PartsUnsupported, match="gzip"):
        plan(BytesSource(TABLE), SCHEMA, gzipped=True)
