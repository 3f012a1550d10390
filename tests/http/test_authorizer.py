"""The Lambda authorizer: which tokens it accepts, and what the API learns from them."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from attrs import evolve

from chalicelib.errors import IssuerUnavailable, SettingsIncomplete
from chalicelib.http.authorizer import TokenAuthorizer
from chalicelib.http.sign_in import BearerToken, SignIn
from chalicelib.http.signing_keys import KEPT_SECONDS, REFRESH_SECONDS, SigningKeys
from chalicelib.settings import Settings
from chalicelib.telemetry import logs
from infra.rehearsal.issuer import CLIENT_ID, CONFIGURATION, CURVE, KEYS, RSA, Issuer, issuer
from tests.http.forged_tokens import STRANGERS, refused_tokens

METHOD = "arn:aws:execute-api:eu-central-1:123456789012:abcdef/api/GET/uploads/42"
SHARED = b"a-secret-of-at-least-thirty-two-bytes"  # pragma: allowlist secret
SHARED_JWK = urlsafe_b64encode(SHARED).decode().rstrip("=")


class Clock:
    """Seconds that a test chooses."""

    seconds = 0.0

    def __call__(self) -> float:
        """Return the chosen time."""
        return self.seconds


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    """An issuer for the tests of this module."""
    with issuer() as running:
        yield running


@pytest.fixture
def published(running: Issuer) -> Iterator[Issuer]:
    """The issuer, with its usual documents and no requests yet."""
    documents = deepcopy(running.documents)
    running.requests.clear()
    yield running
    running.documents = documents


def authorizer(issuer: Issuer, clock: Callable[[], float] | None = None, **settings: str) -> TokenAuthorizer:
    """Make the authorizer of a deployment with these settings."""
    environment = {"SIGN_IN_ISSUER": issuer.url, "SIGN_IN_CLIENT_ID": CLIENT_ID} | settings
    sign_in = SignIn.of(Settings.from_environment(environment))
    assert sign_in is not None
    return TokenAuthorizer(sign_in=sign_in, keys=SigningKeys(issuer.url, clock=clock or Clock()))


def context(response: dict[str, Any]) -> dict[str, str]:
    """Return the context of a response that allows the request."""
    assert ["Allow"] == [it["Effect"] for it in response["policyDocument"]["Statement"]]
    return dict(response["context"])


def is_refused(response: dict[str, Any]) -> bool:
    """Return whether a response denies the request and says nothing about its caller."""
    (statement,) = response["policyDocument"]["Statement"]
    return bool(statement["Effect"] == "Deny" and response["context"] == {})


def test_valid_token_is_allowed_everything_in_the_stage(published: Issuer) -> None:
    """API Gateway reuses the policy for other methods of the same stage, and for no other API."""
    response = authorizer(published, OWNER_CLAIM="sub").authorize(f"Bearer {published.token()}", METHOD)
    assert {"sub": "ada"} == context(response)
    assert "ada" == response["principalId"]
    (statement,) = response["policyDocument"]["Statement"]
    assert ["arn:aws:execute-api:eu-central-1:123456789012:abcdef/api/*"] == statement["Resource"]


def test_token_may_be_signed_on_a_curve(published: Issuer) -> None:
    """By another key of the same issuer."""
    token = published.token(key=CURVE, algorithm="ES256", kid="curve")
    assert {"sub": "ada"} == context(authorizer(published, OWNER_CLAIM="sub").authorize(f"bearer {token}", METHOD))


@pytest.mark.parametrize("reason", list(refused_tokens(Issuer(url="http://127.0.0.1"))))
def test_token_is_refused(published: Issuer, reason: str) -> None:
    """For each reason, and the caller learns none."""
    token = refused_tokens(published)[reason]
    assert is_refused(authorizer(published, OWNER_CLAIM="sub").authorize(f"Bearer {token}", METHOD))


@pytest.mark.parametrize("scheme", ["", "Basic ", "AWS4-HMAC-SHA256 Credential="])
def test_other_schemes_are_refused(published: Issuer, scheme: str) -> None:
    """Only Bearer is accepted, whatever follows the scheme."""
    assert is_refused(authorizer(published).authorize(f"{scheme}{published.token()}", METHOD))


def test_published_shared_secret_is_no_key(published: Issuer) -> None:
    """Who reads the keys could sign tokens by it."""
    published.documents[KEYS]["keys"] = [{"kty": "oct", "k": SHARED_JWK, "kid": "first"}]
    token = published.token(key=SHARED, algorithm="HS256")
    assert is_refused(authorizer(published).authorize(f"Bearer {token}", METHOD))


def test_access_token_without_audience_names_its_client(published: Issuer) -> None:
    """As Cognito's do; a deployment may accept several clients and audiences."""
    machines = authorizer(published, OWNER_CLAIM="sub", SIGN_IN_AUDIENCES=f"{CLIENT_ID}, machines")
    for claims in ({"aud": None, "client_id": "machines"}, {"aud": ["other", "machines"]}, {}):
        token = published.token(**claims)
        assert {"sub": "ada"} == context(machines.authorize(f"Bearer {token}", METHOD))


