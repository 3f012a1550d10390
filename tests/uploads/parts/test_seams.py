"""Which parts are read once more."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

import pytest
from attrs import evolve

from chalicelib.errors import PartsInconsistent
from chalicelib.uploads.messages import ValidationResponse
from chalicelib.uploads.parts.failed_child import FailedChild
from chalicelib.uploads.parts.messages import PartsRequest
from chalicelib.uploads.parts.readings import PartRead, PartToRead, PlannedParts
from chalicelib.uploads.parts.seams import MAX_ROUNDS, Seams, check_seams
from chalicelib.uploads.parts.stored_plan import StoredPlan
from chalicelib.uploads.storage_ports import PinnedObject
from chalicelib.uploads.task_failure import TaskFailure, exception_message

if TYPE_CHECKING:
    from chalicelib.uploads.parts.ports import PartStore

PLAN = StoredPlan(
    object=PinnedObject(bucket="inbox", key="k", version_id=None, etag="e", size=40),
    schema="default",
    descriptor="{}",
    announced_rows=None,
    part_bytes=10,
    start=5,
    ends=(10, 20, 30, 40),
    secret="",
    engine="portable",
    release="r",
)


def parts(*places: tuple[int, int, int]) -> list[PartRead]:
    """Return parts, each with its number, entry and exit."""
    return [PartRead(number=number, entry=entry, exit=exit_) for number, entry, exit_ in places]


def wrong(*places: tuple[int, int, int]) -> Sequence[tuple[int, int | None]]:
    """Return number and entry of the parts that are read once more."""
    return [(each.number, each.entry) for each in Seams.of(PLAN, parts(*places)).wrong]


def test_parts_that_begin_where_the_last_one_ends_fit_together() -> None:
    """The order in which they were read does not matter, nor do readings with other entries."""
    chain = parts((0, 5, 11), (1, 11, 20), (2, 20, 33), (3, 33, 40))
    seams = Seams.of(PLAN, [*reversed(chain), PartRead(number=2, entry=22, exit=33)])
    assert (chain, []) == (seams.chain, seams.wrong)


def test_part_inside_of_a_record_is_not_needed() -> None:
    """It may even be missing."""
    assert [] == wrong((0, 5, 33), (3, 33, 40))


def test_all_wrong_entries_are_found_at_once() -> None:
    """A part with a wrong entry is assumed to end where it ended before."""
    assert [(1, 11), (3, 33)] == wrong((0, 5, 11), (1, 13, 20), (2, 20, 33), (3, 35, 40))


def test_record_that_was_left_out_is_read_from_its_beginning() -> None:
    """A part whose entry was guessed ends before a record that is larger than a record may be."""
    left_out = (0, 5, 11), (1, 11, 15), (2, 20, 33), (3, 33, 40)
    assert [(1, 15)] == wrong(*left_out)
    assert [] == wrong(*left_out, (1, 15, 20))


def test_part_that_is_missing_is_an_error() -> None:
    """Step Functions reported that all parts had been read."""
    with pytest.raises(PartsInconsistent, match="part 2 is missing"):
        Seams.of(PLAN, parts((0, 5, 11), (1, 11, 20), (3, 33, 40)))


def test_part_that_reads_nothing_is_an_error() -> None:
    """Otherwise it would be read again and again."""
    with pytest.raises(PartsInconsistent, match="nothing was read"):
        Seams.of(PLAN, parts((0, 5, 5), (1, 11, 20)))


class Parts:
    """A store in which no part fits, and some have failed."""

    def __init__(self, *failed: FailedChild) -> None:
        """Begin with these failures."""
        self.failed = failed

    def plan(self, _: object) -> StoredPlan:
        """Return the plan."""
        return PLAN

    def files(self, _: object) -> Mapping[str, int]:
        """List the names of all files."""
        found = parts((0, 5, 11), (1, 13, 20), (2, 20, 33), (3, 33, 40))
        return dict.fromkeys(["plan.json", *(part.name for part in found), *(each.name for each in self.failed)], 0)

    def failures(self, _: object, names: Iterable[str]) -> Iterator[FailedChild]:
        """Yield the failures of these names."""
        return (each for each in self.failed if each.name in names)


PLANNED = PlannedParts(plan="0" * 32 + "-4", concurrency=1, shares=0, readings=())
VERDICT = ValidationResponse(valid=False, error_count=0, errors=(), row_count=0, parts=PLANNED)
STATE = PartsRequest(upload_id="42", bucket="inbox", key="k", execution_name="42-0a", validation=VERDICT)


def checked(state: PartsRequest, *failed: FailedChild) -> PlannedParts:
    """Return what is found of the seams of these parts."""
    return check_seams(state, store=cast("PartStore", Parts(*failed)))


FORBIDDEN = TaskFailure(Error="ObjectForbidden", Cause='{"errorMessage": "s3://inbox/k may not be read"}')


def test_part_that_failed_for_good_is_named_with_its_error() -> None:
    """The Map's own error says neither."""
    of_map = TaskFailure(Error="States.ExceedToleratedFailureThreshold")
    for state in (STATE, evolve(STATE, failure=of_map)):
        found = checked(state, PartToRead(number=1, entry=11).failed(0, FORBIDDEN))
        assert ((), "ObjectForbidden") == (found.readings, found.failure and found.failure.Error)
        assert found.failure is not None
        assert "part 1 from byte 11 on" == found.failure.Part
        assert "part 1 from byte 11 on: s3://inbox/k may not be read" == exception_message(found.failure)
    assert of_map == checked(evolve(STATE, failure=of_map)).failure


@pytest.mark.parametrize("reading", [PartToRead(number=1), PartToRead(number=1, entry=13)])
def test_failure_of_a_part_that_has_been_read_since_does_not_count(reading: PartToRead) -> None:
    """A redriven execution reads again what has failed."""
    assert checked(STATE, reading.failed(0, FORBIDDEN)).failure is None


@pytest.mark.parametrize(
    ("round_", "what"), [(0, "share 1 of the 4 of the keys"), (2, "share 1 of the 4 of the keys in round 2")]
)
def test_failure_of_a_share_counts_until_its_file_is_there(round_: int, what: str) -> None:
    """The name of that file ends in a number of faults, which does not matter."""
    failed = PartToRead(number=1, round=round_).failed(4, FORBIDDEN)
    assert (what, True) == (failed.what, f"keys-00{round_}-00001-4-17".startswith(failed.writes))


def test_rounds_are_bounded() -> None:
    """The state machine repeats until all parts fit, or this fails."""
    planned, verdict, state = PLANNED, VERDICT, STATE
    store = cast("PartStore", Parts())
    assert evolve(planned, round=2, readings=(PartToRead(number=1, entry=11),)) == check_seams(state, store=store)
    last = evolve(state, validation=evolve(verdict, parts=evolve(planned, round=MAX_ROUNDS)))
    with pytest.raises(PartsInconsistent, match=f"read {MAX_ROUNDS} times"):
        check_seams(last, store=store)


@pytest.mark.parametrize("name", ["part-1-2", "part-1-2-3-4", "part-a-2-3", "plan.json", "part--1-2-3"])
def test_file_that_is_no_part_is_refused(name: str) -> None:
    """Names say where a part begins and ends."""
    with pytest.raises(PartsInconsistent):
        PartRead.of(name, 1)


def test_name_of_a_part_says_where_it_begins_and_ends() -> None:
    """Offsets have up to 15 digits."""
    part = PartRead(number=4_999, entry=5_000_000_000_000, exit=5_000_000_000_001, size=7)
    assert (part, 7) == (PartRead.of(part.name, 7), part.size)
