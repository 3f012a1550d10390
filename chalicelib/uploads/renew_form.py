"""The form has expired, or a mended file is to take the place of the first."""

from attrs import frozen

from chalicelib.errors import UploadUnregistered
from chalicelib.uploads.find_upload import FindUpload
from chalicelib.uploads.object_key import ObjectKey
from chalicelib.uploads.ports import UploadForms, UploadStatusRepository
from chalicelib.uploads.registration import PlannedUpload, UploadForm


@frozen(kw_only=True)
class RenewForm:
    """Makes another form for the object of an upload, whatever has become of it so far."""

    uploads: UploadStatusRepository
    forms: UploadForms

    def __call__(self, upload_id: str) -> UploadForm:
        """Give the form, for the dataset that the upload was registered for.

        Raises UploadNotFound, UploadUnregistered and Unavailable.
        """
        upload = FindUpload(uploads=self.uploads)(upload_id)
        if upload.schema is None:
            raise UploadUnregistered(
                f"upload {upload_id} was not registered, so its dataset is not known: put it there as the last one"
            )
        planned = PlannedUpload(bucket=upload.bucket, object_key=ObjectKey.parse(upload.key), schema=upload.schema)
        return self.forms.form(planned)
