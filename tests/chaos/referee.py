"""Compare what was recorded with the plan, and name what is lost, stuck or wrong."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import groupby, pairwise
from operator import attrgetter

from attrs import frozen

from chalicelib.uploads.lifecycle import SUCCESSORS, VERDICTS, Status
from tests.chaos.contents import Verdict
from tests.chaos.evidence import Evidence, Row, Step
from tests.chaos.plan import PlannedUpload


class Failing(StrEnum):
    """The ways in which an upload can fail."""

    LOST = "lost"
    """There is no record of it."""
    STUCK = "stuck"
    """It has no verdict when everything is quiet."""
    WRONG = "wrong"
    """Its verdict or its audit is not as planned."""
    ROWS_LOST = "rows lost"
    """It was VALIDATED, and the table lacks rows of it."""
    ROWS_DOUBLED = "rows doubled"
    """The table has rows of it more than once."""
    ROWS_STALE = "rows stale"
    """The table has rows of another version than the last one that was VALIDATED."""


@frozen(kw_only=True)
class Finding:
    """An upload that is lost, stuck or wrong."""

    failing: Failing
    upload_id: str
    what: str

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{self.failing}: {self.upload_id}: {self.what}"


def judge(uploads: tuple[PlannedUpload, ...], evidence: Evidence) -> tuple[Finding, ...]:
    """Compare the uploads with the plan."""
    planned = {upload.upload_id for upload in uploads if upload.is_well_formed}
    return (
        *(finding for upload in uploads for finding in _of_upload(upload, evidence)),
        *(_wrong(upload_id, "it was never uploaded") for upload_id in evidence.rows if upload_id not in planned),
        *_of_audit(evidence),
        *(finding for upload in uploads for finding in _of_table(upload, evidence)),
        *(finding for upload in uploads for finding in _of_results(upload, evidence)),
    )


def _of_upload(upload: PlannedUpload, evidence: Evidence) -> Iterator[Finding]:
    row = evidence.rows.get(upload.upload_id)
    if upload.is_well_formed:
        yield from _of_row(upload, row, evidence)
    accepted = row.object_key if row else None
    for key in {put.key for put in upload.puts} - {accepted}:
        if (accepted or not upload.is_well_formed) and key not in evidence.refused:
            yield Finding(
                failing=Failing.LOST, upload_id=upload.upload_id, what=f"there is no record or report of {key}"
            )


def _of_row(upload: PlannedUpload, row: Row | None, evidence: Evidence) -> Iterator[Finding]:
    if row is None:
        yield Finding(failing=Failing.LOST, upload_id=upload.upload_id, what="there is no row")
    elif row.status not in VERDICTS:
        what = f"it is {row.status}, in {row.execution_name}"
        yield Finding(failing=Failing.STUCK, upload_id=upload.upload_id, what=what)
    elif (mistake := _mistake(upload, row, evidence)) is not None:
        yield _wrong(upload.upload_id, f"{upload.kind}: {mistake}")


def _mistake(upload: PlannedUpload, row: Row, evidence: Evidence) -> str | None:
    """Yield what is wrong with the verdict on an upload."""
    newest = {put.key: put.content.verdict for put in upload.puts}
    if row.object_key not in newest:
        return f"it is said to be {row.object_key}"
    if row.version_id != evidence.newest[row.object_key]:
        return f"the verdict is about version {row.version_id}, not about {evidence.newest[row.object_key]}"
    if row.execution_name in evidence.aborted and row.first_code == "system-error":
        return None
    if row.verdict != newest[row.object_key]:
        return f"expected {_in_words(newest[row.object_key])}, found {_in_words(row.verdict)} {row.first_code}"
    return None


def _of_table(upload: PlannedUpload, evidence: Evidence) -> Iterator[Finding]:
    """Check that the table has the rows of the last VALIDATED version, and no others of the upload."""
    verdicts = [step for step in evidence.steps if (step.upload_id, step.to_status) == (upload.upload_id, "VALIDATED")]
    loaded = [it for it in evidence.loaded if it.upload_id == upload.upload_id]
    expected = (verdicts[-1].row_count or 0) if verdicts else 0
    found = sum(it.distinct for it in loaded)
    what = f"{found} rows are loaded, not {expected}"
    if found < expected:
        yield Finding(failing=Failing.ROWS_LOST, upload_id=upload.upload_id, what=what)
    if found > expected or any(it.rows > it.distinct for it in loaded):
        yield Finding(failing=Failing.ROWS_DOUBLED, upload_id=upload.upload_id, what=what)
    if len(loaded) > 1 or not {it.name for it in loaded} <= _loadable(upload, evidence.rows.get(upload.upload_id)):
        yield Finding(failing=Failing.ROWS_STALE, upload_id=upload.upload_id, what="rows of another version are loaded")


def _of_results(upload: PlannedUpload, evidence: Evidence) -> Iterator[Finding]:
    """Check that the accepted and the rejected rows of a file that was split are those of its newest version."""
    row = evidence.rows.get(upload.upload_id)
    if row is None or evidence.results is None or upload.upload_id not in evidence.results:
        return
    newest = {put.key: put.content for put in upload.puts}.get(row.object_key)
    if newest and (newest.accepted, newest.rejected) != evidence.results[upload.upload_id]:
        yield _wrong(upload.upload_id, "its accepted or rejected rows are others")


def _loadable(upload: PlannedUpload, row: Row | None) -> set[str]:
    """Return the names in the versions whose rows may be loaded: the newest one if that is valid."""
    contents = [put.content for put in upload.puts if row and put.key == row.object_key]
    valid = [content.name for content in contents if content.verdict.status is Status.VALIDATED]
    return set(valid[-1:] if row and row.status is Status.VALIDATED else valid)


def _of_audit(evidence: Evidence) -> Iterator[Finding]:
    """Check that each upload's transitions start at PENDING, have no gap, and end at the row's status."""
    by_upload = attrgetter("upload_id")
    for upload_id, steps in groupby(sorted(evidence.steps, key=by_upload), by_upload):
        row = evidence.rows.get(upload_id)
        if (what := _gap(tuple(steps), row)) is not None:
            yield _wrong(upload_id, what)


def _gap(steps: tuple[Step, ...], row: Row | None) -> str | None:
    if row is None or steps[-1].to_status != row.status:
        return f"its last transition is to {steps[-1].to_status}, and its row says otherwise"
    if (steps[0].from_status, steps[0].to_status) != (None, Status.PENDING):
        return f"its first transition is from {steps[0].from_status} to {steps[0].to_status}"
    for before, after in pairwise(steps):
        if after.from_status != before.to_status or after.attempt not in {before.attempt, before.attempt + 1}:
            return f"no transition leads from {before} to {after}"
        if after.to_status not in SUCCESSORS[Status(before.to_status)]:
            return f"{before.to_status} is followed by {after.to_status}"
    return None


def _wrong(upload_id: str, what: str) -> Finding:
    return Finding(failing=Failing.WRONG, upload_id=upload_id, what=what)


def _in_words(verdict: Verdict) -> str:
    return f"{verdict.status} with {verdict.row_count} rows and {verdict.error_count} errors"
