"""Links to one upload, for partners without an account: they are signed, and they expire."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from attrs import evolve, field, frozen

from chalicelib.errors import LinkInvalid, LinksDisabled, UploadUnregistered
from chalicelib.telemetry import logs
from chalicelib.uploads.attempts import PlannedUpload
from chalicelib.uploads.object_key import ObjectKey
from chalicelib.uploads.ports import UploadForms, Uploads
from chalicelib.uploads.queries import FindUpload
from chalicelib.uploads.read_models import AttemptSummary, SignedLink, TimelineEntry, Upload, UploadForm

MIN_SECRET_CHARACTERS = 32
"""How many characters a secret has at the least: one that can be guessed signs for everybody."""


@frozen(kw_only=True)
class LinkTokens:
    """Signs the tokens of links, and reads those that it has signed.

    A token is its payload (the upload's id, and the second at which it expires) and the HMAC-SHA256 of that, both in
    Base64 for URLs, with a dot between them.
    """

    secret: str = field(repr=False)
    now: Callable[[], datetime]

    def token(self, upload_id: str, expires_at: datetime) -> str:
        """Sign a token that opens this upload until then."""
        payload = _encode(json.dumps({"uploadId": upload_id, "exp": int(expires_at.timestamp())}).encode())
        return f"{payload}.{self._signature(payload)}"

    def upload_id(self, token: str) -> str:
        """Give the upload that a token opens; raises LinkInvalid if it is none of ours, or has expired."""
        payload, _, signature = token.partition(".")
        # Before anything is read of it: what we have not signed is not worth looking at.
        if not hmac.compare_digest(self._signature(payload).encode(), signature.encode(errors="replace")):
            raise LinkInvalid("the link is not one of ours, or is not complete: ask for a new one")
        told = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        if datetime.fromtimestamp(told["exp"], UTC) <= self.now():
            raise LinkInvalid("the link has expired: ask for a new one")
        return str(told["uploadId"])

    def _signature(self, payload: str) -> str:
        return _encode(hmac.digest(self.secret.encode(), payload.encode(errors="replace"), "sha256"))


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


VALID_FOR = timedelta(days=7)
"""Long enough to mend a file, and short enough that a link in an old mail opens nothing."""


@frozen(kw_only=True)
class LinkUpload:
    """Gives links, and opens them."""

    tokens: LinkTokens | None
    """None where no secret is set to sign them with: then there are no links."""

    def link(self, upload_id: str, address: str) -> SignedLink | None:
        """Give a link to an upload, for whoever knows the API by that URL."""
        if self.tokens is None:
            return None
        expires_at = (self.tokens.now() + VALID_FOR).replace(microsecond=0)
        return SignedLink(url=f"{address}/links/{self.tokens.token(upload_id, expires_at)}", expires_at=expires_at)

    def open(self, token: str) -> str:
        """Give the upload to which a link leads; raises LinkInvalid."""
        if self.tokens is None:
            raise LinkInvalid("links are not in use here: there is no secret to sign them with")
        upload_id = self.tokens.upload_id(token)
        logs.note(uploadId=upload_id)
        return upload_id


@frozen(kw_only=True)
class RenewLink:
    """Makes another link to an upload, whatever has become of it so far; those before stay good as long as they are."""

    uploads: Uploads
    links: LinkUpload

    def __call__(self, upload_id: str, owner: str | None, address: str) -> SignedLink:
        """Give the link, for whoever knows the API by that URL; raises UploadNotFound and LinksDisabled."""
        upload = FindUpload(uploads=self.uploads)(upload_id, owner)
        link = self.links.link(upload.upload_id, address)
        if link is None:
            raise LinksDisabled("no links are given here: whoever deploys it has to set LINK_SECRET or LINK_SECRET_ARN")
        return link


Step = TypeVar("Step", AttemptSummary, TimelineEntry)


@frozen(kw_only=True)
class FindLinkedUpload:
    """Looks up the upload of a link, and keeps to itself who of ours had to do with it, and in which words."""

    uploads: Uploads
    links: LinkUpload

    def __call__(self, token: str) -> Upload:
        """Give what is known of the upload, without names and words of people; raises LinkInvalid or UploadNotFound."""
        upload = FindUpload(uploads=self.uploads)(self.links.open(token))
        return evolve(
            upload,
            attempts=tuple(map(_for_others, upload.attempts)),
            timeline=tuple(map(_for_others, upload.timeline)),
        )


def _for_others(step: Step) -> Step:
    """Leave of `api:arn:aws:iam::123456789012:user/ada` the `api`, and of what Ada gave as her reason nothing.

    The account and its people are nobody else's, and what people write is meant for the audit. The other actors have no
    names and say why in words of ours.
    """
    kind, of, _ = (step.actor or "").partition(":")
    return evolve(step, actor=kind, reason=None) if of else step


@frozen(kw_only=True)
class RenewForm:
    """Makes another form for the object of an upload, whatever has become of it so far."""

    uploads: Uploads
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
