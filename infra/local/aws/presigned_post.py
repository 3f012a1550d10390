"""Enforces the policy of presigned POST forms, which moto ignores."""

import hmac
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from xml.sax.saxutils import escape

from attrs import frozen

_FREE: Final = frozenset({"policy", "x-amz-signature", "file"})
"""Fields that a policy need not list."""
_SIZE: Final = "content-length-range"


@frozen
class Refusal:
    """Why S3 refuses a form."""

    code: str
    message: str
    status: HTTPStatus = HTTPStatus.FORBIDDEN

    @property
    def xml(self) -> str:
        """Return the body of S3's answer."""
        return f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}</Message></Error>"


@frozen(kw_only=True)
class SentForm:
    """A received form: its fields except the file, by their names in lower case, and the size of the file."""

    bucket: str
    fields: Mapping[str, str]
    size: int
    has_file: bool

    def refusal(self, *, secret: str, now: datetime) -> Refusal | None:
        """Return why the form is refused; None if it is not. `secret` is the signer's secret key."""
        if not self.has_file:
            message = "POST requires exactly one file upload per request."
            return Refusal("InvalidArgument", message, HTTPStatus.BAD_REQUEST)
        policy = self.fields.get("policy")
        if policy is None:
            return Refusal("AccessDenied", "Access Denied")
        if not hmac.compare_digest(self.fields.get("x-amz-signature", ""), self._signature(policy, secret)):
            return Refusal("SignatureDoesNotMatch", "The policy is not signed by the key that the form names.")
        document = json.loads(b64decode(policy))
        if datetime.fromisoformat(document["expiration"]) <= now:
            return Refusal("AccessDenied", "Invalid according to Policy: Policy expired.")
        conditions = list(_conditions(document["conditions"]))
        return self._broken(conditions) or self._unasked({str(name).lstrip("$").lower() for _, name, _ in conditions})

    def _signature(self, policy: str, secret: str) -> str:
        """Sign a policy by Signature Version 4, for the day, region and service that the form names."""
        key = f"AWS4{secret}".encode()
        for part in self.fields.get("x-amz-credential", "").split("/")[1:]:
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.new(key, policy.encode(), "sha256").hexdigest()

    def _broken(self, conditions: Sequence[tuple[Any, Any, Any]]) -> Refusal | None:
        for kind, subject, wanted in conditions:
            if kind == _SIZE and self.size < subject:
                return Refusal("EntityTooSmall", f"The file has fewer than {subject} bytes.", HTTPStatus.BAD_REQUEST)
            if kind == _SIZE and self.size > wanted:
                return Refusal("EntityTooLarge", f"The file has more than {wanted} bytes.", HTTPStatus.BAD_REQUEST)
            if kind != _SIZE and not self._holds(kind, subject, wanted):
                condition = json.dumps([kind, subject, wanted])
                return Refusal("AccessDenied", f"Invalid according to Policy: Policy Condition failed: {condition}")
        return None

    def _holds(self, kind: str, subject: str, wanted: str) -> bool:
        name = subject.lstrip("$").lower()
        value = self.bucket if name == "bucket" else self.fields.get(name, "")
        return value.startswith(wanted) if kind == "starts-with" else value == wanted

    def _unasked(self, allowed: set[str]) -> Refusal | None:
        extra = sorted(name for name in self.fields if name not in allowed | _FREE and not name.startswith("x-ignore-"))
        if not extra:
            return None
        return Refusal("AccessDenied", f"Invalid according to Policy: Extra input fields: {', '.join(extra)}")


def _conditions(stated: Sequence[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Return conditions in their long form: `{"key": "a"}` is `["eq", "$key", "a"]`."""
    for condition in stated:
        if isinstance(condition, Mapping):
            yield from (("eq", f"${name}", value) for name, value in condition.items())
        else:
            kind, subject, wanted = condition
            yield kind, subject, wanted
