"""The verdict on an object in parts is that on the whole object."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from attrs import evolve

from chalicelib.aws import part_store
from chalicelib.errors import ObjectVanished, PartsInconsistent
from chalicelib.uploads.messages import ValidationRequest, ValidationResponse
from chalicelib.uploads.parts import release, shares
from chalicelib.uploads.parts.messages import PartsRequest
from chalicelib.uploads.parts.readings import PartRead, PartToRead, round_name
from chalicelib.uploads.parts.seams import check_seams
from chalicelib.validation.checking import orphans
from chalicelib.validation.reporting import report as full_report
from tests.uploads.parts.in_parts import InParts
from tests.validation.fast.native.kernels import needs_kernel

Make = Callable[..., InParts]

SCHEMA: Mapping[str, Any] = {
    "fields": [
        {"name": "id", "type": "integer"},
        {"name": "name", "type": "string", "constraints": {"maxLength": 20}},
        {"name": "amount", "type": "number"},
    ]
}
KEYED = {**SCHEMA, "primaryKey": "id"}
TOLERANT = {**KEYED, "assay": {"tolerance": {"rows": "40%"}}}
ROWS = [f"{at},name {at},{at}.5" for at in range(40)]
HEADER = "id,name,amount\n"

FILES: Mapping[str, tuple[Any, str]] = {
    "clean": (SCHEMA, HEADER + "\n".join(ROWS)),
    "dirty": (SCHEMA, HEADER + "\n".join(row.replace("7", "x,") for row in ROWS) + "\n"),
    "line breaks in quotes": (SCHEMA, HEADER + "".join(f'{at},"a\nb\r\n{at},""c""",x\n' for at in range(20))),
    "a quote that is never closed": (SCHEMA, HEADER + "\n".join([*ROWS[:9], '9,"open,1', *ROWS])),
    "rows in a cell": (SCHEMA, HEADER + "".join(f'{at},"1,b,2\n2,b,3\n3,b,4\n",1\n' for at in range(10))),
    "repeated keys": (KEYED, HEADER + "\n".join([*ROWS, *ROWS[3:20:4], ",none,1"])),
    "tolerated": (TOLERANT, HEADER + "\n".join([*ROWS, *ROWS[3:20:4], "x,none,1"])),
    "other columns": (SCHEMA, "id,amount\n" + "1,2\n" * 30),
    "not in UTF-8": (SCHEMA, HEADER + "1,\udcff,2\n" * 30),
}


@pytest.mark.parametrize("part_bytes", [60, 300])
@pytest.mark.parametrize("name", FILES)
def test_response_and_report_are_those_of_the_whole(in_parts: Make, name: str, part_bytes: int) -> None:
    """They are equal byte by byte, but for the digest of the content: it takes a reading from the beginning."""
    schema, text = FILES[name]
    use = in_parts(schema, part_bytes=part_bytes)
    request = use.put(text.encode(errors="surrogateescape"), rows="41")
    whole = use.validator(request, None)
    files = use.files(request)
    divided = use.divided(request)
    assert evolve(whole, content_sha256=None) == evolve(divided, content_sha256=None)
    assert files == use.files(request)
    assert {"errors.jsonl", "causes.json", "report.html"} <= files.keys()


