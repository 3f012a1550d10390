"""Tokens that must be refused."""

import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.rehearsal.issuer import CURVE, RSA, Issuer

STRANGERS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def unsigned(issuer: Issuer, **claims: Any) -> str:
    """Make a token without a signature, by the algorithm `none`."""
    return issuer.token(key=None, algorithm="none", **claims)


def by_public_key(issuer: Issuer) -> str:
    """Make a token whose HMAC has the issuer's public key as its secret."""
    hmac = jwt.get_algorithm_by_name("HS256")
    segments = issuer.token().split(".")
    header = jwt.utils.base64url_encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "first"}).encode())
    signed = header + b"." + segments[1].encode()
    # PyJWT refuses to prepare a public key as a secret; a forger does not.
    return (signed + b"." + jwt.utils.base64url_encode(hmac.sign(signed, PUBLIC_PEM))).decode()


def altered(token: str, claims: Mapping[str, Any]) -> str:
    """Change the claims of a token, and keep its signature."""
    header, payload, signature = token.split(".")
    changed = {**json.loads(jwt.utils.base64url_decode(payload)), **claims}
    return f"{header}.{jwt.utils.base64url_encode(json.dumps(changed).encode()).decode()}.{signature}"


def refused_tokens(issuer: Issuer) -> dict[str, str]:
    """Return a token for each reason for which one is refused."""
    now = int(time.time())
    return {
        "signed by a stranger": issuer.token(key=STRANGERS),
        "altered": altered(issuer.token(), {"sub": "bob"}),
        "unsigned": unsigned(issuer),
        "unsigned, without a key id": unsigned(issuer, kid=None),
        "HMAC by the public key": by_public_key(issuer),
        "expired": issuer.token(exp=now - 60),
        "without expiry": issuer.token(exp=None),
        "not valid yet": issuer.token(nbf=now + 600),
        "for another audience": issuer.token(aud="another"),
        "for other audiences": issuer.token(aud=["one", "two"]),
        "for no audience": issuer.token(aud=None),
        "of another client": issuer.token(aud=None, client_id="another"),
        "of another issuer": issuer.token(iss="https://evil.example"),
        "without issuer": issuer.token(iss=None),
        "without subject": issuer.token(sub=None),
        "by an unknown key": issuer.token(key=STRANGERS, kid="unknown"),
        "without a key id": issuer.token(kid=None),
        "by the key of another algorithm": issuer.token(key=CURVE, algorithm="ES256", kid="first"),
        "no token": "a.b.c",
        "empty": "",
    }
