"""Register an upload before its file arrives."""

from uuid import uuid4

from attrs import frozen

from chalicelib.errors import FieldInvalid, SchemaUnknown
from chalicelib.schemas import DEFAULT
from chalicelib.telemetry import logs
from chalicelib.uploads.attempts import PlannedUpload
from chalicelib.uploads.lifecycle import Cause
from chalicelib.uploads.links import LinkUpload
from chalicelib.uploads.messages import Registration
from chalicelib.uploads.object_key import MOST_BYTES, ObjectKey
from chalicelib.uploads.ports import SchemaRepository, UploadForms, Uploads
from chalicelib.uploads.read_models import RegisteredUpload
from chalicelib.validation import Schema


@frozen(kw_only=True)
class RegisterUpload:
    """Makes a record of the upload, a form that puts its file into the bucket, and a link to follow it by."""

    uploads: Uploads
    schemas: SchemaRepository
    forms: UploadForms
    bucket: str
    links: LinkUpload

    def __call__(self, registration: Registration, actor: str, owner: str | None, address: str) -> RegisteredUpload:
        """Register the upload, PENDING; `owner` is whom the request's token names, if there is one.

        `address` is the URL of the API, for the link.

        Raises FieldInvalid where what is asked for cannot be, SchemaInvalid if the schema is broken, and Unavailable.
        """
        planned = self._plan(registration, _owner(registration, owner))
        form = self.forms.form(planned)
        upload = self.uploads.register(planned, Cause(actor=actor))
        logs.note(uploadId=upload.upload_id, actor=actor, schema=planned.schema, registered=1)
        return RegisteredUpload(upload=upload, form=form, link=self.links.link(upload.upload_id, address))

    def _plan(self, registration: Registration, owner: str) -> PlannedUpload:
        if registration.size is not None and registration.size > self.forms.max_bytes:
            raise FieldInvalid("size", f"expected at most {self.forms.max_bytes:,} bytes")
        object_key = ObjectKey(owner=owner, upload_id=uuid4().hex, filename=registration.filename)
        if (length := len(str(object_key).encode())) > MOST_BYTES:
            raise FieldInvalid("filename", f"expected a shorter one: its key has {length:,} bytes of {MOST_BYTES:,}")
        schema = registration.schema or DEFAULT
        try:
            descriptor = self.schemas.load(schema)
        except SchemaUnknown as error:
            raise FieldInvalid("schema", str(error)) from error
        Schema.from_descriptor(descriptor)
        return PlannedUpload(bucket=self.bucket, object_key=object_key, schema=schema)


def _owner(registration: Registration, owner: str | None) -> str:
    if owner is None:
        if registration.owner is None:
            raise FieldInvalid("owner", "expected one, for nothing else tells whose file it is")
        return registration.owner
    if registration.owner not in {None, owner}:
        raise FieldInvalid("owner", "expected none, or that of the request's token")
    return owner
