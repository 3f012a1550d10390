"""An upload is registered only if its upload form can be signed."""

from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest

from chalicelib.aws.schema_repository import PackagedSchemas
from chalicelib.aws.upload_forms import S3UploadForms
from chalicelib.errors import FieldInvalid, StorageUnavailable
from chalicelib.postgres.database import Database
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.messages import Registration
from chalicelib.uploads.object_key import KeyFilter
from chalicelib.uploads.paging import UploadQuery
from chalicelib.uploads.register import register_upload


@pytest.fixture
def unsigned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> S3UploadForms:
    """Upload forms that cannot be signed, because there are no credentials."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.Session(region_name="us-east-1").client("s3")
    return S3UploadForms(client=client, max_bytes=1024, now=lambda: datetime.now(UTC))


def test_upload_whose_form_cannot_be_signed_is_not_registered(database: Database, unsigned: S3UploadForms) -> None:
    """Its file could not be sent, and a repeated request would register a second upload."""
    uploads = PostgresUploads(database)
    with pytest.raises(StorageUnavailable, match="a form cannot be signed at the moment: there are no credentials"):
        register_upload(
            Registration(filename="a.csv", owner="acme"),
            actor="api:ada",
            owner=None,
            address="https://example.com",
            bucket="inbox",
            uploads=uploads,
            schemas=PackagedSchemas(),
            forms=unsigned,
            tokens=None,
            key_filter=KeyFilter(),
        )
    assert () == uploads.page(UploadQuery()).uploads


@pytest.mark.parametrize(
    ("key_filter", "field"),
    [(KeyFilter(suffix=".csv.gz"), "filename"), (KeyFilter(prefix="uploads/partners/"), "owner")],
)
def test_file_that_is_not_announced_is_refused(
    database: Database, unsigned: S3UploadForms, key_filter: KeyFilter, field: str
) -> None:
    """S3 would send no notification for it, and the sweep would not look for it."""
    with pytest.raises(FieldInvalid, match=field):
        register_upload(
            Registration(filename="a.csv", owner="acme"),
            actor="api:ada",
            owner=None,
            address="https://example.com",
            bucket="inbox",
            uploads=PostgresUploads(database),
            schemas=PackagedSchemas(),
            forms=unsigned,
            tokens=None,
            key_filter=key_filter,
        )
