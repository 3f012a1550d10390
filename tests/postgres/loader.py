"""Files that are loaded, as the state machine does it, without a state machine."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, LiteralString

import psycopg
from attrs import frozen
from psycopg.sql import Composed

from chalicelib.loading.file_lines import FileLines
from chalicelib.loading.table import ActualTable, Table
from chalicelib.postgres.loads import PostgresLoads
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Attempt, ObjectCreated, PlannedExecution
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.loads import Loaded, PlannedLoad
from chalicelib.uploads.messages import StatusUpdate
from chalicelib.validation.reading.content import Content
from chalicelib.validation.schema.dataset_options import Load, LoadMode

DESCRIPTOR = {
    "fields": [{"name": "id", "type": "integer", "constraints": {"required": True}}, {"name": "name"}],
    "primaryKey": "id",
}
TABLES = {mode: Table.of(DESCRIPTOR, Load(table="orders", mode=mode)) for mode in LoadMode}
MANY = tuple(f"{number},{'x' * 20}" for number in range(100_000))
"""More than one block, so that `before` the second one the COPY has begun."""


class Killed(BaseException):
    """The worker dies here."""


@frozen
class Rows:
    """The rows of a file, which may do something before each block."""

    records: Sequence[str]
    table: Table
    upload_id: str
    before: Callable[[], Any] = lambda: None

    def lines(self, actual: ActualTable) -> FileLines:
        """Return the lines."""
        return FileLines.of(
            Content(self._content()),
            descriptor=DESCRIPTOR,
            table=self.table,
            actual=actual,
            upload_id=self.upload_id,
            rejected=(),
        )

    def _content(self) -> Iterator[bytes]:
        yield "".join(f"{record}\n" for record in ["id,name", *self.records]).encode()
        self.before()


@frozen
class Loader:
    """Loads files, as the state machine does."""

    loads: PostgresLoads
    uploads: PostgresUploads
    target: str

    def begin(self, upload_id: str, version: int) -> PlannedExecution:
        """Begin an attempt at a version."""
        created = ObjectCreated(
            bucket="b",
            key=f"uploads/o/{upload_id}/f.csv",
            version_id=f"v{version}",
            etag="e",
            sequencer=f"{version:04X}",
        )
        execution = self.uploads.begin_announced(Attempt.for_object(created))
        assert execution is not None
        return execution

    def load(
        self,
        execution: PlannedExecution,
        *records: str,
        mode: LoadMode = LoadMode.APPEND,
        before: Callable[[], Any] = lambda: None,
        expected_rows: int | None = None,
    ) -> Loaded:
        """Load these records for an execution."""
        upload_id, table = execution.request.upload_id, TABLES[mode]
        rows = Rows(records, table, upload_id, before)
        planned = PlannedLoad(
            upload_id=upload_id,
            execution_name=execution.name,
            table=table,
            expected_rows=len(records) if expected_rows is None else expected_rows,
            content_sha256=None,
            schema_sha256=None,
        )
        return self.loads.load(planned, verdict(execution), rows)

    def rows(self) -> list[tuple[Any, ...]]:
        """Return what is in the table."""
        return self.read("SELECT _upload_id, _row, id, name FROM orders ORDER BY _upload_id, _row")

    def read(self, query: LiteralString) -> list[tuple[Any, ...]]:
        """Query the target database."""
        with psycopg.connect(self.target) as connection:
            return connection.execute(query).fetchall()

    def change(self, statement: LiteralString | Composed) -> None:
        """Change the target database."""
        with psycopg.connect(self.target) as connection:
            connection.execute(statement)

    def status(self, upload_id: str) -> Status:
        """Return the status of an upload."""
        return self.uploads.find(upload_id).status


def verdict(execution: PlannedExecution) -> StatusUpdate:
    """Return the verdict VALIDATED."""
    return StatusUpdate(
        upload_id=execution.request.upload_id, status=Status.VALIDATED, execution_name=execution.name, row_count=2
    )
