"""TLS in front of a PostgreSQL that has none."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from infra.local.postgres import PostgresServer
from infra.rehearsal.tls import TlsFront

ROWS = 20_000


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    """Run a PostgreSQL behind TLS."""
    with PostgresServer() as server, TlsFront(server.port) as front:
        yield make_conninfo(server.dsn(), port=front.port)


def test_a_client_that_insists_on_tls_is_served(dsn: str) -> None:
    """With answers that take many records of TLS, and questions that do."""
    with psycopg.connect(dsn, sslmode="require") as connection:
        assert connection.pgconn.ssl_in_use
        rows = connection.execute("SELECT n, repeat('x', 100) FROM generate_series(1, %s) AS n", (ROWS,)).fetchall()
        assert len(rows) == ROWS
        (length,) = connection.execute("SELECT length(%s)", ("y" * 3_000_000,)).fetchone() or ()
        assert length == 3_000_000


def test_a_client_without_tls_is_turned_away(dsn: str) -> None:
    """As RDS does with rds.force_ssl."""
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn, sslmode="disable")
