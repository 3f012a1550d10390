"""Register an upload before its file arrives, and renew the form that sends its file."""

from uuid import uuid4

from chalicelib import validation
from chalicelib.errors import FieldInvalid, SchemaUnknown
from chalicelib.schemas import DEFAULT
from chalicelib.telemetry import logs
from chalicelib.uploads.attempts import PlannedUpload
from chalicelib.uploads.lifecycle import Cause
from chalicelib.uploads.links import LinkTokens, sign_link
from chalicelib.uploads.messages import Registration
from chalicelib.uploads.object_key import MOST_BYTES, KeyFilter, ObjectKey
from chalicelib.uploads.ports import Attempts, UploadQueries
from chalicelib.uploads.queries import find_upload
from chalicelib.uploads.read_models import RegisteredUpload, UploadForm
from chalicelib.uploads.storage_ports import SchemaRepository, UploadForms


def register_upload(
    registration: Registration,
    *,
    actor: str,
    owner: str | None,
    address: str,
    bucket: str,
    uploads: Attempts,
    schemas: SchemaRepository,
    forms: UploadForms,
    tokens: LinkTokens | None,
    key_filter: KeyFilter,
) -> RegisteredUpload:
    """Register the upload as PENDING, and return it with its upload form and a partner link.

    `owner` is the owner that the request's token names, if there is one; `address` is the URL of the API, for the link.

    Raises FieldInvalid if a field cannot have its value here, SchemaInvalid if the schema is invalid, and Unavailable.
    """
    if registration.size is not None and registration.size > forms.max_bytes:
        raise FieldInvalid("size", f"expected at most {forms.max_bytes:,} bytes")
    object_key = _object_key(registration.filename, _owner(registration, owner))
    _check_key(str(object_key), key_filter)
    schema = registration.schema or DEFAULT
    _check_schema(schema, schemas)
    planned = PlannedUpload(bucket=bucket, object_key=object_key, schema=schema)
    # Signed first: an upload whose form cannot be signed is not registered.
    form = forms.form(planned)
    upload = uploads.register(planned, Cause(actor=actor))
    logs.add_fields(uploadId=upload.upload_id, actor=actor, schema=schema, registered=1)
    link = sign_link(upload.upload_id, address=address, tokens=tokens)
    return RegisteredUpload(upload=upload, form=form, link=link)


def renew_form(upload_id: str, *, owner: str | None = None, uploads: UploadQueries, forms: UploadForms) -> UploadForm:
    """Return another upload form, to send the file or to replace it, for the dataset of the upload.

    The dataset of a file that was put without registration, and has no verdict, is that of its metadata, or else the
    default one. Raises UploadNotFound and Unavailable.
    """
    upload = find_upload(upload_id, owner=owner, uploads=uploads)
    schema = upload.schema or forms.schema_of(upload.bucket, upload.key) or DEFAULT
    planned = PlannedUpload(bucket=upload.bucket, object_key=ObjectKey.parse(upload.key), schema=schema)
    return forms.form(planned)


def _object_key(filename: str, owner: str) -> ObjectKey:
    object_key = ObjectKey(owner=owner, upload_id=uuid4().hex, filename=filename)
    if (length := len(str(object_key).encode())) > MOST_BYTES:
        raise FieldInvalid("filename", f"expected a shorter one: its key has {length:,} bytes of {MOST_BYTES:,}")
    return object_key


def _check_key(key: str, key_filter: KeyFilter) -> None:
    """Raise FieldInvalid for a file that no notification would be sent for."""
    if not key.endswith(key_filter.suffix):
        raise FieldInvalid("filename", f"expected a name that ends in {key_filter.suffix}")
    if not key_filter.accepts(key):
        raise FieldInvalid("owner", f"expected one whose keys begin with {key_filter.prefix}")


def _owner(registration: Registration, owner: str | None) -> str:
    if owner is None:
        if registration.owner is None:
            raise FieldInvalid("owner", "expected one, because the request's token names none")
        return registration.owner
    if registration.owner not in {None, owner}:
        raise FieldInvalid("owner", "expected none, or that of the request's token")
    return owner


def _check_schema(name: str, schemas: SchemaRepository) -> None:
    try:
        descriptor = schemas.load(name)
    except SchemaUnknown as error:
        raise FieldInvalid("schema", str(error)) from error
    validation.Schema.from_descriptor(descriptor)