@pytest.mark.parametrize(
    ("claims", "known"),
    [
        ({"email": "ada@example.com", "email_verified": True}, {"email": "ada@example.com"}),
        ({"email": "ada@example.com", "email_verified": "true"}, {"email": "ada@example.com"}),
        ({"email": "ada@example.com", "email_verified": False}, {}),
        ({"email": "ada@example.com"}, {}),
        ({"email": ["ada@example.com"], "email_verified": True}, {}),
        ({"operator": "true"}, {}),
    ],
)
def test_owner_is_the_verified_email_by_default(
    published: Issuer, claims: dict[str, Any], known: dict[str, str]
) -> None:
    """An address that is not verified may be another person's. No other claim reaches the API."""
    response = authorizer(published).authorize(f"Bearer {published.token(**claims)}", METHOD)
    assert known == context(response)


@pytest.mark.parametrize(
    ("claims", "known"),
    [
        ({"groups": ["staff", "operators"]}, {"sub": "ada", "operator": "true"}),
        ({"groups": "operators"}, {"sub": "ada", "operator": "true"}),
        ({"groups": ["staff"]}, {"sub": "ada"}),
        ({"groups": "operators staff"}, {"sub": "ada"}),
        ({}, {"sub": "ada"}),
    ],
)
def test_operators_are_known_by_a_claim(published: Issuer, claims: dict[str, Any], known: dict[str, str]) -> None:
    """Or by a group in a list."""
    checks = authorizer(published, OWNER_CLAIM="sub", OPERATOR_CLAIM="groups=operators")
    assert known == context(checks.authorize(f"Bearer {published.token(**claims)}", METHOD))


def test_keys_are_fetched_once(published: Issuer) -> None:
    """Many requests cost the issuer two."""
    checks = authorizer(published)
    for _ in range(3):
        context(checks.authorize(f"Bearer {published.token()}", METHOD))
    assert [CONFIGURATION, KEYS] == published.requests


def test_unknown_key_is_fetched_at_a_bounded_rate(published: Issuer) -> None:
    """An issuer may sign by a new key at any time, and forged tokens may name any."""
    clock = Clock()
    checks = authorizer(published, clock, OWNER_CLAIM="sub")
    context(checks.authorize(f"Bearer {published.token()}", METHOD))
    published.publish(first=RSA.public_key(), second=STRANGERS.public_key())
    token = published.token(key=STRANGERS, kid="second")
    for _ in range(3):
        assert is_refused(checks.authorize(f"Bearer {token}", METHOD))
    assert 2 == len(published.requests)
    clock.seconds += REFRESH_SECONDS
    assert {"sub": "ada"} == context(checks.authorize(f"Bearer {token}", METHOD))
    assert 4 == len(published.requests)