REFERRING = {**SCHEMA, "foreignKeys": [{"fields": "name", "reference": {"resource": "", "fields": "amount"}}]}
TREE: Mapping[str, Any] = {
    "fields": [{"name": name, "type": "integer"} for name in ("id", "name", "amount")],
    "foreignKeys": [{"fields": "name", "reference": {"resource": "", "fields": "id"}}],
    "assay": {"tolerance": {"rows": "90%"}},
}
MANY_KEYS: Mapping[str, tuple[Any, str, bool]] = {
    "repeated": (*FILES["repeated keys"], True),
    "tolerated": (*FILES["tolerated"], True),
    "counting the rows": (KEYED, FILES["clean"][1], False),
    "counting rows of two lines": (KEYED, HEADER + "".join(f'{at},"a\nb",1\n' for at in range(40)), False),
    "counting the rows twice": (KEYED, HEADER + "\n".join([*ROWS, *ROWS]), True),
    "dangling": (
        {**REFERRING, "uniqueKeys": ["id"]},
        HEADER + "".join(f"{at},{at}.5,{at + 3}.5\n" for at in range(40)),
        True,
    ),
    "dangling and tolerated": ({**TOLERANT, **REFERRING}, HEADER + "\n".join(ROWS), True),
    "orphans": (
        TREE,
        HEADER + "".join(f"{at},{max(at - 1, 0)},{at}\n" for at in range(36)) + "36,7,x\n37,36,1\n",
        True,
    ),
    "no orphans": (TREE, HEADER + "".join(f"{at},{max(at - 1, 0)},{at}\n" for at in range(40)), True),
    "chain of orphans": (
        TREE,
        HEADER + "0,1,x\n" + "".join(f"{at},{at - 1},1\n" for at in range(1, 7)) + "8,8,1\n" * 9,
        True,
    ),
    "chain that is too long": (TREE, HEADER + "0,1,x\n" + "".join(f"{at},{at - 1},1\n" for at in range(1, 9)), True),
    "none": (SCHEMA, FILES["clean"][1], False),
}
STRETCHES = {"counting the rows", "counting rows of two lines"}
"""The native engine keeps consecutive numbers without a digest for each."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=needs_kernel) if name in STRETCHES else name for name in MANY_KEYS]
)
def test_many_keys_are_compared_in_shares(in_parts: Make, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Response and report are those of the whole. Keys that are known to differ need no shares."""
    monkeypatch.setattr(shares, "SHARE_KEYS", 16)
    monkeypatch.setattr(orphans, "MOST_ROUNDS", 7)
    schema, text, is_shared = MANY_KEYS[name]
    use = in_parts(schema, part_bytes=300)
    request = use.put(text.encode())
    whole, files = use.validator(request, None), use.files(request)
    state = use.settled(request)
    assert is_shared == any(name.startswith("keys-") for name in use.store.files(state.location))
    assert evolve(whole, content_sha256=None) == use.merge(state)
    assert files == use.files(request)


