"""Tokens of partner links: valid if signed with our secret, until they expire."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.errors import LinkInvalid
from chalicelib.uploads.links import LinkTokens

NOW = datetime(2026, 11, 25, 19, tzinfo=UTC)
TOKENS = LinkTokens(secret="s" * 32, now=lambda: NOW)
HOUR = timedelta(hours=1)


def test_token_opens_its_upload() -> None:
    """An id may have all its allowed characters; the token needs no escaping in a URL."""
    token = TOKENS.token("a_B-9" * 12, NOW + HOUR)
    assert "a_B-9" * 12 == TOKENS.upload_id(token)
    assert token.replace("-", "").replace("_", "").replace(".", "").isalnum()


def test_token_expires() -> None:
    """It is invalid from the second of its expiry."""
    assert "42" == TOKENS.upload_id(TOKENS.token("42", NOW + timedelta(seconds=1)))
    with pytest.raises(LinkInvalid, match="has expired"):
        TOKENS.upload_id(TOKENS.token("42", NOW))


def _forged() -> list[str]:
    token = TOKENS.token("42", NOW + HOUR)
    payload, _, signature = token.partition(".")
    other = urlsafe_b64encode(b'{"uploadId": "43", "exp": 9999999999}').decode().rstrip("=")
    return [
        "",
        ".",
        payload,
        f"{payload}.",
        f"{payload}.{signature[:-1]}",
        f"{payload}.{signature}.",
        f"{payload}=.{signature}",
        f"{other}.{signature}",
        LinkTokens(secret="t" * 32, now=lambda: NOW).token("42", NOW + HOUR),
        "ü.\ud800",
    ]


@pytest.mark.parametrize("token", _forged())
def test_forged_token_is_refused(token: str) -> None:
    """Any changed, missing or added character invalidates the signature."""
    with pytest.raises(LinkInvalid, match="not one of ours"):
        TOKENS.upload_id(token)


def test_repr_omits_the_secret() -> None:
    """Logging the object does not reveal it."""
    assert "s" * 32 not in repr(TOKENS)