def test_withdrawn_key_is_not_accepted_for_long(published: Issuer) -> None:
    """Keys are fetched again, and replaced."""
    clock = Clock()
    checks = authorizer(published, clock)
    context(checks.authorize(f"Bearer {published.token()}", METHOD))
    published.publish(second=STRANGERS.public_key())
    clock.seconds += KEPT_SECONDS
    assert is_refused(checks.authorize(f"Bearer {published.token()}", METHOD))


def test_keys_stay_in_use_while_the_issuer_does_not_answer(published: Issuer) -> None:
    """An outage of the issuer ends no session, and not each request asks again."""
    clock = Clock()
    checks = authorizer(published, clock)
    context(checks.authorize(f"Bearer {published.token()}", METHOD))
    published.documents[CONFIGURATION] = None
    clock.seconds += KEPT_SECONDS
    for _ in range(3):
        context(checks.authorize(f"Bearer {published.token()}", METHOD))
    assert 3 == len(published.requests)


@pytest.mark.parametrize(
    "configuration",
    [
        None,
        [],
        {},
        {"issuer": "https://evil.example", "jwks_uri": "https://evil.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://keys.example/keys"},
    ],
)
def test_without_keys_no_token_is_judged(published: Issuer, configuration: Any) -> None:
    """API Gateway answers 500: the token may be valid. The next request does not ask at once."""
    own = {"issuer": published.url} if isinstance(configuration, dict) else None
    published.documents[CONFIGURATION] = {**own, **configuration} if own else configuration
    checks = authorizer(published)
    for _ in range(2):
        with pytest.raises(IssuerUnavailable):
            checks.authorize(f"Bearer {published.token()}", METHOD)


def test_log_says_why_and_never_quotes_the_token(
    published: Issuer, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """Its claims name a person, and it may still be valid elsewhere."""
    checks = authorizer(published)
    for token in refused_tokens(published).values():
        with logs.invocation("token_authorizer", ""):
            checks.authorize(f"Bearer {token}", METHOD)
        (line,) = log_lines()
        assert "refused" == line["outcome"]
        assert line["reason"]
        assert not [part for part in token.split(".") if len(part) > 1 and part in json.dumps(line)]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"SIGN_IN_CLIENT_ID": ""}, "SIGN_IN_CLIENT_ID"),
        ({"SIGN_IN_ISSUER": "http://issuer.example"}, "https://"),
        ({"SIGN_IN_ISSUER": "issuer.example"}, "https://"),
        ({"SIGN_IN_ORIGINS": "https://a.example,http://b.example"}, "http://b.example"),
        ({"SIGN_IN_TOKEN": "refresh_token"}, "id_token or access_token"),
        ({"OPERATOR_CLAIM": "groups"}, "CLAIM=VALUE"),
        ({"OWNER_CLAIM": "operator"}, "OWNER_CLAIM"),
    ],
)
def test_unusable_setting_is_named(settings: dict[str, str], complaint: str) -> None:
    """With what it should look like."""
    usable = {"SIGN_IN_ISSUER": "https://issuer.example/pool", "SIGN_IN_CLIENT_ID": CLIENT_ID}
    with pytest.raises(SettingsIncomplete, match=complaint):
        SignIn.of(Settings.from_environment(usable | settings))


def test_settings_have_defaults() -> None:
    """An issuer and a client are enough; the page may ask the issuer's origin and the others that are named."""
    usable = {"SIGN_IN_ISSUER": "https://issuer.example/pool", "SIGN_IN_CLIENT_ID": CLIENT_ID}
    sign_in = SignIn.of(Settings.from_environment(usable))
    assert sign_in is not None
    assert (CLIENT_ID,) == sign_in.audiences
    assert ("openid email", BearerToken.ID, "email") == (sign_in.scopes, sign_in.token, sign_in.owner_claim)
    assert ("https://issuer.example",) == sign_in.origins
    others = SignIn.of(Settings.from_environment(usable | {"SIGN_IN_ORIGINS": "https://auth.example/login"}))
    assert evolve(sign_in, origins=("https://issuer.example", "https://auth.example")) == others
    assert SignIn.of(Settings.from_environment({})) is None
