"""What tests of the repository share."""

import pytest

from chalicelib.postgres.database import Database
from chalicelib.postgres.uploads import PostgresUploads


@pytest.fixture
def uploads(database: Database) -> PostgresUploads:
    """The repository, without any upload."""
    return PostgresUploads(database)
