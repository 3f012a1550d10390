"""An OpenID Connect issuer on this machine, which signs whatever token it is asked for."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from attrs import define, field
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

CLIENT_ID = "assay-page"
CONFIGURATION = "/.well-known/openid-configuration"
KEYS = "/keys"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())


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
