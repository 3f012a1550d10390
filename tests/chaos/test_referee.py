"""The referee reports each way to fail, and nothing else."""

import pytest
from attrs import evolve

from chalicelib.uploads.lifecycle import Status
from tests.chaos.contents import Content
from tests.chaos.evidence import Evidence, LoadedRows, Row, Step
from tests.chaos.plan import Kind, PlannedUpload, Put
from tests.chaos.referee import judge

KEY = "uploads/acme/one/orders.csv"
OTHER_KEY = "uploads/else/one/orders.csv"
UPLOAD = PlannedUpload(kind=Kind.INVALID, upload_id="one", puts=(Put(key=KEY, content=Content(rows=5, wrong=2)),))
ROW = Row(
    upload_id="one",
    object_key=KEY,
    version_id="v1",
    execution_name="one-1",
    status=Status.VALIDATION_FAILED,
    row_count=5,
    error_count=2,
)
STEPS = (
    Step(upload_id="one", attempt=0, from_status=None, to_status="PENDING"),
    Step(upload_id="one", attempt=1, from_status="PENDING", to_status="VALIDATING"),
    Step(upload_id="one", attempt=1, from_status="VALIDATING", to_status="VALIDATION_FAILED"),
)
SOUND = Evidence(rows={"one": ROW}, steps=STEPS, newest={KEY: "v1"})


def findings(evidence: Evidence, *uploads: PlannedUpload) -> list[str]:
    """Return the referee's findings."""
    return [str(finding) for finding in judge(uploads or (UPLOAD,), evidence)]


def with_row(**changes: object) -> Evidence:
    """Return evidence with a changed row and a matching audit."""
    row = evolve(ROW, **changes)  # type: ignore[arg-type]
    return evolve(SOUND, rows={"one": row}, steps=(*STEPS[:-1], evolve(STEPS[-1], to_status=row.status)))


def test_right_verdict_is_no_finding() -> None:
    """Status, counts, version and audit are as planned."""
    assert findings(SOUND) == []


def test_results_of_another_content_are_wrong() -> None:
    """Both files are compared byte by byte, where files are split."""
    content = UPLOAD.puts[0].content
    assert sorted(content.data.splitlines()) == sorted(
        [*content.accepted.splitlines(), *content.rejected.splitlines()[1:]]
    )
    split = evolve(SOUND, results={"one": (content.accepted, content.rejected)})
    assert [] == findings(split)
    swapped = evolve(SOUND, results={"one": (content.rejected, content.accepted)})
    assert ["wrong: one: its accepted or rejected rows are others"] == findings(swapped)


def test_upload_without_a_row_is_lost() -> None:
    """No row has its id."""
    assert ["lost: one: there is no row"] == findings(evolve(SOUND, rows={}, steps=()))


def test_upload_without_a_verdict_is_stuck() -> None:
    """It counts as stuck once no work is left."""
    stuck = evolve(SOUND, rows={"one": evolve(ROW, status=Status.VALIDATING)}, steps=STEPS[:-1])

    assert ["stuck: one: it is VALIDATING, in one-1"] == findings(stuck)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"error_count": 3},
            "expected VALIDATION_FAILED with 5 rows and 2 errors, found VALIDATION_FAILED with 5 rows",
        ),
        ({"row_count": 4}, "expected VALIDATION_FAILED with 5 rows"),
        ({"status": Status.VALIDATED, "error_count": 0}, "found VALIDATED with 5 rows and 0 errors"),
        ({"row_count": None, "error_count": 1, "first_code": "system-error"}, "1 errors system-error"),
        ({"version_id": "v0"}, "the verdict is about version v0, not about v1"),
        ({"object_key": "uploads/acme/one/another.csv"}, "it is said to be uploads/acme/one/another.csv"),
    ],
)
def test_verdict_other_than_planned_is_wrong(changes: dict[str, object], expected: str) -> None:
    """In any of its parts."""
    found = findings(with_row(**changes))

    assert found[0].startswith("wrong: one: invalid: ")
    assert expected in found[0]


def test_only_an_aborted_execution_may_end_as_a_system_failure() -> None:
    """Others have to judge the file."""
    aborted = with_row(row_count=None, error_count=1, first_code="system-error")

    assert findings(evolve(aborted, aborted=frozenset({"one-1"}))) == []
    assert findings(evolve(aborted, aborted=frozenset({"one-0"}))) != []


