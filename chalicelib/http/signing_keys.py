"""The keys by which an issuer signs its tokens, found by OpenID Connect Discovery."""

import json
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.request import Request, urlopen

from chalicelib.errors import IssuerUnavailable, SettingsIncomplete, TokenRefused
from chalicelib.http.sign_in import require_secure
from chalicelib.telemetry import logs

KEPT_SECONDS = 3600
"""How long keys are kept: a key that the issuer withdraws is accepted no longer than that."""
REFRESH_SECONDS = 60
"""The shortest time between two fetches: unknown keys in forged tokens must not load the issuer."""
Jwk = Mapping[str, Any]
"""A JSON Web Key."""
_TIMEOUT = 5.0
_MAX_BYTES = 1024 * 1024


class SigningKeys:
    """The keys of one issuer; `clock` returns seconds."""

    def __init__(self, issuer: str, *, clock: Callable[[], float]) -> None:
        self._issuer = issuer
        self._clock = clock
        self._keys: Mapping[str, Jwk] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None

    def find(self, key_id: str) -> Jwk:
        """Return a key, which is fetched if it is unknown; raises TokenRefused or IssuerUnavailable."""
        if (key_id not in self._keys or self._is_past(self._fetched_at, KEPT_SECONDS)) and self._may_fetch():
            self._fetch()
        if self._fetched_at is None:
            raise IssuerUnavailable(f"the keys of {self._issuer} could not be fetched a moment ago")
        if key_id not in self._keys:
            raise TokenRefused("it is signed by a key that the issuer does not have")
        return self._keys[key_id]

    def _may_fetch(self) -> bool:
        return self._is_past(self._tried_at, REFRESH_SECONDS)

    def _is_past(self, moment: float | None, seconds: float) -> bool:
        return moment is None or self._clock() - moment >= seconds

    def _fetch(self) -> None:
        """Fetch all keys. If that fails, earlier keys stay in use."""
        self._tried_at = self._clock()
        try:
            keys = self._downloaded()
        except IssuerUnavailable as error:
            if self._fetched_at is None:
                raise
            logs.warn("keys not fetched", error)
            return
        self._keys = keys
        self._fetched_at = self._tried_at

    def _downloaded(self) -> Mapping[str, Jwk]:
        configuration = _json(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if configuration.get("issuer") != self._issuer:
            raise IssuerUnavailable(f"{self._issuer} calls itself {str(configuration.get('issuer'))[:100]}")
        try:
            keys = _json(require_secure(str(configuration.get("jwks_uri")))).get("keys")
        except SettingsIncomplete as error:
            raise IssuerUnavailable(f"the keys of {self._issuer} are not safe: {error}") from None
        jwks = keys if isinstance(keys, list) else []
        return {jwk["kid"]: jwk for jwk in jwks if isinstance(jwk, dict) and isinstance(jwk.get("kid"), str)}


def _json(url: str) -> dict[str, Any]:
    request = Request(url, headers={"Accept": "application/json", "User-Agent": "assay"})  # noqa: S310 - https, or on this machine
    try:
        with urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 - the same
            content = json.loads(response.read(_MAX_BYTES))
    except (OSError, HTTPException, ValueError) as error:
        raise IssuerUnavailable(f"{url} cannot be read: {type(error).__name__}") from None
    if not isinstance(content, dict):
        raise IssuerUnavailable(f"{url} is not a JSON object")
    return content
