"""The Lambda authorizer: verifies bearer tokens, and says whose uploads their callers may see."""

from collections.abc import Mapping
from typing import Any

import jwt
from attrs import frozen

from chalicelib.errors import TokenRefused
from chalicelib.http.sign_in import OPERATOR, SignIn
from chalicelib.http.signing_keys import SigningKeys
from chalicelib.telemetry import logs

ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""The accepted signatures, all of them asymmetric: a public key must not be usable as a shared secret."""
LEEWAY_SECONDS = 10
"""How far the issuer's clock may differ from this one."""
_REQUIRED = ("exp", "iss", "sub")


@frozen(kw_only=True)
class TokenAuthorizer:
    """Authorizes the callers of one deployment."""

    sign_in: SignIn
    keys: SigningKeys

    def authorize(self, authorization: str, method_arn: str) -> dict[str, Any]:
        """Return the response of a Lambda authorizer for the value of the header `Authorization`.

        A refused token is a policy that denies everything: API Gateway answers with 403. An exception would be an
        answer of 500, and an error of the function. Raises IssuerUnavailable.
        """
        try:
            claims = self.verify(authorization)
        except TokenRefused as error:
            logs.add_fields(outcome="refused", reason=str(error))
            return _response("Deny", method_arn, "refused", {})
        context = self._context(claims)
        principal = context.get(self.sign_in.owner_claim, str(claims["sub"]))
        logs.add_fields(outcome="allowed")
        # For all methods of the stage: API Gateway caches the policy by the token.
        stage = "/".join(method_arn.split("/")[:2])
        return _response("Allow", f"{stage}/*", principal, context)

    def verify(self, authorization: str) -> Mapping[str, Any]:
        """Return the claims of a bearer token; raises TokenRefused or IssuerUnavailable."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise TokenRefused("the header Authorization has no bearer token")
        try:
            return self._claims(token.strip())
        except jwt.PyJWTError as error:
            # Its message may quote the token.
            raise TokenRefused(f"the token is not valid: {type(error).__name__}") from None

    def _claims(self, token: str) -> Mapping[str, Any]:
        header = jwt.get_unverified_header(token)
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS:
            raise TokenRefused("the token's signature has no accepted algorithm")
        if not isinstance(key_id, str):
            raise TokenRefused("the token names no key")
        jwk = self.keys.find(key_id)
        if jwk.get("alg", algorithm) != algorithm or jwk.get("use", "sig") != "sig":
            raise TokenRefused("the token's key is for another algorithm or use")
        claims: Mapping[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(dict(jwk), algorithm=algorithm),
            algorithms=[algorithm],
            issuer=self.sign_in.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": list(_REQUIRED), "verify_aud": False},
        )
        self._require_audience(claims)
        return claims

    def _require_audience(self, claims: Mapping[str, Any]) -> None:
        """Compare the audience, or else the client: Cognito's access tokens have no audience."""
        audience = claims.get("aud", claims.get("client_id"))
        meant_for = audience if isinstance(audience, list) else [audience]
        if not set(self.sign_in.audiences) & {each for each in meant_for if isinstance(each, str)}:
            raise TokenRefused("the token is meant for another audience")

    def _context(self, claims: Mapping[str, Any]) -> dict[str, str]:
        """Return the owner, and whether the caller is an operator; no other claim that could be mistaken for these."""
        context = {}
        owner = claims.get(self.sign_in.owner_claim)
        is_unverified = self.sign_in.owner_claim == "email" and claims.get("email_verified") not in {True, "true"}
        if isinstance(owner, str) and not is_unverified:
            context[self.sign_in.owner_claim] = owner
        if self._is_operator(claims):
            context[OPERATOR] = "true"
        return context

    def _is_operator(self, claims: Mapping[str, Any]) -> bool:
        operators = self.sign_in.operators
        if operators is None:
            return False
        claimed = claims.get(operators.claim)
        return operators.value in (claimed if isinstance(claimed, list) else [claimed])


def _response(effect: str, resource: str, principal: str, context: Mapping[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": [resource]}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": principal, "policyDocument": policy, "context": dict(context)}
