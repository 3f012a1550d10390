"""The lifecycle, tortured."""

from chalicelib.postgres.database import Database
from tests.torture.play import play


def test_no_upload_is_lost_stuck_or_wrong_whatever_happens(database: Database) -> None:
    """In ten thousand steps, in any order, each comes to the verdict on its newest object."""
    played = play(database, steps=10_000, first_seed=1)
    assert {"put", "notify", "record", "come_to_nothing", "tell_of_end", "redrive", "replay", "sweep"} <= played.keys()
