"""Fixtures of the use cases' tests: an upload with its first attempt, and a bucket for reports."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from chalicelib.aws.report_store import S3Reports
from chalicelib.postgres.database import Database
from chalicelib.postgres.uploads import PostgresUploads
from tests.uploads.upload import ATTEMPT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def uploads(database: Database) -> PostgresUploads:
    """A repository with one upload and its first attempt."""
    uploads = PostgresUploads(database)
    uploads.begin_announced(ATTEMPT)
    return uploads


@pytest.fixture
def s3() -> Iterator["S3Client"]:
    """A client of an emulated S3 with one versioned bucket, `inbox`."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="inbox")
        client.put_bucket_versioning(Bucket="inbox", VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def reports(s3: "S3Client") -> S3Reports:
    """Reports in an empty bucket."""
    return S3Reports(client=s3)
