"""The uploads that a sweep claims, and its marker."""

from datetime import timedelta

import psycopg
import pytest
from attrs import evolve

from chalicelib.postgres.sweeps import _CLAIM_PENDING, _CLAIM_VALIDATING
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Attempt
from tests.postgres.upload import BY_SWEEP, CREATED, FIRST, register, verdict


def test_resuming_an_attempt_returns_the_same_execution(uploads: PostgresUploads) -> None:
    """The function that recorded the attempt may only be slow; the name prevents a second start."""
    uploads.begin_announced(FIRST)
    assert FIRST.execution == uploads.resume(FIRST.execution_name, BY_SWEEP)
    assert uploads.find("42").attempt == 1


def test_uploads_without_a_verdict_are_claimed_by_one_sweep(uploads: PostgresUploads, dsn: str) -> None:
    """PENDING and VALIDATING uploads are not claimed again until they have been idle for as long."""
    for number in range(3):
        uploads.begin_announced(attempt(number))
    uploads.record_verdict(evolve(verdict(attempt(0)), upload_id="0"))
    register(uploads)
    _age(dsn)
    claimed = uploads.claim_without_verdict(idle=HOUR, most=10)
    assert {"1", "2", "42"} == {state.upload_id for state in claimed}
    assert () == uploads.claim_without_verdict(idle=HOUR, most=10)
    _age(dsn)
    assert len(claimed) == len(uploads.claim_without_verdict(idle=HOUR, most=10))


def test_claim_skips_a_locked_upload(uploads: PostgresUploads, dsn: str) -> None:
    """A claim does not wait for another transaction."""
    for number in range(2):
        uploads.begin_announced(attempt(number))
    _age(dsn)
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE csv_uploads SET reason = 'busy' WHERE upload_id = '0'")
        assert ["1"] == [state.upload_id for state in uploads.claim_without_verdict(idle=HOUR, most=10)]


def test_uploads_that_waited_longest_are_claimed_first(uploads: PostgresUploads, dsn: str) -> None:
    """They wait since their last change or claim, so that each gets its turn."""
    for number in range(4):
        uploads.begin_announced(attempt(number))
        _age(dsn)
    assert {"0", "1"} == {it.upload_id for it in uploads.claim_without_verdict(idle=HOUR, most=2)}
    _age(dsn)
    assert {"2", "3"} == {it.upload_id for it in uploads.claim_without_verdict(idle=HOUR, most=2)}


def test_expired_registration_is_claimed_once_more(uploads: PostgresUploads, dsn: str) -> None:
    """Registrations without a file accumulate. The listing of the bucket still finds a file that arrives later."""
    register(uploads)
    _age(dsn)
    assert 1 == len(uploads.claim_without_verdict(idle=HOUR, most=10))
    _age(dsn, hours=24 * 7)
    assert 1 == len(uploads.claim_without_verdict(idle=HOUR, most=10))
    _age(dsn, hours=24 * 7)
    assert () == uploads.claim_without_verdict(idle=HOUR, most=10)


def test_attempt_at_an_expired_registration_is_claimed(uploads: PostgresUploads, dsn: str) -> None:
    """The file arrived late; its execution may still fail."""
    register(uploads)
    _age(dsn, hours=24 * 8)
    uploads.claim_without_verdict(idle=HOUR, most=10)
    uploads.begin_announced(FIRST)
    _age(dsn)
    assert ["42"] == [state.upload_id for state in uploads.claim_without_verdict(idle=HOUR, most=10)]


def test_validating_uploads_are_claimed_before_registrations(uploads: PostgresUploads, dsn: str) -> None:
    """A stuck upload must not wait behind registrations, however old they are."""
    register(uploads)
    _age(dsn)
    uploads.begin_announced(attempt(1))
    _age(dsn)
    assert ["1"] == [state.upload_id for state in uploads.claim_without_verdict(idle=HOUR, most=1)]


@pytest.mark.parametrize(
    ("statement", "index"),
    [(_CLAIM_VALIDATING, "csv_uploads_validating"), (_CLAIM_PENDING, "csv_uploads_pending")],
    ids=["validating", "pending"],
)
def test_claim_reads_in_the_order_of_its_index(dsn: str, statement: str, index: str) -> None:
    """With another expression than the index, a claim would sort all uploads without a verdict."""
    parameters = {"idle": HOUR, "most": 10, "valid_for": timedelta(days=7)}
    with psycopg.connect(dsn) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = [line for (line,) in connection.execute(f"EXPLAIN {statement}".encode(), parameters).fetchall()]
    assert any(f"Index Scan using {index}" in line for line in plan)
    assert not any("Sort" in line for line in plan)


def test_recently_changed_upload_is_not_claimed(uploads: PostgresUploads) -> None:
    """Another function may be handling it."""
    uploads.begin_announced(FIRST)
    assert () == uploads.claim_without_verdict(idle=HOUR, most=10)


@pytest.mark.parametrize("key", ["uploads/acme/42/ü 100%.csv", "uploads/a\0/42/a.csv", "uploads/\ud800/42/a.csv", ""])
def test_sweep_resumes_at_its_marker(uploads: PostgresUploads, key: str) -> None:
    """The last key of a page may be one that PostgreSQL cannot store as text."""
    assert uploads.sweep_marker() == ""
    uploads.save_sweep_marker(key)
    assert key == uploads.sweep_marker()


HOUR = timedelta(hours=1)


def attempt(number: int) -> Attempt:
    """Return an attempt at an upload of its own."""
    return Attempt.for_object(evolve(CREATED, key=f"uploads/acme/{number}/a.csv"))


def _age(dsn: str, hours: int = 2) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "UPDATE csv_uploads SET created_at = created_at - %(age)s, updated_at = updated_at - %(age)s,"
            " swept_at = swept_at - %(age)s",
            {"age": timedelta(hours=hours)},
        )
