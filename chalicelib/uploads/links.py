"""Links to one upload, for whoever has no account: they are signed, and they expire."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime

from attrs import field, frozen

from chalicelib.errors import LinkInvalid

SHORTEST_SECRET = 32
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
