"""Sign-in by OpenID Connect: what a deployment's settings say about its issuer, its tokens, and who may see what."""

from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

from attrs import frozen

from chalicelib.errors import SettingsIncomplete
from chalicelib.settings import Settings

OPERATOR = "operator"
"""The member of an authorizer's context that lets a caller see all uploads, with the text `true`."""
_SCOPES = "openid email"
_OWNER_CLAIM = "email"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class BearerToken(StrEnum):
    """Which of an issuer's tokens the page sends."""

    ID = "id_token"
    ACCESS = "access_token"


@frozen(kw_only=True)
class Operators:
    """The claim and value that make a token's holder an operator; the claim may be a list, such as of groups."""

    claim: str
    value: str


@frozen(kw_only=True)
class SignIn:
    """The sign-in of a deployment."""

    issuer: str
    client_id: str
    audiences: tuple[str, ...]
    """A token is accepted if it is meant for one of these."""
    scopes: str
    token: BearerToken
    origins: tuple[str, ...]
    """The origins that the page asks for the issuer's configuration and for tokens."""
    owner_claim: str
    operators: Operators | None

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """Read the settings; None if they name no issuer. Raises SettingsIncomplete."""
        if settings.sign_in_issuer is None:
            return None
        settings.require("SIGN_IN_CLIENT_ID")
        client_id = str(settings.sign_in_client_id)
        others = [require_secure(origin) for origin in _listed(settings.sign_in_origins)]
        return cls(
            issuer=require_secure(settings.sign_in_issuer),
            client_id=client_id,
            audiences=_listed(settings.sign_in_audiences) or (client_id,),
            scopes=settings.sign_in_scopes or _SCOPES,
            token=_token(settings.sign_in_token),
            origins=tuple(dict.fromkeys(_origin(url) for url in (settings.sign_in_issuer, *others))),
            owner_claim=_owner_claim(settings.owner_claim),
            operators=_operators(settings.operator_claim),
        )


@frozen(kw_only=True)
class SignInOptions:
    """How the page signs people in. All members are null if requests are signed with IAM credentials instead."""

    issuer: str | None
    client_id: str | None
    scopes: str | None
    token: BearerToken | None


@frozen(kw_only=True)
class Caller:
    """Who a request comes from."""

    name: str
    """As in the audit, without its kind."""
    owner: str | None
    """The owner whose uploads the caller sees; null for all."""


def options(sign_in: SignIn | None) -> SignInOptions:
    """Return the options that the page needs."""
    if sign_in is None:
        return SignInOptions(issuer=None, client_id=None, scopes=None, token=None)
    return SignInOptions(issuer=sign_in.issuer, client_id=sign_in.client_id, scopes=sign_in.scopes, token=sign_in.token)


def require_secure(url: str) -> str:
    """Return a URL that begins with https, or is on this machine; raises SettingsIncomplete for any other."""
    parts = urlsplit(url)
    if not parts.hostname or (parts.scheme != "https" and (parts.scheme != "http" or parts.hostname not in _LOOPBACK)):
        raise SettingsIncomplete(f"the URLs of the issuer begin with https://, not as {url[:100]}")
    return url


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (each.strip() for each in (text or "").split(","))))


def _token(text: str | None) -> BearerToken:
    if text is not None and text not in list(BearerToken):
        raise SettingsIncomplete(f"SIGN_IN_TOKEN is {' or '.join(BearerToken)}, not {text[:40]}")
    return BearerToken(text or BearerToken.ID)


def _owner_claim(text: str | None) -> str:
    if text == OPERATOR:
        raise SettingsIncomplete(f"OWNER_CLAIM cannot be {OPERATOR}: the context of an authorizer has it for operators")
    return text or _OWNER_CLAIM


def _operators(text: str | None) -> Operators | None:
    if text is None:
        return None
    claim, _, value = text.partition("=")
    if not claim or not value:
        raise SettingsIncomplete("OPERATOR_CLAIM has the form CLAIM=VALUE, such as groups=assay-operators")
    return Operators(claim=claim, value=value)
