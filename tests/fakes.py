"""In-memory stand-ins for what is behind the ports; the contract suites hold them against the real things."""

from datetime import UTC, datetime

from attrs import evolve

from chalicelib.domain.attempt import Attempt
from chalicelib.domain.contracts import StatusUpdate, Upload, ValidationRequest
from chalicelib.domain.lifecycle import Status, predecessors
from chalicelib.errors import (
    AttemptSuperseded,
    ExecutionsUnavailable,
    TransitionIllegal,
    UploadIdTaken,
    UploadNotFound,
)


class InMemoryUploads:
    """The UploadStatusRepository, in a dictionary; tests/adapters/test_upload_status.py is its contract."""

    def __init__(self) -> None:
        self._uploads: dict[str, Upload] = {}
        self._sequencers: dict[str, str] = {}

    def mark_validating(self, attempt: Attempt) -> bool:
        upload = self._uploads.get(attempt.upload_id) or _pending(attempt)
        if (upload.bucket, upload.key) != (attempt.created.bucket, attempt.created.key):
            raise UploadIdTaken(f"the upload id {attempt.upload_id} belongs to another object")
        is_newer = upload.execution_name is None or self._sequencers[attempt.upload_id] < attempt.sequencer
        if not is_newer:
            return upload.execution_name == attempt.execution_name and upload.status is Status.VALIDATING
        self._sequencers[attempt.upload_id] = attempt.sequencer
        self._uploads[attempt.upload_id] = evolve(
            upload,
            status=Status.VALIDATING,
            attempt=upload.attempt + 1,
            execution_name=attempt.execution_name,
            row_count=None,
            error_count=None,
            errors=(),
        )
        return True

    def record_verdict(self, update: StatusUpdate) -> Status:
        upload = self.find(update.upload_id)
        if upload.execution_name != update.execution_name:
            raise AttemptSuperseded(update.execution_name)
        if upload.status is not update.status:
            if upload.status not in predecessors(update.status):
                raise TransitionIllegal(f"{upload.status} to {update.status}")
            self._uploads[update.upload_id] = evolve(
                upload,
                status=update.status,
                row_count=update.row_count,
                error_count=update.error_count,
                errors=update.errors,
            )
        return update.status

    def find(self, upload_id: str) -> Upload:
        if upload_id not in self._uploads:
            raise UploadNotFound(f"there is no upload {upload_id}")
        return self._uploads[upload_id]

    def ping(self) -> None:
        return


def _pending(attempt: Attempt) -> Upload:
    now = datetime.now(UTC)
    return Upload(
        upload_id=attempt.upload_id,
        owner=attempt.object_key.owner,
        bucket=attempt.created.bucket,
        key=attempt.created.key,
        filename=attempt.object_key.filename,
        status=Status.PENDING,
        attempt=0,
        execution_name=None,
        row_count=None,
        error_count=None,
        errors=(),
        created_at=now,
        updated_at=now,
    )


class RecordedExecutions:
    """Executions that are written down; `unavailable` holds upload ids for which Step Functions does not answer."""

    def __init__(self) -> None:
        self.started: list[tuple[str, ValidationRequest]] = []
        self.unavailable: set[str] = set()

    def start(self, name: str, request: ValidationRequest) -> None:
        if request.upload_id in self.unavailable:
            raise ExecutionsUnavailable(f"could not start the execution {name}")
        self.started.append((name, request))
