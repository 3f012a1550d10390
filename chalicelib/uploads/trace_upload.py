"""Tell every step that an upload has taken, who made it and why."""

from attrs import frozen

from chalicelib.errors import UploadNotFound
from chalicelib.uploads.contracts import Transition
from chalicelib.uploads.ports import UploadStatusRepository


@frozen(kw_only=True)
class TraceUpload:
    """Reads the audit."""

    uploads: UploadStatusRepository

    def __call__(self, upload_id: str) -> tuple[Transition, ...]:
        """Give the steps of an upload, the first one first; raises UploadNotFound."""
        if steps := self.uploads.transitions(upload_id):
            return steps
        raise UploadNotFound(f"there is no upload {upload_id}")
