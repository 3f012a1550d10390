"""Measures reading a large object from an S3 that limits each connection: `python -m tests.benchmarks.s3_download`.

The server runs in a process of its own. Each response begins after a delay, and has a limited rate, as S3's do: some
90 MB/s for a connection, and some 30 ms to the first byte. Only the product of the two matters for the size of a
range, so that a quarter of the rate and four times the delay give the same proportions with less of the processor.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection

import boto3
from attrs import evolve
from botocore.config import Config

from chalicelib.aws.object_store import S3ObjectStore

MIB = 1024 * 1024
_PIECE = bytes(range(256)) * 256


class LimitedS3(ThreadingHTTPServer):
    """An S3 with one object, which limits each connection."""

    def __init__(self, size: int, rate: float, delay: float) -> None:
        """Listen on loopback. The rate is in bytes a second, the delay in seconds."""
        super().__init__(("127.0.0.1", 0), _Answers)
        self.size, self.rate, self.delay = size, rate, delay


class _Answers(BaseHTTPRequestHandler):
    """Answers GetObject."""

    server: LimitedS3
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send the object or a range of it, no faster than allowed."""
        first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        start, end = int(first), int(last or self.server.size - 1) + 1
        time.sleep(self.server.delay)
        self.send_response(206 if "Range" in self.headers else 200)
        self.send_header("Content-Length", str(end - start))
        self.send_header("ETag", '"a"')
        if "Range" in self.headers:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{self.server.size}")
        self.end_headers()
        began = time.monotonic()
        try:
            for sent in range(0, end - start, len(_PIECE)):
                self.wfile.write(_PIECE[: end - start - sent])
                time.sleep(max(0.0, began + sent / self.server.rate - time.monotonic()))
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def _serve(size: int, rate: float, delay: float, port: Connection) -> None:
    with LimitedS3(size, rate, delay) as server:
        port.send(server.server_port)
        server.serve_forever()


@contextmanager
def limited_store(size: int, rate: float, delay: float) -> Iterator[S3ObjectStore]:
    """Yield a store in front of a limited S3."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.Process(target=_serve, args=(size, rate, delay, sender), daemon=True)
    server.start()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{receiver.recv()}",
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
        config=Config(s3={"addressing_style": "path"}),
    )
    try:
        yield S3ObjectStore(client=client)
    finally:
        client.close()
        server.terminate()
        server.join()


def seconds_to_read(store: S3ObjectStore, size: int) -> float:
    """Return how long it takes to read the object."""
    began = time.monotonic()
    received = sum(map(len, store.open("inbox", "a", None).content))
    if received != size:
        raise AssertionError(f"{received} of {size} bytes")
    return time.monotonic() - began


def main() -> None:
    """Print a table: streams, size of a range, MB/s, and times one stream."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=96, help="MiB")
    parser.add_argument("--rate", type=float, default=22, help="MB/s of a connection")
    parser.add_argument("--delay", type=float, default=0.12, help="seconds to the first byte")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    size = options.size * MIB
    plans = [(1, 4), *((streams, mib) for mib in (2, 4, 8) for streams in (2, 3, 4))]
    taken: dict[tuple[int, int], list[float]] = {plan: [] for plan in plans}
    with limited_store(size, options.rate * 1e6, options.delay) as store:
        for _ in range(options.rounds):
            for streams, mib in plans:
                ranged_from = size + 1 if streams == 1 else 0
                changed = evolve(store, streams=streams, range_bytes=mib * MIB, ranged_from=ranged_from)
                taken[streams, mib].append(seconds_to_read(changed, size))
    alone = statistics.median(taken[1, 4])
    for (streams, mib), times in taken.items():
        median = statistics.median(times)
        print(f"{streams} streams of {mib} MiB: {size / 1e6 / median:6.1f} MB/s, {alone / median:.2f} times one stream")


if __name__ == "__main__":
    main()
