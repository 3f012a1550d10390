"""What may happen in that world, in any order; and what must be true after each step, and in the end."""

from collections import Counter
from collections.abc import Callable
from functools import wraps
from itertools import pairwise
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.postgres.database import Database
from chalicelib.uploads.attempts import ExecutionStatus
from chalicelib.uploads.lifecycle import SETTLER, SUCCESSORS, SWEEP, VERDICTS, Status
from tests.torture.world import Crash, Fuse, World

KEYS = tuple(f"uploads/acme/upload-{number}/orders.csv" for number in range(3))
UPLOAD_IDS = tuple(key.split("/")[2] for key in KEYS)
_ENOUGH = 50
"""Rounds after which a world that does not come to rest never will."""

keys = st.sampled_from(KEYS)
fuses = st.one_of(st.none(), st.integers(0, 9)).map(Fuse)
places = st.integers(0, 9)
"""Which of the things that there are, counted around."""


def step(**chosen: Any) -> Callable[[Callable[..., None]], Any]:
    """Make a rule of which it is counted how often it has been played."""

    def decorate(play: Callable[..., None]) -> Any:
        @wraps(play)
        def counted(machine: "LifecycleMachine", **particulars: Any) -> None:
            machine.played[play.__name__] += 1
            play(machine, **particulars)

        make_rule: Any = rule(**chosen)
        return make_rule(counted)

    return decorate


