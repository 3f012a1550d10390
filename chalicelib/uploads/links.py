"""Partner links: URLs for one upload that need no account, are signed, and expire."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from attrs import evolve, field, frozen

from chalicelib.errors import LinkInvalid, LinksDisabled
from chalicelib.telemetry import logs
from chalicelib.uploads.lifecycle import REGISTRATION_VALID_FOR
from chalicelib.uploads.ports import UploadQueries
from chalicelib.uploads.queries import find_upload
from chalicelib.uploads.read_models import AttemptSummary, SignedLink, TimelineEntry, Upload

VALID_FOR = REGISTRATION_VALID_FOR
"""Long enough to correct a file, and short enough that a link in an old mail opens nothing."""

MIN_SECRET_CHARACTERS = 32
"""The shortest secret: anyone who guesses it can sign links."""

Step = TypeVar("Step", AttemptSummary, TimelineEntry)


@frozen(kw_only=True)
class LinkTokens:
    """Signs the tokens of links, and reads those that it has signed.

    A token is a payload (the upload id, and the second at which the link expires), a dot, and the HMAC-SHA256 of the
    payload; both parts are in Base64 for URLs.
    """

    secret: str = field(repr=False)
    now: Callable[[], datetime]

    def token(self, upload_id: str, expires_at: datetime) -> str:
        """Sign a token that opens this upload until `expires_at`."""
        payload = _encode(json.dumps({"uploadId": upload_id, "exp": int(expires_at.timestamp())}).encode())
        return f"{payload}.{self._signature(payload)}"

    def upload_id(self, token: str) -> str:
        """Return the upload that a token opens; raises LinkInvalid if its signature is wrong, or it has expired."""
        payload, _, signature = token.partition(".")
        # The payload is not decoded before its signature has been verified.
        if not hmac.compare_digest(self._signature(payload).encode(), signature.encode(errors="replace")):
            raise LinkInvalid("the link is not one of ours, or is not complete: ask for a new one")
        content = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        if datetime.fromtimestamp(content["exp"], UTC) <= self.now():
            raise LinkInvalid("the link has expired: ask for a new one")
        return str(content["uploadId"])

    def _signature(self, payload: str) -> str:
        return _encode(hmac.digest(self.secret.encode(), payload.encode(errors="replace"), "sha256"))


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def sign_link(upload_id: str, *, address: str, tokens: LinkTokens | None) -> SignedLink | None:
    """Return a link to an upload at the API's URL `address`; None where no secret is set to sign it with."""
    if tokens is None:
        return None
    expires_at = (tokens.now() + VALID_FOR).replace(microsecond=0)
    # In the fragment, which browsers send to no server: API Gateway's and X-Ray's records have URLs.
    return SignedLink(url=f"{address}/links#{tokens.token(upload_id, expires_at)}", expires_at=expires_at)


def open_link(token: str, *, tokens: LinkTokens | None) -> str:
    """Return the upload id of a link; raises LinkInvalid."""
    if tokens is None:
        raise LinkInvalid("links are not in use here: there is no secret to sign them with")
    upload_id = tokens.upload_id(token)
    logs.add_fields(uploadId=upload_id)
    return upload_id


def renew_link(
    upload_id: str, *, owner: str | None, address: str, uploads: UploadQueries, tokens: LinkTokens | None
) -> SignedLink:
    """Return another link to an upload; earlier ones stay valid. Raises UploadNotFound and LinksDisabled."""
    upload = find_upload(upload_id, owner=owner, uploads=uploads)
    link = sign_link(upload.upload_id, address=address, tokens=tokens)
    if link is None:
        raise LinksDisabled("links are disabled in this deployment: it has to set LINK_SECRET or LINK_SECRET_ARN")
    return link


def find_linked_upload(token: str, *, uploads: UploadQueries, tokens: LinkTokens | None) -> Upload:
    """Return the upload of a link, without names and words of people, ids of other uploads, and the name of a table.

    Raises LinkInvalid or UploadNotFound.
    """
    upload = find_upload(open_link(token, tokens=tokens), uploads=uploads)
    return evolve(
        upload,
        same_as=None,
        loaded_table=None,
        attempts=tuple(map(_redacted, upload.attempts)),
        timeline=tuple(map(_redacted, upload.timeline)),
    )


def _redacted(step: Step) -> Step:
    """Redact names and reasons of people: the actor `api:arn:aws:iam::123456789012:user/ada` becomes `api`.

    Actors without a name, such as `sweep`, keep their reasons, which Assay worded.
    """
    kind, of, _ = (step.actor or "").partition(":")
    return evolve(step, actor=kind, reason=None) if of else step
