"""The TLS front of a PostgreSQL without TLS."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from infra.local.postgres import PostgresServer
from infra.rehearsal.tls import TlsProxy

ROWS = 20_000


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    """Run a PostgreSQL behind TLS."""
    with PostgresServer() as server, TlsProxy(server.port) as front:
        yield make_conninfo(server.dsn(), port=front.port)


def test_client_that_requires_tls_is_served(dsn: str) -> None:
    """Requests and responses may span many TLS records."""
    with psycopg.connect(dsn, sslmode="require") as connection:
        assert connection.pgconn.ssl_in_use
        rows = connection.execute("SELECT n, repeat('x', 100) FROM generate_series(1, %s) AS n", (ROWS,)).fetchall()
        assert len(rows) == ROWS
        (length,) = connection.execute("SELECT length(%s)", ("y" * 3_000_000,)).fetchone() or ()
        assert length == 3_000_000


def test_client_without_tls_is_refused(dsn: str) -> None:
    """RDS refuses it, too, with rds.force_ssl."""
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn, sslmode="disable")
