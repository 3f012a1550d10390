"""What tests of the repository share."""

import pytest

from chalicelib.adapters.database import Database
from chalicelib.adapters.upload_status import PostgresUploadStatusRepository


@pytest.fixture
def uploads(database: Database) -> PostgresUploadStatusRepository:
    """The repository, without any upload."""
    return PostgresUploadStatusRepository(database)
