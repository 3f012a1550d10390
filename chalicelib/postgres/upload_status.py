"""The status of every upload, in PostgreSQL.

Three statements move an upload, each only as far as its guard allows: two begin an attempt (`upload_attempts`), one
ends it (`upload_verdicts`). A fourth says that an execution had to be started by somebody else (`upload_sweeps`). The
audit is written by a trigger in the same transaction.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from attrs import frozen

from chalicelib.postgres import upload_attempts, upload_list, upload_rows, upload_sweeps, upload_verdicts
from chalicelib.postgres.database import Database
from chalicelib.uploads.attempts import Attempt, ObjectCreated, PlannedExecution, PlannedUpload, UploadState
from chalicelib.uploads.lifecycle import Cause
from chalicelib.uploads.messages import StatusUpdate, Verdict
from chalicelib.uploads.paging import UploadQuery
from chalicelib.uploads.read_models import Transition, Upload, UploadPage
from chalicelib.validation import Fault


@frozen
class PostgresUploads:
    """Keeps the status of every upload in the table `csv_uploads`."""

    database: Database

    def register(self, upload: PlannedUpload, cause: Cause) -> Upload:
        """Make a record of an upload before its object arrives."""
        return self.database.run(lambda connection: upload_attempts.register(connection, upload, cause))

    def begin_announced(self, attempt: Attempt) -> PlannedExecution | None:
        """Begin the attempt that an event asks for, unless the upload has come further."""
        return self.database.run(lambda connection: upload_attempts.begin_announced(connection, attempt))

    def begin_found(self, found: ObjectCreated, *, after: int, cause: Cause) -> PlannedExecution | None:
        """Begin an attempt at a version that no event has told of, if `after` is the number of the present attempt."""
        attempt = Attempt.for_object(found, number=after + 1)
        return self.database.run(lambda connection: upload_attempts.begin_found(connection, attempt, after, cause))

    def replay(self, upload_id: str, *, after: int | None, cause: Cause) -> PlannedExecution:
        """Begin another attempt at the present version."""
        return self.database.run(lambda connection: upload_attempts.replay(connection, upload_id, after, cause))

    def restart(self, execution_name: str, cause: Cause) -> PlannedExecution | None:
        """Begin another attempt at the present version because that execution came to nothing."""
        return self.database.run(lambda connection: upload_attempts.restart(connection, execution_name, cause))

    def resume(self, execution_name: str, cause: Cause) -> PlannedExecution | None:
        """Write down that the present attempt's execution, of that name, has to be started still."""
        return self.database.run(lambda connection: upload_sweeps.resume(connection, execution_name, cause))

    def settle(self, execution_name: str, fault: Fault, cause: Cause) -> Verdict | None:
        """Give VALIDATION_FAILED, with that fault of the file, to the attempt of an execution that will not."""
        return self.database.run(lambda connection: upload_verdicts.settle(connection, execution_name, fault, cause))

    def record_verdict(self, update: StatusUpdate) -> Verdict:
        """Move the upload to its verdict and give what is on record then."""
        return self.database.run(lambda connection: upload_verdicts.record_verdict(connection, update))

    def claim_unsettled(self, *, idle: timedelta, most: int) -> tuple[UploadState, ...]:
        """Give uploads without a verdict that nothing has happened to for so long."""
        return self.database.run(lambda connection: upload_sweeps.claim_unsettled(connection, idle, most))

    def states(self, upload_ids: Iterable[str]) -> Mapping[str, UploadState]:
        """Tell where uploads stand; those without a record are left out."""
        return self.database.run(lambda connection: upload_rows.states(connection, list(upload_ids)))

    def transitions(self, upload_id: str) -> tuple[Transition, ...]:
        """Give the steps that an upload has taken, the first one first."""
        return self.database.run(lambda connection: upload_rows.transitions(connection, upload_id))

    def page(self, query: UploadQuery) -> UploadPage:
        """List uploads, newest first."""
        return self.database.run(lambda connection: upload_list.page(connection, query))

    def find(self, upload_id: str) -> Upload:
        """Give what is known of an upload; raises UploadNotFound."""
        return self.database.run(lambda connection: upload_rows.find(connection, upload_id))

    def sweep_marker(self) -> str:
        """Give the object key behind which a sweep through the bucket goes on."""
        return self.database.run(upload_sweeps.sweep_marker)

    def save_sweep_marker(self, key: str) -> None:
        """Keep the object key behind which the next sweep goes on."""
        self.database.run(lambda connection: upload_sweeps.save_sweep_marker(connection, key))

    def ping(self) -> None:
        """Make sure that the database answers."""
        self.database.run(lambda connection: connection.execute("SELECT 1"))
