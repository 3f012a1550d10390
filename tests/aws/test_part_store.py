"""Plans and reports of parts in S3."""

from typing import TYPE_CHECKING

import boto3
import pytest
from attrs import evolve
from botocore.stub import Stubber

from chalicelib.aws import part_store
from chalicelib.aws.part_store import S3Parts
from chalicelib.errors import AssayError, ObjectForbidden, ObjectVanished, StorageUnavailable
from chalicelib.uploads.parts.location import FileRange, PartsLocation
from chalicelib.uploads.parts.readings import PartRead, PartToRead
from chalicelib.uploads.parts.stored_plan import StoredPlan
from chalicelib.uploads.storage_ports import PinnedObject
from chalicelib.uploads.task_failure import TaskFailure

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PLACE = PartsLocation(bucket="inbox", upload_id="42", execution_name="42-0a1b", plan="0" * 32 + "-2")
PLAN = StoredPlan(
    object=PinnedObject(bucket="inbox", key="uploads/a/42/a.csv", version_id="v1", etag='"e"', size=5 * 1024**4),
    schema="default",
    descriptor='{"fields": [{"name": "é"}]}',
    announced_rows=None,
    part_bytes=2**30,
    start=3,
    ends=(2**30, 5 * 1024**4),
    secret="00ff",
    engine="native",
    release="abc",
)


def test_plan_is_read_as_it_was_written(client: "S3Client") -> None:
    """It is under the prefix that the lifecycle of the bucket removes."""
    store = S3Parts(client=client)
    store.write_plan(PLACE, PLAN)
    assert PLAN == store.plan(PLACE)
    (key,) = (each["Key"] for each in client.list_objects_v2(Bucket="inbox")["Contents"])
    assert f"parts/42/42-0a1b/{'0' * 32}-2/plan.json" == key


@pytest.mark.parametrize("ahead_bytes", [0, 10, 1_000])
def test_reports_come_in_the_order_that_is_asked_for(
    client: "S3Client", monkeypatch: pytest.MonkeyPatch, ahead_bytes: int
) -> None:
    """However many of them are read ahead; those of another plan are not among them."""
    monkeypatch.setattr(part_store, "_AHEAD_BYTES", ahead_bytes)
    store = S3Parts(client=client)
    written = [PartRead(number=at, entry=10 * at, exit=10 * at + 10) for at in range(12)]
    for part in reversed(written):
        store.write(PLACE, part.name, [b"of ", part.name.encode()])
    store.write_plan(PLACE, PLAN)
    store.write(evolve(PLACE, plan="1" * 32 + "-2"), PartRead(number=99, entry=0, exit=1).name, [b""])
    files = store.files(PLACE)
    found = sorted(PartRead.among(files.items()), key=lambda part: part.number)
    assert (written, len("of " + written[0].name)) == (found, found[0].size)
    ranges = [each for part in found for each in (FileRange(part.name, 3, part.size), FileRange(part.name, 5, 5))]
    assert [each for part in found for each in (part.name.encode(), b"")] == list(store.contents(PLACE, ranges))


def test_large_file_is_written_from_the_disk(client: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of a part may take a gigabyte."""
    monkeypatch.setattr(part_store, "_HELD_BYTES", 3)
    store = S3Parts(client=client)
    store.write(PLACE, "part", [b"ab", b"cd"])
    assert [b"abcd"] == list(store.contents(PLACE, [FileRange("part", 0, 4)]))


def test_failed_readings_are_read_as_they_were_written(client: "S3Client") -> None:
    """A later one of the same part replaces the earlier one."""
    store = S3Parts(client=client)
    failed = PartToRead(number=3, entry=7).failed(0, TaskFailure(Error="Lambda.Unknown"))
    store.write_failure(PLACE, evolve(failed, what="another"))
    store.write_failure(PLACE, failed)
    assert [failed] == list(store.failures(PLACE, store.files(PLACE)))


@pytest.mark.parametrize(
    ("code", "expected"),
    [("NoSuchKey", ObjectVanished), ("AccessDenied", ObjectForbidden), ("SlowDown", StorageUnavailable)],
)
def test_errors_of_s3_are_translated(code: str, expected: type[AssayError]) -> None:
    """The state machine retries while S3 does not answer, and nothing else."""
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")
    with Stubber(client) as stub:
        stub.add_client_error("get_object", code)
        with pytest.raises(expected, match="s3://inbox/parts/42/42-0a1b/"):
            S3Parts(client=client).plan(PLACE)
