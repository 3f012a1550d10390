"""Repositories of schemas: the package, and S3."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib import schemas
from chalicelib.aws.schema_repository import PackagedSchemas, S3Schemas
from chalicelib.errors import SchemaInvalid, SchemaUnknown, SettingsIncomplete, StorageUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def client() -> Iterator["S3Client"]:
    """A client of an S3 with one bucket, `datasets`."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="datasets")
        yield client


@pytest.fixture
def repository(client: "S3Client") -> S3Schemas:
    """The schemas under `schemas/` in that bucket: two valid ones, and one that is not JSON."""
    client.put_object(Bucket="datasets", Key="schemas/orders.json", Body=b'{"fields": [{"name": "a"}]}')
    client.put_object(Bucket="datasets", Key="schemas/orders@2.json", Body=b'{"fields": [{"name": "b"}]}')
    client.put_object(Bucket="datasets", Key="schemas/broken.json", Body=b"{")
    return S3Schemas.at("s3://datasets/schemas/", client)


def test_schema_is_read_from_s3(repository: S3Schemas) -> None:
    """A new dataset needs no deployment; a version is part of its name."""
    assert repository.load("orders") == {"fields": [{"name": "a"}]}
    assert repository.load("orders@2") == {"fields": [{"name": "b"}]}


def test_packaged_schema_is_found_too(repository: S3Schemas) -> None:
    """A schema that S3 lacks is loaded from the package."""
    assert schemas.load("default") == repository.load("default")
    assert schemas.load("default") == PackagedSchemas().load("default")


def test_schema_in_s3_replaces_the_packaged_one(repository: S3Schemas, client: "S3Client") -> None:
    """A deployment can have a default of its own."""
    client.put_object(Bucket="datasets", Key="schemas/default.json", Body=b'{"fields": [{"name": "c"}]}')
    assert repository.load("default") == {"fields": [{"name": "c"}]}


@pytest.mark.parametrize("name", ["unknown", "../orders", "", "a" * 65, "with space"])
def test_unknown_name_lists_those_that_exist(repository: S3Schemas, name: str) -> None:
    """A mistyped name is easy to correct, and no name leads out of the prefix."""
    with pytest.raises(SchemaUnknown, match="broken, default, orders, orders@2"):
        repository.load(name)


def test_schema_that_is_not_json_is_invalid(repository: S3Schemas) -> None:
    """The error concerns the schema, not the file."""
    with pytest.raises(SchemaInvalid, match="'broken' is not JSON"):
        repository.load("broken")


def test_prefix_is_a_folder_with_or_without_its_slash(repository: S3Schemas, client: "S3Client") -> None:
    """The prefix `schemas` does not match `schemasorders.json`."""
    assert repository == S3Schemas.at("s3://datasets/schemas", client)


def test_schemas_that_cannot_be_listed_are_unavailable(client: "S3Client") -> None:
    """The request can be repeated."""
    with Stubber(client) as stubber:
        stubber.add_client_error("get_object", "NoSuchKey")
        stubber.add_client_error("list_objects_v2", "SlowDown")
        with pytest.raises(StorageUnavailable):
            S3Schemas.at("s3://datasets/schemas/", client).load("orders")


@pytest.mark.parametrize("uri", ["https://datasets/schemas/", "datasets", "s3:///schemas/"])
def test_malformed_uri_is_refused(client: "S3Client", uri: str) -> None:
    """The message has the expected form."""
    with pytest.raises(SettingsIncomplete, match="s3://bucket/prefix/"):
        S3Schemas.at(uri, client)


def test_oversized_schema_is_not_read(repository: S3Schemas, client: "S3Client") -> None:
    """Its size is known before; a schema of the largest size is read."""
    descriptor = b'{"fields": [{"name": "a"}]}'
    client.put_object(Bucket="datasets", Key="schemas/most.json", Body=descriptor.ljust(schemas.MAX_BYTES))
    assert {"fields": [{"name": "a"}]} == repository.load("most")
    client.put_object(Bucket="datasets", Key="schemas/more.json", Body=descriptor.ljust(schemas.MAX_BYTES + 1))
    with pytest.raises(SchemaInvalid, match=r"^the schema 'more' has 1,048,577 bytes, and 1,048,576 are allowed$"):
        repository.load("more")
