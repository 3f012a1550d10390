"""An S3 on loopback with one object, whose responses fail as configured."""

import threading
from contextlib import suppress
from hashlib import md5, shake_256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE = 60.0
"""Seconds to wait for an event that must happen."""


def noise(size: int, seed: bytes = b"assay") -> bytes:
    """Return bytes whose content differs at each offset."""
    return shake_256(seed).digest(size)


class FlakyS3(ThreadingHTTPServer):
    """An S3 with one object, whose responses fail as configured."""

    daemon_threads = False

    def __init__(self, content: bytes) -> None:
        """Listen on loopback."""
        super().__init__(("127.0.0.1", 0), _Answers)
        self.content = content
        self.cuts: list[int] = []
        """How many bytes each of the next responses has before its connection breaks."""
        self.replacement: bytes | None = None
        """The content that replaces the object after the first response."""
        self.dies = False
        """Whether the server stops after the first response."""
        self.ignores: set[str] = set()
        """Request headers that the server ignores."""
        self.headers: dict[str, str] = {}
        """Further headers of a response that has the whole object."""
        self.ranges: list[str | None] = []
        """The Range of each request."""
        self.left = threading.Event()
        """Set when a connection has ended."""

    @property
    def etag(self) -> str:
        """The ETag that S3 computes for an object put in one part."""
        return f'"{md5(self.content, usedforsecurity=False).hexdigest()}"'

    def shutdown_request(self, request: Any) -> None:
        """Record that a connection has ended."""
        super().shutdown_request(request)
        self.left.set()


class _Answers(BaseHTTPRequestHandler):
    """Answers GetObject."""

    server: FlakyS3
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE

    def handle(self) -> None:
        """Respond until the client closes the connection."""
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        byte_range = None if "Range" in self.server.ignores else self.headers["Range"]
        self.server.ranges.append(self.headers["Range"])
        if self.headers["If-Match"] not in (None, self.server.etag) and "If-Match" not in self.server.ignores:
            self._refuse()
        else:
            self._send(byte_range)

    def _refuse(self) -> None:
        words = b"<Error><Code>PreconditionFailed</Code><Message>If-Match</Message></Error>"
        self._head(412, len(words), {})
        self.wfile.write(words)

    def _send(self, byte_range: str | None) -> None:
        first, _, last = byte_range.removeprefix("bytes=").partition("-") if byte_range else ("0", "", "")
        content = self.server.content
        start, end = int(first), int(last) + 1 if last else len(content)
        span = {"Content-Range": f"bytes {start}-{end - 1}/{len(content)}"} if byte_range else self.server.headers
        self._head(206 if byte_range else 200, end - start, span)
        sent = min(end, start + self.server.cuts.pop(0)) if self.server.cuts else end
        self._inject_failure()
        self.wfile.write(content[start:sent])
        self.close_connection = sent < end

    def _inject_failure(self) -> None:
        """Replace the object or stop the server, if that is configured, during a response."""
        if self.server.replacement is not None:
            self.server.content = self.server.replacement
        if self.server.dies:
            self.server.shutdown()
            self.server.socket.close()

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(length), "ETag": self.server.etag, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""