class LifecycleMachine(RuleBasedStateMachine):
    """Plays the world. `database` is set by the player."""

    database: ClassVar[Database]
    played: ClassVar[Counter[str]] = Counter()
    """How often each step has been taken, in all lives."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.database)
        self.world.forget()

    @initialize(validities=st.tuples(*[st.booleans() for _ in KEYS]))
    def begin(self, validities: tuple[bool, ...]) -> None:
        """At first all goes well: each file has been dropped, and its execution runs."""
        for key, is_valid in zip(KEYS[1:], validities[1:], strict=True):
            self.world.put(key, is_valid=is_valid)
        self.world.deliver(self.world.notifications, Fuse(None))
        self.world.notifications.clear()

    @step(key=keys, is_valid=st.booleans())
    def put(self, key: str, is_valid: bool) -> None:  # noqa: FBT001 - Hypothesis passes by keyword
        """A file is put, or another in its place."""
        self.world.put(key, is_valid=is_valid)

    @precondition(lambda self: KEYS[0] not in self.world.bucket.latest)
    @step(key=st.just(KEYS[0]))
    def register(self, key: str) -> None:
        """A file is registered."""
        self.world.register(key)

    @precondition(lambda self: self.world.notifications)
    @step(chosen=st.lists(places, min_size=1, max_size=3), fuse=fuses, fate=st.sampled_from(["once", "again", "lost"]))
    def notify(self, chosen: list[int], fuse: Fuse, fate: str) -> None:
        """S3's events come in any order, several at once or none; one that the orchestrator dies of comes again."""
        notifications = self.world.notifications
        events = [notifications[place % len(notifications)] for place in chosen]
        crashed = fate != "lost" and _dies(lambda: self.world.deliver(events, fuse))
        if not crashed and fate != "again":
            self.world.notifications = [event for event in notifications if event not in events]

    @precondition(lambda self: self.world.running())
    @step(place=places, fuse=fuses, failure=st.booleans())
    def record(self, place: int, fuse: Fuse, failure: bool) -> None:  # noqa: FBT001
        """An execution comes to record something; once it has, it ends, unless the function dies."""
        name = self._one_of(self.world.running(), place)
        if not _dies(lambda: self.world.record(name, fuse, failure=failure)):
            self.world.end(name, ExecutionStatus.FAILED if failure else ExecutionStatus.SUCCEEDED)

    @precondition(lambda self: self.world.executions.executions)
    @step(place=places)
    def record_late(self, place: int) -> None:
        """A status update of an execution comes again, or after its time."""
        self.world.record(self._one_of(list(self.world.executions.executions), place), Fuse(None), failure=False)

    @precondition(lambda self: self.world.running())
    @step(
        place=places,
        status=st.sampled_from([ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED]),
    )
    def come_to_nothing(self, place: int, status: ExecutionStatus) -> None:
        """An execution ends without having recorded anything."""
        self.world.end(self._one_of(self.world.running(), place), status)

    @precondition(lambda self: self.world.status_changes)
    @step(place=places, fuse=fuses, fate=st.sampled_from(["once", "again", "lost"]))
    def report_end(self, place: int, fuse: Fuse, fate: str) -> None:
        """EventBridge reports such an end, or does not."""
        change = self.world.status_changes[place % len(self.world.status_changes)]
        crashed = fate != "lost" and _dies(lambda: self.world.settle(change, fuse))
        if not crashed and fate != "again":
            self.world.status_changes.remove(change)

    @precondition(lambda self: self.world.executions.executions)
    @step(place=places)
    def redrive(self, place: int) -> None:
        """A failed execution is redriven."""
        executions = self.world.executions.executions
        failed = [it.name for it in executions.values() if it.status in {"FAILED", "TIMED_OUT", "ABORTED"}]
        if failed:
            self.world.end(self._one_of(failed, place), ExecutionStatus.RUNNING)

    @step(upload_id=st.sampled_from(UPLOAD_IDS), after=st.one_of(st.none(), st.integers(0, 3)), fuse=fuses)
    def replay(self, upload_id: str, after: int | None, fuse: Fuse) -> None:
        """An operator asks for another attempt."""
        _dies(lambda: self.world.replay(upload_id, after, fuse))

    @step(fuse=fuses)
    def sweep(self, fuse: Fuse) -> None:
        """The clock strikes."""
        _dies(lambda: self.world.sweep(fuse))

    @invariant()
    def every_transition_is_legal_and_follows_from_the_last(self) -> None:
        """The audit is one chain for each upload, and its end is where the upload stands."""
        audit = self.world.audit()
        for row in self.world.rows():
            steps = [step for step in audit if step["upload_id"] == row["upload_id"]]
            assert (None, "PENDING") == (steps[0]["from_status"], steps[0]["to_status"])
            for before, step in pairwise(steps):
                assert before["to_status"] == step["from_status"], steps
                assert Status(step["to_status"]) in SUCCESSORS[Status(step["from_status"])], steps
                assert step["attempt"] in {before["attempt"], before["attempt"] + 1}, steps
                assert step["actor"], steps
            assert (steps[-1]["to_status"], steps[-1]["attempt"]) == (row["status"], row["attempt"])

    def teardown(self) -> None:
        """Let everything come to rest, with what is still on its way lost; then nothing may be lost, stuck or wrong."""
        self._come_to_rest()
        rows = {row["object_key"]: row for row in self.world.rows()}
        for key, newest in self.world.bucket.latest.items():
            assert key in rows, f"{key} is lost"
            row = rows[key]
            assert Status(row["status"]) in VERDICTS, f"{key} is stuck: {row}"
            assert newest.version_id == row["version_id"], f"{key}: the verdict is about another version: {row}"
            self._check_verdict(row)
        for key in rows.keys() - self.world.bucket.latest.keys():
            assert rows[key]["status"] == "PENDING", f"{key} has a verdict, but no object: {rows[key]}"

    def _check_verdict(self, row: dict[str, Any]) -> None:
        execution = self.world.executions.executions[row["execution_name"]]
        if row["actor"] in {SETTLER, SWEEP}:
            assert row["status"] == "VALIDATION_FAILED"
            assert row["errors"][0]["code"] == "system-error"
            had_its_say = execution.status is ExecutionStatus.SUCCEEDED and execution.name not in self.world.refused
            assert not had_its_say, "a verdict was thrown away"
        elif not row["errors"]:
            expected = "VALIDATED" if self.world.is_valid[row["version_id"]] else "VALIDATION_FAILED"
            assert expected == row["status"], f"the verdict is wrong: {row}"

    def _come_to_rest(self) -> None:
        """Let what runs reach its verdict and the clock strike, until that changes nothing."""
        for _ in range(_ENOUGH):
            before = (self.world.rows_without_sweeps(), self.world.running())
            for name in self.world.running():
                self.world.record(name, Fuse(None), failure=False)
                self.world.end(name, ExecutionStatus.SUCCEEDED)
            self.world.sweep(Fuse(None))
            if before == (self.world.rows_without_sweeps(), self.world.running()):
                return
        raise AssertionError(f"still at it after {_ENOUGH} rounds: {self.world.rows()}")

    @staticmethod
    def _one_of(names: list[str], place: int) -> str:
        return names[place % len(names)]


def _dies(do: Any) -> bool:
    try:
        do()
    except Crash:
        return True
    return False
