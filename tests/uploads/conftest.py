"""Fixtures of the use cases' tests: an upload with its first attempt, and a bucket for reports."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from chalicelib.aws.report_store import S3Reports
from chalicelib.postgres.database import Database
from chalicelib.postgres.uploads import PostgresUploads
from tests.uploads.upload import ATTEMPT


@pytest.fixture
def uploads(database: Database) -> PostgresUploads:
    """A repository with one upload and its first attempt."""
    uploads = PostgresUploads(database)
    uploads.begin_announced(ATTEMPT)
    return uploads


@pytest.fixture
def reports() -> Iterator[S3Reports]:
    """Reports in an empty bucket."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="inbox")
        yield S3Reports(client=client)
