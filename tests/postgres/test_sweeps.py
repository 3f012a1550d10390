"""What a sweep is given to look after."""

from datetime import timedelta

import psycopg
from attrs import evolve

from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Attempt
from tests.postgres.upload import BY_SWEEP, CREATED, FIRST, register, verdict


def test_execution_that_was_never_started_is_the_same_one_still(uploads: PostgresUploads) -> None:
    """Whoever recorded the attempt may only be slow: the name keeps the two from doing it twice."""
    uploads.begin_announced(FIRST)
    assert FIRST.execution == uploads.resume(FIRST.execution_name, BY_SWEEP)
    assert uploads.find("42").attempt == 1


def test_uploads_without_a_verdict_are_claimed_by_one(uploads: PostgresUploads, dsn: str) -> None:
    """PENDING and VALIDATING ones; the next who asks is given none of them until they have been idle as long again."""
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


def test_claiming_does_not_wait_for_whoever_moves_an_upload(uploads: PostgresUploads, dsn: str) -> None:
    """That one is in good hands."""
    for number in range(2):
        uploads.begin_announced(attempt(number))
    _age(dsn)
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE csv_uploads SET reason = 'busy' WHERE upload_id = '0'")
        assert ["1"] == [state.upload_id for state in uploads.claim_unsettled(idle=HOUR, most=10)]


def test_those_are_claimed_first_that_waited_longest(uploads: PostgresUploads, dsn: str) -> None:
    """For something to happen, or to be looked at again: nobody takes the others' turn."""
    for number in range(4):
        uploads.begin_announced(attempt(number))
        _age(dsn)
    assert {"0", "1"} == {it.upload_id for it in uploads.claim_unsettled(idle=HOUR, most=2)}
    _age(dsn)
    assert {"2", "3"} == {it.upload_id for it in uploads.claim_unsettled(idle=HOUR, most=2)}


def test_upload_that_nobody_ever_sent_is_not_looked_at_for_ever(uploads: PostgresUploads, dsn: str) -> None:
    """After a week it is left to the sweep through the bucket."""
    register(uploads)
    _age(dsn)
    assert 1 == len(uploads.claim_unsettled(idle=HOUR, most=10))
    _age(dsn, hours=24 * 7)
    assert () == uploads.claim_unsettled(idle=HOUR, most=10)


def test_upload_to_which_something_has_just_happened_is_not_claimed(uploads: PostgresUploads) -> None:
    """It is in good hands."""
    uploads.begin_announced(FIRST)
    assert () == uploads.claim_unsettled(idle=HOUR, most=10)


def test_sweep_goes_on_where_the_last_one_ended(uploads: PostgresUploads) -> None:
    """Whoever made it."""
    assert uploads.sweep_marker() == ""
    uploads.save_sweep_marker("uploads/acme/42/ü.csv")
    assert uploads.sweep_marker() == "uploads/acme/42/ü.csv"


HOUR = timedelta(hours=1)


def attempt(number: int) -> Attempt:
    """Make the attempt at an upload of its own."""
    return Attempt.for_object(evolve(CREATED, key=f"uploads/acme/{number}/a.csv"))


def _age(dsn: str, hours: int = 2) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "UPDATE csv_uploads SET updated_at = updated_at - %(age)s, swept_at = swept_at - %(age)s",
            {"age": timedelta(hours=hours)},
        )
