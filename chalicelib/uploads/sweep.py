"""Look for what nobody has told of: uploads that wait in vain, objects that nothing has taken up."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum

from attrs import frozen

from chalicelib.errors import KeyMalformed, UploadIdTaken
from chalicelib.telemetry import logs
from chalicelib.uploads.attempts import Attempt, ObjectCreated, UploadState
from chalicelib.uploads.batches import Turns
from chalicelib.uploads.lifecycle import SWEEP, Cause, Status
from chalicelib.uploads.ports import BucketPage, EventBus, Executions, Uploads, UploadsBucket
from chalicelib.uploads.settle import SettleExecution, SettleOutcome

MAX_UPLOADS = 200
"""How many uploads one sweep looks at, at the most."""
MAX_PAGES = 5
"""How many pages of the bucket's list, of a thousand versions each, one sweep reads at the most."""


class SweepOutcome(StrEnum):
    """What became of something that was looked at."""

    SOUND = "sound"
    """Nothing is amiss: it runs, or waits for its object, or is known."""
    STARTED = "started"
    """Its execution had never been started, and is now."""
    RESTARTED = "restarted"
    """Its execution came to nothing, and another attempt has begun."""
    SETTLED = "settled"
    """Its execution came to nothing, and there is no use in trying again."""
    FOUND = "found"
    """No event had told of it; an attempt has begun."""
    REJECTED = "rejected"
    """Its upload id belongs to another object, as was said when it arrived."""
    FAILED = "failed"
    """Something that we need did not answer; the next sweep tries again."""


_SWEEP_OUTCOMES = {
    SettleOutcome.RESTARTED: SweepOutcome.RESTARTED,
    SettleOutcome.SETTLED: SweepOutcome.SETTLED,
    SettleOutcome.NEEDLESS: SweepOutcome.SOUND,
}


@frozen(kw_only=True)
class Sweep:
    """Looks after uploads without a verdict, then through the next part of the bucket.

    What is younger than `grace` is left to those whose business it is. Any number of sweeps may run at once: each
    move is guarded, and what one has done the other finds done.
    """

    uploads: Uploads
    executions: Executions
    bucket: UploadsBucket
    grace: timedelta
    bus: EventBus | None = None
    """Where verdicts are told of; None to tell nobody."""

    def __call__(self) -> None:
        """Look at a bounded part of everything, and note what was found; raises the first failure at the end."""
        with Turns(SweepOutcome.FAILED) as turns:
            unsettled = self.uploads.claim_unsettled(idle=self.grace, most=MAX_UPLOADS)
            turns.take(unsettled, self._attend, lambda state: {"uploadId": state.upload_id})
            for page in self._pages():
                turns.take(self._unknown(page.objects), self._take_up, lambda found: {"key": found.key})

    def _pages(self) -> Iterator[BucketPage]:
        """Give the next pages of the bucket's list; whoever dies of one leaves the next sweep to the one behind it."""
        after = self.uploads.sweep_marker()
        for _ in range(MAX_PAGES):
            page = self.bucket.page(after=after, settled_since=self.grace)
            after = page.last_key
            self.uploads.save_sweep_marker(after)
            yield page
            if not after:
                break

    def _attend(self, state: UploadState) -> SweepOutcome:
        """See to an upload without a verdict."""
        if state.status is Status.PENDING:
            return self._take_up(state.created)
        execution = self.executions.find(str(state.execution_name))
        if execution is None:
            return self._start(state)
        if not execution.status.is_over:
            return SweepOutcome.SOUND
        settle = SettleExecution(uploads=self.uploads, executions=self.executions, bus=self.bus)
        return _SWEEP_OUTCOMES[settle.see_to(execution, SWEEP)]

    def _start(self, state: UploadState) -> SweepOutcome:
        cause = Cause(actor=SWEEP, reason="the execution had never been started")
        execution = self.uploads.resume(str(state.execution_name), cause)
        if execution is None:
            return SweepOutcome.SOUND
        logs.note_upload(state.upload_id, execution.name)
        self.executions.start(execution)
        return SweepOutcome.STARTED

    def _unknown(self, objects: tuple[ObjectCreated, ...]) -> list[ObjectCreated]:
        """Leave out what can be no upload, and objects at whose very version the present attempt of their upload is."""
        upload_ids = _upload_ids(objects)
        states = self.uploads.states(upload_ids.values())
        return [found for found, upload_id in upload_ids.items() if not _is_attempted(found, states.get(upload_id))]

    def _take_up(self, found: ObjectCreated) -> SweepOutcome:
        """Begin an attempt at an object, if it is there in another version than that which is known.

        Where the upload stands is asked before what is in the bucket: so the answer is no older than the attempt, and
        the guard sees whether there has been a newer one meanwhile.
        """
        upload_id = Attempt.for_object(found).upload_id
        state = self.uploads.states([upload_id]).get(upload_id)
        if state and state.created.key != found.key:
            return SweepOutcome.REJECTED
        present = self.bucket.present(found.key)
        if present is None or _is_attempted(present, state):
            return SweepOutcome.SOUND
        return self._begin(present, after=state.number if state else 0)

    def _begin(self, present: ObjectCreated, *, after: int) -> SweepOutcome:
        cause = Cause(actor=SWEEP, reason="the object was in the bucket, and no event had told of it")
        try:
            execution = self.uploads.begin_found(present, after=after, cause=cause)
        except UploadIdTaken:
            return SweepOutcome.REJECTED
        if execution is None:
            return SweepOutcome.SOUND
        logs.note_upload(execution.request.upload_id, execution.name)
        self.executions.start(execution)
        return SweepOutcome.FOUND


def _upload_ids(objects: Iterable[ObjectCreated]) -> dict[ObjectCreated, str]:
    """Give the upload of each object that can be one; of the others it was said when they arrived."""
    upload_ids = {}
    for found in objects:
        with suppress(KeyMalformed):
            upload_ids[found] = Attempt.for_object(found).upload_id
    return upload_ids


def _is_attempted(found: ObjectCreated, state: UploadState | None) -> bool:
    return state is not None and state.number > 0 and state.created.is_version_of(found)
