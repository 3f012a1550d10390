"""Tell what is known of an upload."""

from attrs import frozen

from chalicelib.errors import UploadNotFound
from chalicelib.telemetry import logs
from chalicelib.uploads.contracts import Upload
from chalicelib.uploads.object_key import is_upload_id
from chalicelib.uploads.ports import UploadStatusRepository


@frozen(kw_only=True)
class FindUpload:
    """Looks an upload up."""

    uploads: UploadStatusRepository

    def __call__(self, upload_id: str, owner: str | None = None) -> Upload:
        """Give what is known of the upload; raises UploadNotFound.

        Where an owner is given, another's upload is none: whoever asks does not even learn that it is there.
        """
        if not is_upload_id(upload_id):
            raise UploadNotFound("an upload id is 1 to 64 of A-Z a-z 0-9 _ -")
        logs.note(uploadId=upload_id)
        upload = self.uploads.find(upload_id)
        if owner not in {None, upload.owner}:
            raise UploadNotFound(f"there is no upload {upload_id}")
        return upload
