"""Tokens as Cognito, Entra ID, Okta and Keycloak document them, under the settings of docs/operations.md."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.http.authorizer import TokenAuthorizer
from chalicelib.http.sign_in import SignIn
from chalicelib.http.signing_keys import SigningKeys
from chalicelib.settings import Settings
from infra.rehearsal.issuer import CLIENT_ID, Issuer, issuer

METHOD = "arn:aws:execute-api:eu-central-1:123456789012:abcdef/api/GET/uploads/42"
OPERATOR = {"operator": "true"}
MACHINE = {"OWNER_CLAIM": "sub", "SIGN_IN_AUDIENCES": f"{CLIENT_ID},machine"}
OKTA_ACCESS = {"OWNER_CLAIM": "sub", "SIGN_IN_TOKEN": "access_token", "SIGN_IN_AUDIENCES": "api://default"}
OID = "00000000-0000-0000-66f3-3332eca7ea81"


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    """An issuer for the tests of this module."""
    with issuer() as running:
        yield running


@pytest.mark.parametrize(
    ("settings", "claims", "context"),
    [
        pytest.param(
            {"OPERATOR_CLAIM": "cognito:groups=ops"},
            {"token_use": "id", "email": "ada@example.com", "email_verified": True, "cognito:groups": ["ops"]},
            {"email": "ada@example.com"} | OPERATOR,
            id="Cognito, id token",
        ),
        pytest.param(
            MACHINE,
            {"token_use": "access", "sub": "machine", "aud": None, "client_id": "machine", "scope": "assay/write"},
            {"sub": "machine"},
            id="Cognito, a machine's access token",
        ),
        pytest.param(
            {"OWNER_CLAIM": "oid", "OPERATOR_CLAIM": "roles=ops"},
            {"ver": "2.0", "oid": OID, "email": "ada@example.com", "roles": ["ops"]},
            {"oid": OID} | OPERATOR,
            id="Entra ID, id token",
        ),
        pytest.param(
            {}, {"ver": "2.0", "oid": OID, "email": "ada@example.com"}, {}, id="Entra ID, without OWNER_CLAIM"
        ),
        pytest.param(
            OKTA_ACCESS | {"OPERATOR_CLAIM": "groups=ops"},
            {"sub": "ada@example.com", "aud": "api://default", "cid": CLIENT_ID, "uid": "00u1", "groups": ["ops"]},
            {"sub": "ada@example.com"} | OPERATOR,
            id="Okta, access token of a custom server",
        ),
        pytest.param(
            {"OWNER_CLAIM": "preferred_username"},
            {"sub": "00u1", "email": "ada@example.com", "preferred_username": "ada@example.com", "ver": 1},
            {"preferred_username": "ada@example.com"},
            id="Okta, id token of the org's server",
        ),
        pytest.param({}, {"sub": "00u1", "email": "ada@example.com", "ver": 1}, {}, id="Okta, without OWNER_CLAIM"),
        pytest.param(
            {"OPERATOR_CLAIM": "groups=/ops"},
            {"azp": CLIENT_ID, "email": "ada@example.com", "email_verified": True, "groups": ["/ops", "/staff"]},
            {"email": "ada@example.com"} | OPERATOR,
            id="Keycloak, id token",
        ),
    ],
)
def test_token_names_its_owner(
    running: Issuer, settings: dict[str, str], claims: dict[str, Any], context: dict[str, str]
) -> None:
    """Without a verified e-mail address there is no owner, and the API refuses uploads."""
    environment = {"SIGN_IN_ISSUER": running.url, "SIGN_IN_CLIENT_ID": CLIENT_ID} | settings
    sign_in = SignIn.of(Settings.from_environment(environment))
    assert sign_in is not None
    keys = SigningKeys(running.url, clock=lambda: 0.0)
    response = TokenAuthorizer(sign_in=sign_in, keys=keys).authorize(f"Bearer {running.token(**claims)}", METHOD)
    assert ("Allow", context) == (response["policyDocument"]["Statement"][0]["Effect"], response["context"])
