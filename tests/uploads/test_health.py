"""Health checks."""

import pytest

from chalicelib.errors import DatabaseUnavailable
from chalicelib.uploads.health import HEALTH_SECONDS, HealthCheck
from chalicelib.uploads.read_models import Health


class Database:
    """A database that counts its pings, and is unavailable once `down` is set."""

    def __init__(self) -> None:
        self.pings = 0
        self.down = False

    def ping(self) -> None:
        """Count the ping; raise if `down` is set."""
        self.pings += 1
        if self.down:
            raise DatabaseUnavailable("no answer")


class Clock:
    """A clock that a test sets, in seconds."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds


def test_result_is_reused_for_some_seconds() -> None:
    """Requests within that time share one query; the next query notices a failed database."""
    database, clock = Database(), Clock()
    check = HealthCheck(ping=database.ping, clock=clock)
    assert [Health(status="ok", database="ok")] * 3 == [check.check() for _ in range(3)]
    assert 1 == database.pings
    database.down = True
    clock.seconds += HEALTH_SECONDS
    with pytest.raises(DatabaseUnavailable):
        check.check()
    assert 2 == database.pings


def test_failure_is_reused_as_well() -> None:
    """Each attempt to connect may take seconds."""
    database, clock = Database(), Clock()
    database.down = True
    check = HealthCheck(ping=database.ping, clock=clock)
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable):
            check.check()
    assert 1 == database.pings
    database.down = False
    clock.seconds += HEALTH_SECONDS
    assert "ok" == check.check().status
