"""An emulated S3 with a versioned bucket, and the use cases on it."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.uploads.parts.in_parts import Datasets, InParts


@pytest.fixture
def in_parts() -> Iterator[Callable[..., InParts]]:
    """Return the use cases for a default schema, with other sizes if asked for."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="inbox")
        client.put_bucket_versioning(Bucket="inbox", VersioningConfiguration={"Status": "Enabled"})

        def made(schema: Any, **sizes: int) -> InParts:
            return InParts(client=client, schemas=Datasets({"default": schema}), **sizes)

        yield made