def test_share_of_keys_that_is_missing_is_not_merged(in_parts: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its errors would be missing from the report."""
    monkeypatch.setattr(shares, "SHARE_KEYS", 16)
    use = in_parts(KEYED, part_bytes=300)
    state = use.settled(use.put(FILES["repeated keys"][1].encode()))
    of = state.parts.shares
    assert of is not None
    assert of > 1
    delete(use, state, round_name(0, 0, of))
    with pytest.raises(PartsInconsistent, match="keys-000-00000-"):
        use.merge(state)
    with pytest.raises(PartsInconsistent, match="keys-000-00000-"):
        check_seams(state, store=use.store)


def delete(use: InParts, state: PartsRequest, name: str) -> None:
    """Delete the file whose name begins with `name`."""
    (found,) = [each for each in use.store.files(state.location) if each.startswith(name)]
    use.client.delete_object(Bucket="inbox", Key=state.location.key(found))


def test_share_of_a_round_of_orphans_that_is_missing_is_not_merged(
    in_parts: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for once more. If it is still missing, that is an error; no later round is compared."""
    monkeypatch.setattr(shares, "SHARE_KEYS", 16)
    use = in_parts(TREE, part_bytes=300)
    state = use.settled(use.put(MANY_KEYS["chain of orphans"][1].encode()))
    of = state.parts.shares or 0
    delete(use, state, round_name(2, 0, of))
    with pytest.raises(PartsInconsistent, match="keys-002-00000-"):
        use.merge(state)
    with pytest.raises(PartsInconsistent, match="before round 3"):
        use.read(state, [PartToRead(number=0, round=3)])
    asked = check_seams(state, store=use.store)
    assert (PartToRead(number=0, round=2),) == asked.readings
    with pytest.raises(PartsInconsistent, match="keys-002-00000-"):
        check_seams(evolve(state, validation=evolve(state.validation, parts=asked)), store=use.store)


def test_state_machine_without_shares_does_not_read_parts_again_and_again(
    in_parts: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of an earlier release leaves their number out, so that its Map reads parts and no shares."""
    use = in_parts(KEYED, part_bytes=300)
    state = use.settled(use.put(FILES["repeated keys"][1].encode()))
    older = evolve(state, validation=evolve(state.validation, parts=evolve(state.parts, shares=None)))
    assert () == check_seams(older, store=use.store).readings
    assert use.merge(state) == use.merge(older)
    monkeypatch.setattr(shares, "SHARE_KEYS", 16)
    with pytest.raises(PartsInconsistent, match="earlier release"):
        check_seams(older, store=use.store)


def test_bucket_without_versions_is_pinned_by_the_etag(in_parts: Make) -> None:
    """A replaced object is refused, whether or not it has a version."""
    use = in_parts(SCHEMA)
    use.client.create_bucket(Bucket="plain")
    use.client.put_object(Bucket="plain", Key="uploads/a/42/a.csv", Body=FILES["clean"][1].encode())
    request = ValidationRequest(upload_id="42", bucket="plain", key="uploads/a/42/a.csv", execution_name="42-0a")
    assert use.divided(request).valid
    state = use.state(request, use.validator(request, use.planner))
    use.client.put_object(Bucket="plain", Key=request.key, Body=FILES["dirty"][1].encode())
    with pytest.raises(ObjectVanished, match="was replaced"):
        use.read(state, state.parts.readings)


def test_version_that_was_planned_is_read(in_parts: Make) -> None:
    """A newer version of the object does not change the verdict on this one."""
    use = in_parts(SCHEMA)
    request = evolve(use.put(FILES["clean"][1].encode()), version_id=None)
    state = use.state(request, use.validator(request, use.planner))
    use.put(b"other")
    use.read(state, state.parts.readings)
    assert use.merge(state).valid


def test_schema_that_was_planned_is_used(in_parts: Make) -> None:
    """All parts are checked against one schema, even if another one is put meanwhile."""
    use = in_parts(SCHEMA)
    request = use.put(FILES["clean"][1].encode())
    state = use.settled(request)
    use.schemas.datasets["default"] = {"fields": []}
    assert use.merge(state).valid


def test_errors_are_read_while_the_report_has_room(in_parts: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many errors there are behind that, they do not slow the merge."""
    monkeypatch.setattr(full_report, "MAX_LINES", 1_500)
    monkeypatch.setattr(part_store, "_AHEAD_REQUESTS", 1)
    use = in_parts(SCHEMA, part_bytes=3_000)
    request = use.put((HEADER + f"x,{'long' * 6},x\n" * 1_000).encode())
    whole, files = use.validator(request, None), use.files(request)
    state = use.settled(request)
    read: list[tuple[str, str]] = []

    def note(params: Mapping[str, str], **_: Any) -> None:
        read.append((params.get("Range", ""), params["Key"]))

    use.client.meta.events.register("before-parameter-build.s3.GetObject", note)
    assert evolve(whole, content_sha256=None) == use.merge(state)
    assert files == use.files(request)
    parts = sorted(PartRead.among(use.store.files(state.location).items()), key=lambda part: part.number)
    ends = [next(range_ for range_, key in read if key.endswith(part.name)) for part in parts]
    with_errors = [end == f"bytes=0-{part.keys_at - 1}" for end, part in zip(ends, parts, strict=True)]
    # Each part lists some 300 of 1,500 errors, and one part is read ahead.
    assert with_errors == [True] * 6 + [False] * (len(parts) - 6)


def test_missing_part_is_not_merged(in_parts: Make) -> None:
    """A Map that succeeds although a part failed leads to no verdict."""
    use = in_parts(SCHEMA)
    state = _planned(use)
    use.read(state, (reading for reading in state.parts.readings if reading.number != 3))
    with pytest.raises(PartsInconsistent, match="part 3 is missing"):
        use.merge(state)


def test_parts_of_another_plan_are_not_merged(in_parts: Make) -> None:
    """An earlier try at the same execution planned under another name, with another secret."""
    use = in_parts(SCHEMA)
    earlier, state = _planned(use), _planned(use)
    use.read(earlier, earlier.parts.readings)
    use.read(state, state.parts.readings[1:])
    with pytest.raises(PartsInconsistent, match="part 0 is missing"):
        use.merge(state)


def test_part_that_is_read_twice_is_the_same(in_parts: Make) -> None:
    """A function that was believed dead may write its report after another one did."""
    use = in_parts(KEYED)
    request = use.put(FILES["repeated keys"][1].encode())
    state = use.settled(request)
    verdict = use.merge(state)
    use.read(state, [PartToRead(number=number) for number in range(5)])
    assert verdict == use.merge(state)


def test_parts_of_another_release_are_refused(in_parts: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment while parts are read would mix what two releases find."""
    use = in_parts(SCHEMA)
    state = _planned(use)
    monkeypatch.setattr("chalicelib.uploads.parts.stored_plan.release", lambda: "another")
    with pytest.raises(PartsInconsistent, match="another release"):
        use.read(state, state.parts.readings)
    assert release.release() == release.release()


def test_request_without_planned_parts_is_refused(in_parts: Make) -> None:
    """A verdict has no parts."""
    use = in_parts(SCHEMA)
    state = use.state(use.put(b""), ValidationResponse(valid=True, error_count=0, errors=(), row_count=0))
    with pytest.raises(PartsInconsistent):
        use.merge(state)


def _planned(use: InParts) -> PartsRequest:
    request = use.put(FILES["clean"][1].encode())
    return use.state(request, use.validator(request, use.planner))
