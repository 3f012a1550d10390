"""The steps that may happen in any order, what must hold after each step, and what must hold at the end."""

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
from tests.torture.world import Countdown, Crash, World, ids

KEYS = tuple(f"uploads/acme/upload-{number}/orders.csv" for number in range(3))
UPLOAD_IDS = tuple(key.split("/")[2] for key in KEYS)
_MAX_ROUNDS = 50
"""Rounds after which a world that still changes never becomes quiet."""

keys = st.sampled_from(KEYS)
countdowns = st.one_of(st.none(), st.integers(0, 14)).map(Countdown)
indexes = st.integers(0, 9)
"""An index into a list, modulo its length."""
fates = st.sampled_from(["once", "again", "lost"])


def step(**chosen: Any) -> Callable[[Callable[..., None]], Any]:
    """Make a rule, and count how often it runs."""

    def decorate(run: Callable[..., None]) -> Any:
        @wraps(run)
        def counted(machine: "LifecycleMachine", **particulars: Any) -> None:
            machine.counts[run.__name__] += 1
            run(machine, **particulars)

        make_rule: Any = rule(**chosen)
        return make_rule(counted)

    return decorate


class LifecycleMachine(RuleBasedStateMachine):
    """Drive the world; `run_steps` sets `database`."""

    database: ClassVar[Database]
    target: ClassVar[str | None] = None
    counts: ClassVar[Counter[str]] = Counter()
    """How often each step has run, in all sequences."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.database, target=self.target)
        self.world.reset()

    @initialize(validities=st.tuples(*[st.booleans() for _ in KEYS]))
    def begin(self, validities: tuple[bool, ...]) -> None:
        """Put each file but the first; its execution runs."""
        for key, is_valid in zip(KEYS[1:], validities[1:], strict=True):
            self.world.put(key, is_valid=is_valid)
        self.world.deliver(self.world.notifications, Countdown(None))
        self.world.notifications.clear()

    @step(key=keys, is_valid=st.booleans())
    def put(self, key: str, is_valid: bool) -> None:  # noqa: FBT001 - Hypothesis passes by keyword
        """Put an object, or a newer version of it."""
        self.world.put(key, is_valid=is_valid)

    @precondition(lambda self: KEYS[0] not in self.world.bucket.latest)
    @step(key=st.just(KEYS[0]))
    def register(self, key: str) -> None:
        """Register an upload without its file."""
        self.world.register(key)

    @precondition(lambda self: self.world.notifications)
    @step(
        chosen=st.lists(indexes, min_size=1, max_size=3),
        countdown=countdowns,
        fate=fates,
    )
    def notify(self, chosen: list[int], countdown: Countdown, fate: str) -> None:
        """Deliver notifications in any order, several at once, twice or never; a crashed delivery is repeated."""
        notifications = self.world.notifications
        events = [notifications[index % len(notifications)] for index in chosen]
        crashed = fate != "lost" and _crashes(lambda: self.world.deliver(events, countdown))
        if not crashed and fate != "again":
            self.world.notifications = [event for event in notifications if event not in events]

    @precondition(lambda self: self.world.running())
    @step(index=indexes, countdown=countdowns, failure=st.booleans())
    def record(self, index: int, countdown: Countdown, failure: bool) -> None:  # noqa: FBT001
        """Record the outcome of a running execution, and end it unless the function crashed."""
        name = self._one_of(self.world.running(), index)
        if not _crashes(lambda: self.world.record(name, countdown, failure=failure)):
            self.world.end(name, ExecutionStatus.FAILED if failure else ExecutionStatus.SUCCEEDED)

    @precondition(lambda self: self.world.running())
    @step(index=indexes, key=keys, happens=st.sampled_from(["newer version", "replay", "abort", "cut", "same load"]))
    def overtake_load(self, index: int, key: str, happens: str) -> None:
        """Load the rows of a running execution, and within the COPY supersede, settle or cut it."""
        name = self._one_of(self.world.running(), index)
        request = self.world.executions.planned[name].request

        def meanwhile() -> None:
            match happens:
                case "newer version":
                    self.world.put(key, is_valid=True)
                    _crashes(lambda: self.world.deliver(self.world.notifications[-1:], Countdown(None)))
                case "replay":
                    self.world.replay(request.upload_id, None, Countdown(None))
                case "abort":
                    self.world.end(name, ExecutionStatus.ABORTED)
                    self.world.settle(self.world.executions.executions[name], Countdown(None))
                case "cut":
                    self.world.cut_connection()

        if happens == "same load":
            self.world.load_while(name, lambda: None)
        self.world.load_while(name, meanwhile)

    @precondition(lambda self: self.world.executions.executions)
    @step(index=indexes)
    def record_late(self, index: int) -> None:
        """Repeat a status update, or send it late."""
        name = self._one_of(list(self.world.executions.executions), index)
        _crashes(lambda: self.world.record(name, Countdown(None), failure=False))

    @precondition(lambda self: self.world.running())
    @step(
        index=indexes,
        status=st.sampled_from([ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED]),
    )
    def end_without_verdict(self, index: int, status: ExecutionStatus) -> None:
        """End an execution that recorded nothing."""
        self.world.end(self._one_of(self.world.running(), index), status)

    @precondition(lambda self: self.world.status_changes)
    @step(index=indexes, countdown=countdowns, fate=fates)
    def report_end(self, index: int, countdown: Countdown, fate: str) -> None:
        """Deliver the end of such an execution to the settler, twice or never."""
        change = self.world.status_changes[index % len(self.world.status_changes)]
        crashed = fate != "lost" and _crashes(lambda: self.world.settle(change, countdown))
        if not crashed and fate != "again":
            self.world.status_changes.remove(change)

    @precondition(lambda self: self.world.executions.executions)
    @step(index=indexes)
    def redrive(self, index: int) -> None:
        """Redrive a failed execution."""
        executions = self.world.executions.executions
        failed = [it.name for it in executions.values() if it.status in {"FAILED", "TIMED_OUT", "ABORTED"}]
        if failed:
            self.world.end(self._one_of(failed, index), ExecutionStatus.RUNNING)

    @step(upload_id=st.sampled_from(UPLOAD_IDS), after=st.one_of(st.none(), st.integers(0, 3)), countdown=countdowns)
    def replay(self, upload_id: str, after: int | None, countdown: Countdown) -> None:
        """Replay an upload, as an operator does."""
        _crashes(lambda: self.world.replay(upload_id, after, countdown))

    @step(countdown=countdowns)
    def sweep(self, countdown: Countdown) -> None:
        """Run the scheduled sweep."""
        _crashes(lambda: self.world.sweep(countdown))

    @invariant()
    def every_transition_is_legal_and_follows_from_the_last(self) -> None:
        """The audit of an upload is one chain that ends at its present status."""
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

    @invariant()
    def table_has_the_rows_of_the_newest_validated_versions(self) -> None:
        """The table has exactly the rows of the last VALIDATED attempt at each upload: none lost, doubled or stale.

        A load that is in doubt may have replaced them by its own.
        """
        newest = {
            step["upload_id"]: self._version(step["execution_name"])
            for step in self.world.audit()
            if step["to_status"] == "VALIDATED"
        }
        loaded = self.world.loaded()
        for row in self.world.rows():
            upload_id = row["upload_id"]
            versions = {newest.get(upload_id)}
            if row["load_in_doubt"]:
                versions.add(self._version(row["execution_name"]))
            found = sorted(value for owner, value in loaded if owner == upload_id)
            assert found in [list(ids(version)) if version else [] for version in versions], row

    def teardown(self) -> None:
        """Drop the messages in flight, and sweep until nothing changes; then no upload may be lost, stuck or wrong."""
        self._sweep_until_quiet()
        rows = {row["object_key"]: row for row in self.world.rows()}
        for key, newest in self.world.bucket.latest.items():
            assert key in rows, f"{key} is lost"
            row = rows[key]
            assert row["load_in_doubt"] is None, f"{key}: its load is still in doubt: {row}"
            assert Status(row["status"]) in VERDICTS, f"{key} is stuck: {row}"
            assert newest.version_id == row["version_id"], f"{key}: the verdict is about another version: {row}"
            self._check_verdict(row)
        for key in rows.keys() - self.world.bucket.latest.keys():
            assert rows[key]["status"] == "PENDING", f"{key} has a verdict, but no object: {rows[key]}"

    def _version(self, execution_name: str) -> str:
        return str(self.world.executions.planned[execution_name].request.version_id)

    def _check_verdict(self, row: dict[str, Any]) -> None:
        execution = self.world.executions.executions[row["execution_name"]]
        if row["actor"] in {SETTLER, SWEEP}:
            assert row["status"] == "VALIDATION_FAILED"
            assert row["errors"][0]["code"] == "system-error"
            has_verdict = execution.status is ExecutionStatus.SUCCEEDED and execution.name not in self.world.refused
            assert not has_verdict, "a verdict was discarded"
        elif not row["errors"]:
            expected = "VALIDATED" if self.world.is_valid[row["version_id"]] else "VALIDATION_FAILED"
            assert expected == row["status"], f"the verdict is wrong: {row}"

    def _sweep_until_quiet(self) -> None:
        """End what runs, and sweep, until a sweep of the whole bucket changes nothing.

        After a crash, a sweep may read only the keys after a marker.
        """
        for _ in range(_MAX_ROUNDS):
            before = (self.world.rows_without_sweeps(), self.world.running())
            is_whole = not self.world.sweep_marker()
            for name in self.world.running():
                self.world.record(name, Countdown(None), failure=False)
                self.world.end(name, ExecutionStatus.SUCCEEDED)
            self.world.sweep(Countdown(None))
            if is_whole and before == (self.world.rows_without_sweeps(), self.world.running()):
                return
        raise AssertionError(f"still changing after {_MAX_ROUNDS} rounds: {self.world.rows()}")

    @staticmethod
    def _one_of(names: list[str], index: int) -> str:
        return names[index % len(names)]


def _crashes(do: Any) -> bool:
    try:
        do()
    except Crash:
        return True
    return False
