"""Tokens of links: only those that we have signed, and only until they expire."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.errors import LinkInvalid
from chalicelib.uploads.links import LinkTokens

NOW = datetime(2026, 11, 25, 19, tzinfo=UTC)
TOKENS = LinkTokens(secret="s" * 32, now=lambda: NOW)
HOUR = timedelta(hours=1)


def test_token_opens_its_upload() -> None:
    """Whatever of an id's characters it has; and can be part of a URL as it is."""
    token = TOKENS.token("a_B-9" * 12, NOW + HOUR)
    assert "a_B-9" * 12 == TOKENS.upload_id(token)
    assert token.replace("-", "").replace("_", "").replace(".", "").isalnum()


def test_token_ends_with_its_time() -> None:
    """To the second."""
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
def test_token_that_is_not_ours_opens_nothing(token: str) -> None:
    """Not one bit of it may be another."""
    with pytest.raises(LinkInvalid, match="not one of ours"):
        TOKENS.upload_id(token)


def test_secret_is_not_shown() -> None:
    """Not even in a log of the object."""
    assert "s" * 32 not in repr(TOKENS)