def test_row_of_a_malformed_key_is_wrong() -> None:
    """A malformed key never becomes an upload."""
    malformed = PlannedUpload(kind=Kind.MALFORMED, upload_id="one", puts=UPLOAD.puts)

    assert ["wrong: one: it was never uploaded"] == findings(SOUND, malformed)


def test_malformed_key_that_was_not_logged_is_lost() -> None:
    """The orchestrator logs each rejected key."""
    malformed = PlannedUpload(kind=Kind.MALFORMED, upload_id="one", puts=UPLOAD.puts)
    nothing = Evidence(rows={}, newest={KEY: "v1"})

    assert [f"lost: one: there is no record or report of {KEY}"] == findings(nothing, malformed)
    assert findings(evolve(nothing, refused=frozenset({KEY})), malformed) == []


def test_one_of_two_keys_for_an_upload_id_is_accepted_and_the_other_rejected() -> None:
    """The verdict is that on the accepted key."""
    other = Put(key=OTHER_KEY, content=Content(rows=9))
    contested = evolve(UPLOAD, kind=Kind.CONTESTED, puts=(*UPLOAD.puts, other))

    assert [f"lost: one: there is no record or report of {OTHER_KEY}"] == findings(SOUND, contested)
    assert findings(evolve(SOUND, refused=frozenset({OTHER_KEY})), contested) == []


def test_replaced_file_has_the_verdict_on_the_newest_version() -> None:
    """Not that on the older one."""
    replaced = evolve(UPLOAD, puts=(Put(key=KEY, content=Content(rows=1)), *UPLOAD.puts))

    assert findings(SOUND, replaced) == []
    assert findings(with_row(status=Status.VALIDATED, row_count=1, error_count=0), replaced) != []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (STEPS[1:], "its first transition is from PENDING to VALIDATING"),
        (STEPS[:-1], "its last transition is to VALIDATING, and its row says otherwise"),
        ((STEPS[0], STEPS[2]), "no transition leads from"),
        ((STEPS[0], evolve(STEPS[2], attempt=0, from_status="PENDING")), "PENDING is followed by VALIDATION_FAILED"),
        ((STEPS[0], STEPS[1], evolve(STEPS[2], attempt=3)), "no transition leads from"),
    ],
)
def test_audit_with_a_gap_is_wrong(steps: tuple[Step, ...], expected: str) -> None:
    """Each transition is legal and begins at the status where the one before ended."""
    (finding,) = findings(evolve(SOUND, steps=steps))

    assert expected in finding


TWO = PlannedUpload(
    kind=Kind.REPLACED,
    upload_id="one",
    puts=(Put(key=KEY, content=Content(rows=3, mark="1")), Put(key=KEY, content=Content(rows=5, mark="2"))),
)
VALIDATED = evolve(
    SOUND,
    rows={"one": evolve(ROW, status=Status.VALIDATED, error_count=0)},
    steps=(*STEPS[:-1], evolve(STEPS[-1], to_status="VALIDATED", row_count=5)),
)


def rows(name: str, number: int, distinct: int | None = None) -> LoadedRows:
    """Return what the table has of the upload."""
    return LoadedRows(upload_id="one", name=name, rows=number, distinct=number if distinct is None else distinct)


@pytest.mark.parametrize(
    ("loaded", "expected"),
    [
        ((rows("Ada 2", 5),), []),
        ((), ["rows lost: one: 0 rows are loaded, not 5"]),
        ((rows("Ada 2", 4),), ["rows lost: one: 4 rows are loaded, not 5"]),
        ((rows("Ada 2", 6, 5),), ["rows doubled: one: 5 rows are loaded, not 5"]),
        ((rows("Ada 1", 5),), ["rows stale: one: rows of another version are loaded"]),
    ],
)
def test_table_has_the_rows_of_the_newest_valid_version(loaded: tuple[LoadedRows, ...], expected: list[str]) -> None:
    """Missing rows are lost, rows that are there twice are doubled, and those of another version are stale."""
    assert expected == findings(evolve(VALIDATED, loaded=loaded), TWO)


def test_rows_of_an_invalid_file_are_stale() -> None:
    """An upload that was never VALIDATED has no rows."""
    found = findings(evolve(SOUND, loaded=(rows("Ada ", 1),)))
    assert [
        "rows doubled: one: 1 rows are loaded, not 0",
        "rows stale: one: rows of another version are loaded",
    ] == found
