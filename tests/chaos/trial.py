"""One trial: upload the plan's files while its faults are injected, wait until all is quiet, and judge."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import unquote_plus

from attrs import evolve, frozen

from chalicelib import schemas
from chalicelib.loading.table import Table
from chalicelib.postgres import migrations
from chalicelib.postgres.tables import create_table
from chalicelib.validation.schema.dataset_options import Load
from infra.local.deployment import Deployment, describe_project
from infra.local.lambdas.runtime import DeadLetter
from infra.local.lambdas.worker_processes import WorkerProcesses
from infra.local.postgres import PostgresServer
from infra.local.stack import LocalStack
from tests.chaos.evidence import Evidence, Row, Step, loaded_rows, rejected, results, rows_and_steps
from tests.chaos.fault_injection import FaultInjector
from tests.chaos.plan import Fault, Plan, PlannedUpload
from tests.chaos.referee import Finding, judge
from tests.chaos.unreliable_delivery import DeliveryFault, UnreliableDelivery

_CLIENTS: Final = 8
_GRACE: Final = 3
"""In seconds: how old something is when a sweep looks at it."""
_SWEEP_PERIOD: Final = 15.0  # seconds; a sweep under load takes some of them
_RETRY_DELAYS: Final = (0.5, 1.0)
"""In seconds: Lambda's minute and two would only make the trial longer."""
_POLL_INTERVAL: Final = 0.2  # seconds
_MAX_RUNNING: Final = 150
_TURN: Final = 2.0
"""In seconds: some of what is under way never ends, for its event has been dropped or its key is malformed."""
_PAUSE: Final = 5.0  # seconds between two progress lines
_PARTS: Final = {"PARTS_ABOVE_BYTES": "0", "PART_BYTES": "400000", "PARTS_CONCURRENCY": "3"}
"""A large file has eight parts, and most others have one."""
_IN_SHARES: Final = "tests.chaos.small_shares"
"""What workers import in place of the application, so that a large file has three shares of keys."""
_VERSIONS_A_SWEEP: Final = 1_000
"""The least number that a sweep reads."""


@frozen(kw_only=True)
class Outcome:
    """The figures and findings of a trial; `seconds` from the first object until all is quiet.

    `is_quiet` is False if the time ran out before.
    """

    plan: Plan
    objects: int
    faults: Counter[Fault]
    delivery_faults: Counter[DeliveryFault]
    failures: Counter[str]
    throttled: int
    executions: int
    dead_letters: int
    is_quiet: bool
    seconds: float
    seconds_uploading: float
    findings: tuple[Finding, ...]


def conduct(  # noqa: PLR0913 - options of a command line
    plan: Plan,
    *,
    log: Path,
    seconds_limit: float,
    say: Callable[[str], None],
    concurrency: int | None = None,
    in_parts: bool = False,
) -> Outcome:
    """Run a trial; the functions log to `log`, which must be empty or missing.

    Lambda throttles beyond `concurrency`. Files are loaded into a table, and, with `in_parts`, validated and split in
    parts.
    """
    workers, failures, ended = WorkerProcesses(log=log), Counter[str](), Counter[str]()
    with (
        PostgresServer() as server,
        UnreliableDelivery(plan.seed, spared=plan.notified_once) as delivery,
        LocalStack(
            _deployment(in_parts=in_parts),
            database_url=_migrated(server),
            environments=workers,
            period=_SWEEP_PERIOD,
            retry_delays=_RETRY_DELAYS,
            notify=delivery.over,
            report=lambda failure: failures.update([failure.error_type]),
            on_execution_ended=lambda end: ended.update([end.status]),
            concurrency=concurrency,
        ) as stack,
    ):
        rng = Random(f"injector {plan.seed}")
        injector = FaultInjector(
            plan.faults, rng=rng, progress=ended.total, server=server, workers=workers, stack=stack
        )
        _load_every_valid_file(stack, in_parts=in_parts)
        trial = _Trial(
            in_parts=in_parts, plan=plan, stack=stack, delivery=delivery, injector=injector, ended=ended, say=say
        )
        began = time.monotonic()
        with injector:
            newest = trial.upload()
            uploaded = time.monotonic()
            is_quiet = trial.await_quiet(began + seconds_limit)
        return Outcome(
            plan=plan,
            objects=sum(len(upload.puts) for upload in plan.uploads),
            faults=injector.injected,
            delivery_faults=delivery.delivery_faults,
            failures=failures,
            throttled=len(stack.runtime.throttled),
            executions=ended.total(),
            dead_letters=len(stack.runtime.dead_letters),
            is_quiet=is_quiet,
            seconds=time.monotonic() - began,
            seconds_uploading=uploaded - began,
            findings=judge(plan.uploads, trial.evidence(newest, log)),
        )


def _migrated(server: PostgresServer) -> str:
    dsn = server.create_database("assay")
    migrations.apply(dsn)
    return dsn


