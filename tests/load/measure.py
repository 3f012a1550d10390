"""Many uploads at once through the local stack, and where their time goes."""

import resource
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread
from typing import Final, Self

import psycopg
from attrs import frozen
from psycopg.sql import SQL, Composed

from chalicelib.postgres import migrations
from chalicelib.postgres.rows import IS_SYSTEM_FAILURE
from infra.local.lambdas.environments import Environments, Function
from infra.local.lambdas.invocations import Failure, Invocation
from infra.local.postgres import PostgresServer
from infra.local.stack import LocalStack
from tests.chaos.contents import Content
from tests.chaos.evidence import log_lines

_ROWS: Final = 1_000
"""The rows of each file, about 30 kB."""
_POLL_INTERVAL: Final = 0.1  # seconds
_STEPS: Final = """
    SELECT upload_id,
           min(occurred_at) FILTER (WHERE to_status = 'VALIDATING'),
           max(occurred_at) FILTER (WHERE to_status IN ('VALIDATED', 'VALIDATION_FAILED'))
      FROM csv_upload_transitions
     GROUP BY upload_id
"""
_SYSTEM_FAILURES: Final = SQL("SELECT count(*) FROM csv_uploads WHERE {}").format(IS_SYSTEM_FAILURE)
_DECIDED: Final = SQL("SELECT count(*) FROM csv_uploads WHERE status IN ('VALIDATED', 'VALIDATION_FAILED')")
_CLIENTS: Final = 200
"""The maximum number of concurrent clients."""


OURS: Final = "this process: clients, S3, Lambda, Step Functions"
WORKERS: Final = "worker processes, with their start"
POSTGRESQL: Final = "PostgreSQL"


class TimedEnvironments:
    """Wraps environments; records the seconds that callers waited for each function."""

    def __init__(self, environments: Environments) -> None:
        self.concurrency = environments.concurrency
        self.seconds: Final[defaultdict[str, list[float]]] = defaultdict(list)
        self._environments = environments

    def __enter__(self) -> Self:
        """Enter the wrapped environments."""
        self._environments.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Exit the wrapped environments."""
        self._environments.__exit__(*_)

    def run(self, function: Function, invocation: Invocation) -> str | Failure:
        """Run a function on the wrapped environments."""
        began = time.monotonic()
        try:
            return self._environments.run(function, invocation)
        finally:
            self.seconds[function.name].append(time.monotonic() - began)


@frozen(kw_only=True)
class Passage:
    """The times of an upload: PUT began, PUT ended, its attempt began, its verdict was recorded."""

    put: datetime
    stored: datetime
    taken_up: datetime
    decided: datetime


@frozen(kw_only=True)
class FunctionTimes:
    """A function's invocations, the seconds inside it, and the further seconds that its callers waited."""

    invocations: int
    inside: float
    waiting: float


@frozen(kw_only=True)
class Measurement:
    """A measurement: `cpu` has the processor seconds of each part, all others are seconds of the clock.

    `throttled` counts invocations that Lambda refused; `system_failures` counts files that could not be checked.
    """

    passages: tuple[Passage, ...]
    functions: Mapping[str, FunctionTimes]
    cpu: Mapping[str, float]
    throttled: int
    system_failures: int

    @property
    def seconds(self) -> float:
        """The seconds from the first PUT to the last verdict."""
        began = min(passage.put for passage in self.passages)
        return (max(passage.decided for passage in self.passages) - began).total_seconds()


def measure(
    uploads: int, environments: Environments, *, log: Path, seconds_limit: float, concurrency: int | None = None
) -> Measurement:
    """Upload files as fast as the local S3 takes them, and wait for their verdicts; raises TimeoutError.

    `log` is where the environments' functions write. Lambda throttles beyond `concurrency`.
    """
    timed = TimedEnvironments(environments)
    with PostgresServer() as server:
        dsn = server.create_database("assay")
        migrations.apply(dsn)
        at_first = _children()
        with LocalStack(database_url=dsn, environments=timed, period=0, concurrency=concurrency) as stack:
            _warm(stack, environments.concurrency, dsn, seconds_limit)
            timed.seconds.clear()
            log.write_text("")
            before = time.process_time()
            puts = _upload(stack, uploads)
            _await_verdicts(dsn, uploads + environments.concurrency, seconds_limit)
            ours = time.process_time() - before
            passages = _passages(dsn, puts)
            throttled = len(stack.runtime.throttled)
            system_failures = _count(dsn, _SYSTEM_FAILURES)
        workers = _children() - at_first
    return Measurement(
        passages=passages,
        functions=_functions(timed.seconds, log),
        cpu={OURS: ours, WORKERS: workers, POSTGRESQL: _children() - at_first - workers},
        throttled=throttled,
        system_failures=system_failures,
    )


def _warm(stack: LocalStack, count: int, dsn: str, seconds_limit: float) -> None:
    """Start and connect every process before the measurement."""
    _upload(stack, count, prefix="warm")
    _await_verdicts(dsn, count, seconds_limit)


def _upload(stack: LocalStack, count: int, prefix: str = "load") -> dict[str, tuple[datetime, datetime]]:
    """Put the files with up to 200 clients; return when each PUT began and ended, by upload id."""
    content, clients = Content(rows=_ROWS).data, min(count, _CLIENTS)
    barrier = Barrier(clients)
    puts: dict[str, tuple[datetime, datetime]] = {}

    def upload(numbers: range) -> None:
        s3 = stack.aws.client("s3")
        barrier.wait()
        for number in numbers:
            upload_id = f"{prefix}-{number}"
            began = datetime.now(UTC)
            key = f"{stack.deployment.trigger.prefix}acme/{upload_id}/orders.csv"
            s3.put_object(Bucket=stack.bucket, Key=key, Body=content)
            puts[upload_id] = (began, datetime.now(UTC))

    threads = [Thread(target=upload, args=(range(first, count, clients),)) for first in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return puts


def _await_verdicts(dsn: str, count: int, seconds_limit: float) -> None:
    deadline = time.monotonic() + seconds_limit
    while (decided := _count(dsn, _DECIDED)) < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{decided} verdicts of {count} after {seconds_limit:g} s")
        time.sleep(_POLL_INTERVAL)


def _count(dsn: str, query: SQL | Composed) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _passages(dsn: str, puts: Mapping[str, tuple[datetime, datetime]]) -> tuple[Passage, ...]:
    with psycopg.connect(dsn) as connection:
        steps = {upload_id: moments for upload_id, *moments in connection.execute(_STEPS)}
    return tuple(
        Passage(put=put, stored=stored, taken_up=steps[upload_id][0], decided=steps[upload_id][1])
        for upload_id, (put, stored) in puts.items()
    )


def _functions(waited: Mapping[str, Sequence[float]], log: Path) -> dict[str, FunctionTimes]:
    inside: defaultdict[str, float] = defaultdict(float)
    for line in log_lines(log):
        inside[line.get("function", "")] += line.get("milliseconds", 0) / 1000
    return {
        name: FunctionTimes(invocations=len(each), inside=inside[name], waiting=sum(each) - inside[name])
        for name, each in waited.items()
    }


def _children() -> float:
    """Return the processor seconds of ended child processes and their descendants."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
