"""The results of an object in parts are those of the whole, byte by byte."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from attrs import evolve

from chalicelib.errors import ObjectVanished, PartsInconsistent
from chalicelib.uploads.messages import ValidationResponse
from chalicelib.uploads.parts import shares
from chalicelib.uploads.parts.messages import PartsRequest
from chalicelib.uploads.task_failure import TaskFailure, exception_message
from tests.uploads.parts.in_parts import InParts

Make = Callable[..., InParts]

FIELDS = [{"name": "id", "type": "integer"}, {"name": "name"}]
SPLIT: Mapping[str, Any] = {"fields": FIELDS, "assay": {"split": True}}
TOLERANT = {"fields": FIELDS, "primaryKey": "id", "assay": {"split": True, "tolerance": {"rows": "40%"}}}
LOADED = {"fields": FIELDS, "assay": {"tolerance": {"rows": 3}, "load": {"table": "orders"}}}
HEADER = "id,name\n"
ROWS = [f"{at},name {at}" for at in range(40)]
WRONG = [*ROWS[:20], "x,1", *ROWS[20:30], "y,2", "z,3", *ROWS[30:]]

FILES: Mapping[str, tuple[Any, str]] = {
    "clean": (SPLIT, HEADER + "\n".join(ROWS)),
    "dirty": (SPLIT, HEADER + "\n".join(WRONG) + "\n"),
    "all wrong": (SPLIT, HEADER + "x,1\n" * 40),
    "no rows": (SPLIT, HEADER),
    "tolerated": (TOLERANT, HEADER + "\r\n".join(WRONG)),
    "repeated keys": (TOLERANT, HEADER + "\n".join([*ROWS, *ROWS[3:20:4], ",none"])),
    "beyond the tolerance": (TOLERANT, HEADER + "\n".join([*ROWS, *ROWS])),
    "line breaks in quotes": (SPLIT, HEADER + "".join(f'{at},"a\nx,b\r\n"\nx,"\n1,2\n"\n' for at in range(20))),
    "a quote that is never closed": (SPLIT, HEADER + "\n".join([*ROWS[:9], '9,"open', *ROWS])),
    "comments": ({**SPLIT, "dialect": {"commentChar": "#"}}, HEADER + "# a\n1,a\n# b\nx,b\n" * 9),
    "another encoding": ({**SPLIT, "dialect": {"encoding": "cp1252"}}, HEADER + "1,\udce9\nx,\udce9\n" * 9),
    "wrong header": (SPLIT, "name\n" + "a\n" * 40),
    "loaded": (LOADED, HEADER + "\n".join(WRONG)),
    "not loaded, because it is invalid": (LOADED, HEADER + "\n".join([*WRONG, *WRONG])),
}


@pytest.mark.parametrize("name", FILES)
def test_results_are_those_of_the_whole(in_parts: Make, name: str) -> None:
    """Accepted and rejected rows, their numbers, their counts, and the load that is asked for."""
    schema, text = FILES[name]
    use = in_parts(schema, part_bytes=100)
    request = use.put(text.encode(errors="surrogateescape"))
    whole = use.validator(request, None)
    divided = evolve(request, execution_name="42-0b")
    assert evolve(whole, content_sha256=None, report=None) == evolve(use.divided(divided), report=None)
    assert use.files(request, "results") == use.files(divided, "results")
    assert [] == use.client.list_multipart_uploads(Bucket="inbox").get("Uploads", [])


def test_rows_with_keys_that_are_compared_in_shares_are_rejected(
    in_parts: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The faulty rows of all shares are known before the object is split."""
    monkeypatch.setattr(shares, "SHARE_KEYS", 16)
    test_results_are_those_of_the_whole(in_parts, "repeated keys")


def merged(use: InParts) -> tuple[PartsRequest, ValidationResponse]:
    """Return the state and the response of an object whose parts were merged, and which is to be split."""
    state = use.settled(use.put(FILES["dirty"][1].encode()))
    return state, use.merge(state)


def test_only_segments_with_rows_of_both_sides_are_read(in_parts: Make) -> None:
    """And the first one, for its header. S3 copies the others."""
    _, response = merged(in_parts(SPLIT, part_bytes=100))
    assert response.split is not None
    assert (0, 2, 3) == response.split.segments