@frozen(kw_only=True)
class _Trial:
    """A running trial."""

    in_parts: bool
    plan: Plan
    stack: LocalStack
    delivery: UnreliableDelivery
    injector: FaultInjector
    ended: Counter[str]
    say: Callable[[str], None]

    def upload(self) -> dict[str, str]:
        """Upload everything, with several clients at once; return the newest version of each object, by key."""
        newest: dict[str, str] = {}
        s3 = self.stack.aws.client("s3")

        def upload(planned: PlannedUpload) -> None:
            for put in planned.puts:
                self._await_turn(len(newest))
                stored = s3.put_object(Bucket=self.stack.bucket, Key=put.key, Body=put.content.data)
                newest[put.key] = stored["VersionId"]

        clients = ThreadPoolExecutor(_CLIENTS)
        try:
            for done, _ in enumerate(clients.map(upload, self.plan.uploads), start=1):
                if done % 100 == 0:
                    self._report_progress(f"{done:,} uploaded")
        finally:
            clients.shutdown(cancel_futures=True)  # Ctrl-C does not wait for all of them
        return newest

    def _await_turn(self, stored: int) -> None:
        """Wait, within a bound, while too many executions run: moto has a thread or two for each."""
        patience = time.monotonic() + _TURN
        while stored - self.ended.total() > _MAX_RUNNING and time.monotonic() < patience:
            time.sleep(_POLL_INTERVAL)

    def await_quiet(self, deadline: float) -> bool:
        """Wait until nothing runs and a complete sweep finds nothing to do; return False at the deadline."""
        due = time.monotonic()
        while time.monotonic() < deadline:
            if self._is_idle() and self._is_swept():
                return True
            if time.monotonic() > due:
                self._report_progress("waiting")
                due = time.monotonic() + _PAUSE
            time.sleep(_POLL_INTERVAL)
        return False

    def evidence(self, newest: Mapping[str, str], log: Path) -> Evidence:
        """Collect what the referee needs."""
        rows, steps = self._rows_and_steps()
        return Evidence(
            rows=rows,
            steps=steps,
            loaded=loaded_rows(str(self.stack.database_url)),
            results=results(self.stack.aws.client("s3"), self.stack.bucket, rows.values()) if self.in_parts else None,
            newest=newest,
            refused=rejected(log) | _keys(self.stack.runtime.dead_letters),
            aborted=frozenset(self.injector.aborted),
        )

    def _rows_and_steps(self) -> tuple[Mapping[str, Row], tuple[Step, ...]]:
        return rows_and_steps(str(self.stack.database_url))

    def _is_idle(self) -> bool:
        return (
            self.injector.is_done
            and not self.delivery.held
            and self.stack.runtime.wait_until_delivered(0)
            and not self.stack.running_executions()
        )

    def _is_swept(self) -> bool:
        """Sweep everything; return whether nothing was found."""
        time.sleep(_GRACE + _POLL_INTERVAL)
        _, before = self._rows_and_steps()
        sweeps = [self._sweep() for _ in range(1 + len(self.plan.uploads) // _VERSIONS_A_SWEEP)]
        _, after = self._rows_and_steps()
        return all(sweeps) and self._is_idle() and len(before) == len(after)

    def _sweep(self) -> bool:
        """Run all scheduled functions; return whether they succeeded."""
        runtime, due = self.stack.runtime, [schedule.function for schedule in self.stack.deployment.schedules]
        return all(runtime.invoke(name, self.stack.events.scheduled_event(name)).failure is None for name in due)

    def _report_progress(self, what: str) -> None:
        faults = ", ".join(f"{count} {fault}" for fault, count in self.injector.injected.items())
        self.say(f"{what}; {self.ended.total():,} executions ended; {faults or 'nothing broken yet'}")


def _load_every_valid_file(stack: LocalStack, *, in_parts: bool) -> None:
    """Replace the default schema by one that asks for a load, and create its table.

    In parts, it also asks for a split, and has a unique key. Its values differ in all files, and do not count rows.
    """
    load = Load(table="customers")
    schema = {**schemas.load(schemas.DEFAULT), "assay": {"load": {"table": load.table}, "split": in_parts}}
    if in_parts:
        schema["uniqueKeys"] = [["name", "amount"]]
    body = json.dumps(schema).encode()
    stack.aws.client("s3").put_object(Bucket=stack.bucket, Key=f"schemas/{schemas.DEFAULT}.json", Body=body)
    create_table(lambda: str(stack.database_url), Table.of(schema, load))


def _deployment(*, in_parts: bool) -> Deployment:
    """Return the project with short times, and small parts and shares of keys if files are validated in parts."""
    deployment = describe_project()
    environment = {**deployment.environment, "SWEEP_GRACE_SECONDS": str(_GRACE)}
    if not in_parts:
        return evolve(deployment, environment=environment)
    functions = tuple(
        evolve(each, path=f"{_IN_SHARES}.{each.path.removeprefix('app.')}") for each in deployment.functions
    )
    return evolve(deployment, functions=functions, environment={**environment, **_PARTS})


def _keys(letters: tuple[DeadLetter, ...]) -> frozenset[str]:
    """Return the keys in dead letters, which operators see."""
    return frozenset(
        unquote_plus(record["s3"]["object"]["key"])
        for letter in letters
        for record in json.loads(letter.event).get("Records", ())
    )
