"""Which uploads a sweep claims, and its marker."""

from datetime import timedelta

import psycopg
import pytest
from attrs import evolve

from chalicelib.postgres.sweeps import _CLAIM_PENDING, _CLAIM_VALIDATING
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Attempt
from tests.postgres.upload import BY_SWEEP, CREATED, FIRST, register, verdict


def test_execution_that_was_never_started_is_the_same_one_still(uploads: PostgresUploads) -> None:
    """The function that recorded the attempt may only be slow: the name keeps both from starting it twice."""
    uploads.begin_announced(FIRST)
    assert FIRST.execution == uploads.resume(FIRST.execution_name, BY_SWEEP)
    assert uploads.find("42").attempt == 1


def test_uploads_without_a_verdict_are_claimed_by_one(uploads: PostgresUploads, dsn: str) -> None:
    """PENDING and VALIDATING ones; another claim returns none of them until they have been idle as long again."""
    for number in range(3):
        uploads.begin_announced(attempt(number))
    uploads.record_verdict(evolve(verdict(attempt(0)), upload_id="0"))
    register(uploads)
    _age(dsn)
    claimed = uploads.claim_unsettled(idle=HOUR, most=10)
    assert {"1", "2", "42"} == {state.upload_id for state in claimed}
    assert () == uploads.claim_unsettled(idle=HOUR, most=10)
    _age(dsn)
    assert len(claimed) == len(uploads.claim_unsettled(idle=HOUR, most=10))


def test_claim_skips_an_upload_that_is_being_moved(uploads: PostgresUploads, dsn: str) -> None:
    """It does not wait for the lock."""
    for number in range(2):
        uploads.begin_announced(attempt(number))
    _age(dsn)
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE csv_uploads SET reason = 'busy' WHERE upload_id = '0'")
        assert ["1"] == [state.upload_id for state in uploads.claim_unsettled(idle=HOUR, most=10)]


def test_uploads_that_waited_longest_are_claimed_first(uploads: PostgresUploads, dsn: str) -> None:
    """Since the last change, or since the last claim: so all have their turn."""
    for number in range(4):
        uploads.begin_announced(attempt(number))
        _age(dsn)
    assert {"0", "1"} == {it.upload_id for it in uploads.claim_unsettled(idle=HOUR, most=2)}
    _age(dsn)
    assert {"2", "3"} == {it.upload_id for it in uploads.claim_unsettled(idle=HOUR, most=2)}


def test_registration_that_has_expired_is_claimed_once_more_and_never_again(uploads: PostgresUploads, dsn: str) -> None:
    """Registrations without a file pile up. The listing of the bucket finds a file that comes later all the same."""
    register(uploads)
    _age(dsn)
    assert 1 == len(uploads.claim_unsettled(idle=HOUR, most=10))
    _age(dsn, hours=24 * 7)
    assert 1 == len(uploads.claim_unsettled(idle=HOUR, most=10))
    _age(dsn, hours=24 * 7)
    assert () == uploads.claim_unsettled(idle=HOUR, most=10)


def test_attempt_at_an_expired_registration_is_claimed_like_any_other(uploads: PostgresUploads, dsn: str) -> None:
    """Its file came late, and its execution may get lost as any other."""
    register(uploads)
    _age(dsn, hours=24 * 8)
    uploads.claim_unsettled(idle=HOUR, most=10)
    uploads.begin_announced(FIRST)
    _age(dsn)
    assert ["42"] == [state.upload_id for state in uploads.claim_unsettled(idle=HOUR, most=10)]


def test_validating_uploads_are_claimed_before_registrations(uploads: PostgresUploads, dsn: str) -> None:
    """However long registrations have waited for their files: a stuck upload must not wait behind them."""
    register(uploads)
    _age(dsn)
    uploads.begin_announced(attempt(1))
    _age(dsn)
    assert ["1"] == [state.upload_id for state in uploads.claim_unsettled(idle=HOUR, most=1)]


@pytest.mark.parametrize(
    ("statement", "index"),
    [(_CLAIM_VALIDATING, "csv_uploads_validating"), (_CLAIM_PENDING, "csv_uploads_pending")],
    ids=["validating", "pending"],
)
def test_claim_reads_in_the_order_of_its_index(dsn: str, statement: str, index: str) -> None:
    """Its expression is that of the index, or a claim would sort all uploads without a verdict."""
    parameters = {"idle": HOUR, "most": 10, "valid_for": timedelta(days=7)}
    with psycopg.connect(dsn) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = [line for (line,) in connection.execute(f"EXPLAIN {statement}".encode(), parameters).fetchall()]
    assert any(f"Index Scan using {index}" in line for line in plan)
    assert not any("Sort" in line for line in plan)


def test_upload_to_which_something_has_just_happened_is_not_claimed(uploads: PostgresUploads) -> None:
    """Other functions handle it."""
    uploads.begin_announced(FIRST)
    assert () == uploads.claim_unsettled(idle=HOUR, most=10)


@pytest.mark.parametrize("key", ["uploads/acme/42/ü 100%.csv", "uploads/a\0/42/a.csv", "uploads/\ud800/42/a.csv", ""])
def test_sweep_resumes_at_its_marker(uploads: PostgresUploads, key: str) -> None:
    """Any key can be the last of a page, even one that PostgreSQL could not store as text."""
    assert uploads.sweep_marker() == ""
    uploads.save_sweep_marker(key)
    assert key == uploads.sweep_marker()


HOUR = timedelta(hours=1)


def attempt(number: int) -> Attempt:
    """Make the attempt at an upload of its own."""
    return Attempt.for_object(evolve(CREATED, key=f"uploads/acme/{number}/a.csv"))


def _age(dsn: str, hours: int = 2) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "UPDATE csv_uploads SET created_at = created_at - %(age)s, updated_at = updated_at - %(age)s,"
            " swept_at = swept_at - %(age)s",
            {"age": timedelta(hours=hours)},
        )
