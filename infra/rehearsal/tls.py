"""A TLS proxy for a PostgreSQL without TLS: Assay refuses to connect to another machine without it.

A client begins with a request for TLS in PostgreSQL's own protocol. The answer is one letter; after an S, the TLS
handshake follows. The decrypted bytes are passed to the server unchanged.
"""

import contextlib
import datetime as dt
import select
import socket
import ssl
import tempfile
from pathlib import Path
from threading import Thread
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.local.ports import LOOPBACK, listen

_TLS_REQUEST: Final = bytes.fromhex("00000008 04d2162f")
_CHUNK: Final = 65536


class TlsProxy:
    """Accepts TLS on a loopback port, and passes the decrypted bytes to a server; a context manager."""

    def __init__(self, server_port: int) -> None:
        """Forward to the PostgreSQL on that port."""
        self._server_port = server_port
        self._context = _context()
        self._listener = listen(0)
        self.port: Final = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        """Start to accept connections."""
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop accepting connections; open ones end with the server."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            if client.recv(len(_TLS_REQUEST), socket.MSG_WAITALL) != _TLS_REQUEST:
                return
            client.sendall(b"S")
            with (
                self._context.wrap_socket(client, server_side=True) as secure,
                socket.create_connection((LOOPBACK, self._server_port)) as server,
            ):
                _relay(secure, server)


def _relay(secure: ssl.SSLSocket, server: socket.socket) -> None:
    """Pass bytes in both directions until one side closes."""
    while True:
        # What TLS has decrypted already does not make its socket readable again.
        ready: list[socket.socket] = [secure] if secure.pending() else select.select([secure, server], [], [])[0]
        for source in ready:
            chunk = source.recv(_CHUNK)
            if not chunk:
                return
            (server if source is secure else secure).sendall(chunk)


def _context() -> ssl.SSLContext:
    """Create a certificate for this run, as RDS creates one for each instance."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, LOOPBACK)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="assay-tls-") as directory:
        chain = Path(directory, "chain.pem")
        chain.touch(mode=0o600)
        chain.write_bytes(secret + certificate.public_bytes(pem))
        context.load_cert_chain(chain)
    return context
