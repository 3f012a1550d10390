"""What tests of the repository share."""

import pytest

from chalicelib.postgres.database import Database
from chalicelib.postgres.upload_status import PostgresUploadStatusRepository


@pytest.fixture
def uploads(database: Database) -> PostgresUploadStatusRepository:
    """The repository, without any upload."""
    return PostgresUploadStatusRepository(database)
