r"""Measures loading beside `psql \copy` of the same file into the same table.

Both run in processes of their own, in turn, into an emptied table. psql lets the table's defaults fill the upload and
the row number. Assay's time is that of the whole load: from opening the file to the commit of rows and verdict.
"""

import multiprocessing
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final

import psycopg
from attrs import frozen

from chalicelib.loading.file_lines import FileLines
from chalicelib.loading.table import ActualTable, Table
from chalicelib.postgres import migrations
from chalicelib.postgres.database import Database
from chalicelib.postgres.loads import PostgresLoads
from chalicelib.postgres.tables import create_table
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Attempt, ObjectCreated
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.loads import PlannedLoad
from chalicelib.uploads.messages import StatusUpdate
from chalicelib.validation.reading.content import Content
from chalicelib.validation.schema.dataset_options import Load
from infra.local.postgres import PostgresServer
from tests.benchmarks.measure import peak_bytes
from tests.benchmarks.results import Loading

_CHUNK: Final = 256 * 1024
_UPLOAD: Final = "0b1b9a52-7a52-4a52-9a52-0b1b9a527a52"
_NAMES: Final = ("Anna Smith", "Bob Jones", "Charlotte García", "Dmitri Ivanov")

Record = Callable[[Random, int], str]


@frozen(kw_only=True)
class Case:
    """A kind of file."""

    fields: tuple[tuple[str, str], ...]
    """The name and the type of each field."""
    record: Record

    @property
    def descriptor(self) -> dict[str, Any]:
        """The schema."""
        return {"fields": [{"name": name, "type": kind} for name, kind in self.fields]}


_CUSTOMERS: Final = (("id", "integer"), ("name", "string"), ("email", "string"), ("amount", "number"))
CASES: Final = {
    "clean": Case(
        fields=_CUSTOMERS,
        record=lambda rng, n: f"{n},{rng.choice(_NAMES)},user{n}@example.org,{rng.randrange(100_000) / 100:.2f}",
    ),
    "quoted": Case(
        fields=_CUSTOMERS,
        record=lambda rng, n: f'"{n}","{rng.choice(_NAMES)}, ""x""","user{n}@example.org","{rng.randrange(9_999)}.50"',
    ),
    "typed": Case(
        fields=(("id", "integer"), ("day", "date"), ("at", "datetime"), ("paid", "boolean"), ("amount", "number")),
        record=lambda rng, n: f"{n},2024-02-{rng.randint(1, 29):02},2024-02-29T12:30:{n % 60:02}Z,true,{n % 999}.25",
    ),
}


@frozen
class _Rows:
    """The rows of a file on disk."""

    path: Path
    descriptor: dict[str, Any]
    table: Table

    def lines(self, actual: ActualTable) -> FileLines:
        """Open the file."""
        return FileLines.of(
            Content(self._chunks()),
            descriptor=self.descriptor,
            table=self.table,
            actual=actual,
            upload_id=_UPLOAD,
            rejected=(),
        )

    def _chunks(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            yield from iter(lambda: file.read(_CHUNK), b"")


def _load(dsn: str, path: Path, case: str, rows: int, result: Any) -> None:
    """Load the file as `row_loader` does, and send the seconds and the peak of memory in bytes."""
    descriptor = CASES[case].descriptor
    table = Table.of(descriptor, Load(table="loaded"))
    database = Database(lambda: dsn)
    created = ObjectCreated(bucket="b", key=f"uploads/o/{_UPLOAD}/f.csv", version_id="1", sequencer="01")
    execution = PostgresUploads(database).begin_announced(Attempt.for_object(created))
    database.close()
    name = str(execution and execution.name)
    update = StatusUpdate(upload_id=_UPLOAD, status=Status.VALIDATED, execution_name=name, row_count=rows)
    planned = PlannedLoad(
        upload_id=_UPLOAD,
        execution_name=name,
        table=table,
        expected_rows=rows,
        content_sha256=None,
        schema_sha256=None,
    )
    began = time.perf_counter()
    PostgresLoads(assay=lambda: dsn).load(planned, update, _Rows(path, descriptor, table))
    seconds = time.perf_counter() - began
    result.send((seconds, peak_bytes()))


def _copy(server: PostgresServer, dsn: str, path: Path, case: str) -> float:
    """Copy the file by psql, and return the seconds."""
    names = ", ".join(name for name, _ in CASES[case].fields)
    command = [
        str(server.program("psql")),
        dsn,
        "-qc",
        rf"\copy loaded ({names}) FROM '{path}' WITH (FORMAT csv, HEADER)",
    ]
    began = time.perf_counter()
    subprocess.run(command, check=True)  # noqa: S603 - a constant command
    return time.perf_counter() - began


def _write(case: str, path: Path, megabytes: int) -> int:
    """Write a file of that size, and return the number of its rows."""
    rng, rows = Random(case), 0
    with path.open("w") as file:
        file.write(",".join(name for name, _ in CASES[case].fields) + "\n")
        while file.tell() < megabytes * 1_000_000:
            file.writelines(f"{CASES[case].record(rng, rows + n)}\n" for n in range(10_000))
            rows += 10_000
    return rows


def _prepare(dsn: str, case: str) -> None:
    """Create the table, with defaults for psql."""
    create_table(lambda: dsn, Table.of(CASES[case].descriptor, Load(table="loaded")))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE SEQUENCE rows CACHE 1000")
        connection.execute(f"ALTER TABLE loaded ALTER _upload_id SET DEFAULT '{_UPLOAD}'".encode())
        connection.execute("ALTER TABLE loaded ALTER _row SET DEFAULT nextval('rows')")


def _empty(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("TRUNCATE loaded, _assay_loads, csv_uploads, csv_upload_transitions")
        connection.execute("CHECKPOINT")


def measure(case: str, megabytes: int, rounds: int) -> Loading:
    """Measure on a file of that size."""
    context = multiprocessing.get_context("spawn")
    ours: list[float] = []
    theirs: list[float] = []
    peaks: list[int] = []
    with tempfile.TemporaryDirectory() as directory, PostgresServer() as server:
        path = Path(directory) / "file.csv"
        rows = _write(case, path, megabytes)
        dsn = server.create_database("loading")
        migrations.apply(dsn)
        _prepare(dsn, case)
        for _ in range(rounds):
            _empty(dsn)
            receiver, sender = context.Pipe(duplex=False)
            loading = context.Process(target=_load, args=(dsn, path, case, rows, sender))
            loading.start()
            sender.close()
            seconds, peak = receiver.recv()
            loading.join()
            ours.append(seconds)
            peaks.append(peak)
            _empty(dsn)
            theirs.append(_copy(server, dsn, path, case))
        return Loading(
            case=case,
            bytes=path.stat().st_size,
            rows=rows,
            seconds=median(ours),
            copy_seconds=median(theirs),
            ratio=median(copied / loaded for loaded, copied in zip(ours, theirs, strict=True)),
            peak_bytes=max(peaks),
        )
