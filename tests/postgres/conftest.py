"""The fixture of the repository's tests."""

import pytest

from chalicelib.postgres.database import Database
from chalicelib.postgres.uploads import PostgresUploads


@pytest.fixture
def uploads(database: Database) -> PostgresUploads:
    """A repository without uploads."""
    return PostgresUploads(database)
