"""Sweep: find uploads without a verdict, and objects without an attempt."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from functools import partial

from attrs import frozen

from chalicelib.errors import KeyMalformed, UploadIdTaken
from chalicelib.telemetry import logs
from chalicelib.uploads.attempts import Attempt, ObjectCreated, UploadState
from chalicelib.uploads.batches import Task, run_batch
from chalicelib.uploads.lifecycle import SWEEP, Cause, Status
from chalicelib.uploads.ports import EventBus, Executions, LoadsInDoubt, Uploads
from chalicelib.uploads.settle import SettleOutcome, settle_ended
from chalicelib.uploads.storage_ports import BucketPage, UploadsBucket

MAX_UPLOADS = 200
"""How many uploads one sweep looks at."""
MAX_PAGES = 5
"""How many pages of the bucket's listing, of a thousand versions each, one sweep reads."""


class SweepOutcome(StrEnum):
    """What a sweep found, and did."""

    SOUND = "sound"
    """There is nothing to do: its execution runs, or its object has not arrived, or its version is known."""
    STARTED = "started"
    """Its execution had never been started, and is now."""
    RESTARTED = "restarted"
    """Its execution failed, and another attempt has begun."""
    SETTLED = "settled"
    """Its execution ended without a verdict, and another attempt would not help."""
    FOUND = "found"
    """No event had announced it; an attempt has begun."""
    REJECTED = "rejected"
    """Its upload id belongs to another object, as was logged when it arrived."""
    FAILED = "failed"
    """A service did not answer; the next sweep tries again."""


_SWEEP_OUTCOMES = {
    SettleOutcome.RESTARTED: SweepOutcome.RESTARTED,
    SettleOutcome.SETTLED: SweepOutcome.SETTLED,
    SettleOutcome.NEEDLESS: SweepOutcome.SOUND,
}


@frozen(kw_only=True)
class Sweep:
    """Looks at uploads without a verdict, then at the next pages of the bucket.

    What is younger than `grace` is skipped. Several sweeps may run at once: the SQL guards let each change happen once.
    """

    uploads: Uploads
    executions: Executions
    bucket: UploadsBucket
    grace: timedelta
    bus: EventBus | None = None
    """Where verdicts are published; None to publish none."""
    loads: LoadsInDoubt | None = None
    """Decides loads that are in doubt; None where rows are loaded into Assay's own database."""

    def run(self) -> None:
        """Look at a bounded number of uploads and objects, and log the outcomes; raises the first failure last."""
        run_batch(self._tasks(), failed=SweepOutcome.FAILED)

    def _tasks(self) -> Iterator[Task]:
        for state in self.uploads.claim_without_verdict(idle=self.grace, most=MAX_UPLOADS):
            yield Task(run=partial(self._recover, state), log_fields={"uploadId": state.upload_id})
        for page in self._pages():
            for found in self._unknown(page.objects):
                yield Task(run=partial(self._begin_if_new, found), log_fields={"key": found.key})

    def _pages(self) -> Iterator[BucketPage]:
        """Iterate over the next pages of the bucket's listing.

        The marker is saved before the page is yielded, so that the next sweep skips a page that crashes this one.
        """
        after = self.uploads.sweep_marker()
        for _ in range(MAX_PAGES):
            page = self.bucket.page(after=after, min_age=self.grace)
            after = page.last_key
            self.uploads.save_sweep_marker(after)
            yield page
            if not after:
                break

    def _recover(self, state: UploadState) -> SweepOutcome:
        """Recover an upload that has no verdict."""
        if state.status is Status.PENDING:
            return self._begin_if_new(state.created)
        execution = self.executions.find(str(state.execution_name))
        if execution is None:
            return self._start(state)
        if not execution.status.is_over:
            return SweepOutcome.SOUND
        outcome = settle_ended(
            execution,
            actor=SWEEP,
            uploads=self.uploads,
            executions=self.executions,
            bus=self.bus,
            loads=self.loads,
        )
        return _SWEEP_OUTCOMES[outcome]

    def _start(self, state: UploadState) -> SweepOutcome:
        cause = Cause(actor=SWEEP, reason="the execution had never been started")
        execution = self.uploads.resume(str(state.execution_name), cause)
        if execution is None:
            return SweepOutcome.SOUND
        logs.add_upload(state.upload_id, execution.name)
        self.executions.start(execution)
        return SweepOutcome.STARTED

    def _unknown(self, objects: tuple[ObjectCreated, ...]) -> list[ObjectCreated]:
        """Return the objects that can be uploads, and whose version is not that of the current attempt."""
        upload_ids = _upload_ids(objects)
        states = self.uploads.states(upload_ids.values())
        return [found for found, upload_id in upload_ids.items() if not _is_attempted(found, states.get(upload_id))]

    def _begin_if_new(self, found: ObjectCreated) -> SweepOutcome:
        """Begin an attempt at an object, if the bucket has another version of it than the one that is known.

        Read the state before the bucket, so that the version is at least as new as the state's attempt. The SQL guard
        detects an attempt that began in between.
        """
        upload_id = Attempt.for_object(found).upload_id
        state = self.uploads.states([upload_id]).get(upload_id)
        if state and state.created.key != found.key:
            return SweepOutcome.REJECTED
        current = self.bucket.current_version(found.key)
        if current is None or _is_attempted(current, state):
            return SweepOutcome.SOUND
        return self._begin(current, after=state.number if state else 0)

    def _begin(self, current: ObjectCreated, *, after: int) -> SweepOutcome:
        cause = Cause(actor=SWEEP, reason="the object was in the bucket, and no event had announced it")
        try:
            execution = self.uploads.begin_found(current, after=after, cause=cause)
        except UploadIdTaken:
            return SweepOutcome.REJECTED
        if execution is None:
            return SweepOutcome.SOUND
        logs.add_upload(execution.request.upload_id, execution.name)
        self.executions.start(execution)
        return SweepOutcome.FOUND


def _upload_ids(objects: Iterable[ObjectCreated]) -> dict[ObjectCreated, str]:
    """Return the upload id of each object that can be an upload; the others were rejected when they arrived."""
    upload_ids = {}
    for found in objects:
        with suppress(KeyMalformed):
            upload_ids[found] = Attempt.for_object(found).upload_id
    return upload_ids


def _is_attempted(found: ObjectCreated, state: UploadState | None) -> bool:
    return state is not None and state.number > 0 and state.created.is_version_of(found)
