"""An upload that is announced before its file is: who sends what, and what they are given for it."""

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from chalicelib.schemas import NAME
from chalicelib.uploads.contracts import Upload
from chalicelib.uploads.object_key import SEGMENT, ObjectKey
from chalicelib.uploads.rules import at_least, matching

_SCHEMA = matching(NAME, "the name of a schema: 1 to 64 letters, digits, _, ., @ or -", longest=64)


@frozen(kw_only=True)
class Registration:
    """Announces a file that somebody is about to upload."""

    filename: str = field(validator=SEGMENT)
    schema: str | None = field(default=None, validator=_SCHEMA)
    """The dataset that the file is of; None for the default one."""
    owner: str | None = field(default=None, validator=SEGMENT)
    """Whose file it is; may be left out where the token of the request says so."""
    size: int | None = field(default=None, validator=at_least(1))
    """How many bytes the file has, for whoever wants to know before sending it that it is too large."""


@frozen(kw_only=True)
class PlannedUpload:
    """An object that is to arrive: where, and for which dataset."""

    bucket: str
    object_key: ObjectKey
    schema: str


@frozen(kw_only=True)
class UploadForm:
    """A form that puts one object into the bucket, for a browser or curl, which need no AWS account then.

    To be sent by POST as `multipart/form-data`: the fields as they are, and last the file, as the field `file`.
    """

    url: str
    fields: Mapping[str, str]
    expires_at: datetime
    max_bytes: int
    """How large the file may be; S3 refuses a larger one, and one that is empty."""


@frozen(kw_only=True)
class SignedLink:
    """An address at which whoever has it can follow one upload, and upload it anew."""

    url: str
    expires_at: datetime


@frozen(kw_only=True)
class RegisteredUpload:
    """An upload that waits for its file."""

    upload: Upload
    form: UploadForm
    link: SignedLink | None
    """None where no secret is set to sign links with."""
