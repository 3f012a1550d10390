"""An OpenID Connect issuer on this machine, which signs whatever token a test asks for."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from attrs import define, field
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

CLIENT_ID = "assay-page"
CONFIGURATION = "/.well-known/openid-configuration"
KEYS = "/keys"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGERS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
PUBLIC_PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@define(kw_only=True)
class Issuer:
    """What the issuer publishes, and how often it was asked."""

    url: str = ""
    documents: dict[str, Any] = field(factory=dict)
    requests: list[str] = field(factory=list)

    def publish(self, **keys: Any) -> None:
        """Publish public keys by their ids, without naming an algorithm, as Entra ID does."""
        jwks = [{**json.loads(_algorithm(key).to_jwk(key)), "kid": name} for name, key in keys.items()]
        self.documents[KEYS] = {"keys": jwks}

    def token(self, *, key: Any = RSA, algorithm: str = "RS256", kid: str | None = "first", **claims: Any) -> str:
        """Sign a token for ada, valid for five minutes; a claim of None is left out."""
        now = int(time.time())
        usual = {"iss": self.url, "sub": "ada", "aud": CLIENT_ID, "iat": now, "exp": now + 300}
        payload = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return jwt.encode(payload, key, algorithm=algorithm, headers={"kid": kid} if kid else {})


def _algorithm(key: Any) -> Any:
    return RSAAlgorithm if isinstance(key, rsa.RSAPublicKey) else ECAlgorithm


@contextmanager
def issuer() -> Iterator[Issuer]:
    """Run an issuer with the keys `first` (RSA) and `curve` (EC)."""
    running = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            running.requests.append(self.path)
            document = running.documents.get(self.path)
            self.send_response(200 if document is not None else 500)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.url = f"http://127.0.0.1:{server.server_port}"
    running.documents[CONFIGURATION] = {"issuer": running.url, "jwks_uri": f"{running.url}{KEYS}"}
    running.publish(first=RSA.public_key(), curve=CURVE.public_key())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


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