def test_segment_that_is_missing_leads_to_no_result(in_parts: Make) -> None:
    """A Map that succeeds although a child failed, as one may."""
    use = in_parts(SPLIT, part_bytes=100)
    state, response = merged(use)
    use.split_segment(state, 0)
    use.split_segment(state, 3)
    with pytest.raises(PartsInconsistent, match="segment 2 was not split"):
        use.join(state, response)
    assert {"rejected.rows"} == use.files(use.put(b""), "results").keys()


OF_MAP = TaskFailure(Error="States.ExceedToleratedFailureThreshold")


def test_segment_that_failed_for_good_is_named_with_its_error(in_parts: Make) -> None:
    """The Map's own error says neither; it counts if the segment could not record its own."""
    use = in_parts(SPLIT, part_bytes=100)
    state, response = merged(use)
    assert OF_MAP == use.join(state, response, OF_MAP).failure
    cause = '{"errorMessage": "s3://inbox/k may not be read"}'
    use.split_segment(state, 2, TaskFailure(Error="ObjectForbidden", Cause=cause))
    for of_map in (None, OF_MAP):
        failure = use.join(state, response, of_map).failure
        assert failure is not None
        assert ("ObjectForbidden", "segment 2") == (failure.Error, failure.Part)
        assert "segment 2: s3://inbox/k may not be read" == exception_message(failure)
    assert {"rejected.rows"} == use.files(use.put(b""), "results").keys()


def test_failure_of_a_segment_that_has_been_split_since_does_not_count(in_parts: Make) -> None:
    """A redriven execution splits again what has failed."""
    use = in_parts(SPLIT, part_bytes=100)
    state, response = merged(use)
    use.split_segment(state, 2, TaskFailure(Error="Lambda.Unknown"))
    for number in (0, 2, 3):
        use.split_segment(state, number)
    assert response.split == use.join(state, response)
    assert {"accepted.csv", "rejected.csv", "rejected.rows"} == use.files(use.put(b""), "results").keys()


def test_all_steps_can_be_repeated(in_parts: Make) -> None:
    """A function that was believed dead writes what another one has written."""
    use = in_parts(SPLIT, part_bytes=100)
    state, response = merged(use)
    use.split(state, response)
    files = use.files(use.put(b""), "results")
    assert response == use.merge(state)
    use.split_segment(state, 2)
    use.split(state, response)
    assert files == use.files(use.put(b""), "results")
    assert [b"22\n33\n34\n"] == [files["rejected.rows"]]


@pytest.mark.parametrize("step", ["split", "join"])
def test_object_that_is_gone_is_not_split(in_parts: Make, step: str) -> None:
    """Each step reads the version that was validated."""
    use = in_parts(SPLIT, part_bytes=100)
    state, response = merged(use)
    if step == "join":
        for number in (0, 2, 3):
            use.split_segment(state, number)
    use.client.delete_object(Bucket="inbox", Key=state.key, VersionId=str(state.version_id))
    with pytest.raises(ObjectVanished):
        use.split(state, response) if step == "split" else use.join(state, response)


def test_segment_that_is_not_to_be_split_is_refused(in_parts: Make) -> None:
    """It has one side, or does not exist."""
    use = in_parts(SPLIT, part_bytes=100)
    state, _ = merged(use)
    for number in (1, 99):
        with pytest.raises(PartsInconsistent, match=f"no segment {number}"):
            use.split_segment(state, number)


def test_state_machine_without_splits_gets_no_verdict(in_parts: Make) -> None:
    """That of an earlier release would record one without the two files."""
    use = in_parts(SPLIT, part_bytes=100)
    state, _ = merged(use)
    older = evolve(state, validation=evolve(state.validation, parts=evolve(state.parts, shares=None)))
    with pytest.raises(PartsInconsistent, match="earlier release"):
        use.merge(older)


def test_request_without_a_split_is_refused(in_parts: Make) -> None:
    """Most verdicts have none."""
    use = in_parts(SPLIT, part_bytes=100)
    state, response = merged(use)
    with pytest.raises(PartsInconsistent, match="no split was planned"):
        use.join(state, evolve(response, split=None))
