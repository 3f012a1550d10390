"""Results of slices of other objects, on a real S3 client."""

from random import Random
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from attrs import evolve

from chalicelib.aws.object_writer import PART_BYTES
from chalicelib.aws.splitting.object_assembly import divided
from chalicelib.aws.splitting.result_assembly import S3ResultAssembly
from chalicelib.errors import ObjectVanished
from chalicelib.uploads.results import ResultFile, ResultLocation
from chalicelib.uploads.storage_ports import PinnedObject, Slice

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PLACE = ResultLocation(bucket="inbox", upload_id="42", execution_name="42-0a")
KEY = "results/42/42-0a/accepted.csv"
OBJECT = PinnedObject(bucket="inbox", key="a", version_id=None, etag="e", size=10**12)


def put(client: "S3Client", key: str, content: bytes) -> PinnedObject:
    """Put an object, and return its version."""
    done = client.put_object(Bucket="inbox", Key=key, Body=content)
    return PinnedObject(bucket="inbox", key=key, version_id=done["VersionId"], etag=done["ETag"], size=len(content))


def assembled(client: "S3Client", *slices: Slice) -> bytes:
    """Assemble slices, and return the result."""
    S3ResultAssembly(client=client).assemble(PLACE, ResultFile.ACCEPTED, slices)
    return client.get_object(Bucket="inbox", Key=KEY)["Body"].read()


@pytest.mark.parametrize("seed", range(20))
def test_parts_have_the_sizes_that_s3_allows(seed: int) -> None:
    """All but the last have 5 MiB at least, and what is downloaded to be joined has no more."""
    rng = Random(seed)  # noqa: S311 - not for cryptography
    sizes = (0, 1, 1000, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES, 100 * PART_BYTES)
    slices: list[Slice] = []
    for at in range(rng.randrange(40)):
        start = rng.choice((0, slices[-1].end if slices else 0))
        one = evolve(OBJECT, key=str(rng.choice((1, at))))
        slices.append(Slice(object=one, start=start, end=start + rng.choice(sizes)))
    parts = divided(slices, copy_bytes=20 * PART_BYTES)
    assert all(sum(each.size for each in part) >= PART_BYTES for part in parts[:-1])
    assert all(sum(each.size for each in part) <= PART_BYTES for part in parts if len(part) > 1)
    assert all(each.size <= 20 * PART_BYTES for part in parts for each in part)
    assert _bytes([each for part in parts for each in part]) == _bytes(slices)
    assert len(parts) <= 2 * len(slices) + sum(each.size for each in slices) // (20 * PART_BYTES) + 1


def _bytes(slices: list[Slice]) -> list[tuple[str, int, int]]:
    """Return ranges of bytes, none of which begins where the one before it ends."""
    found: list[tuple[str, int, int]] = []
    for each in (each for each in slices if each.size):
        key, start = each.object.key, each.start
        if found and (found[-1][0], found[-1][2]) == (key, start):
            start = found.pop()[1]
        found.append((key, start, each.end))
    return found


def test_large_slices_are_copied_by_s3_and_small_ones_joined(client: "S3Client") -> None:
    """The result is the content of the slices, one after the other, with the headers of a result."""
    large = put(client, "large", bytes(range(256)) * (PART_BYTES // 100))
    small = [put(client, f"small {at}", b"%d\n" % at * 9) for at in range(3)]
    put(client, "large", b"a newer version")
    slices = [
        Slice(object=small[0], start=0, end=small[0].size),
        Slice(object=large, start=10, end=large.size),
        Slice(object=small[1], start=2, end=7),
        Slice(object=small[2], start=0, end=0),
        Slice(object=large, start=0, end=PART_BYTES + 1),
        Slice(object=small[2], start=1, end=4),
    ]
    content = bytes(range(256)) * (PART_BYTES // 100)
    expected = b"0\n" * 9 + content[10:] + b"1\n1\n1" + content[: PART_BYTES + 1] + b"\n2\n"
    assert expected == assembled(client, *slices)
    head = client.head_object(Bucket="inbox", Key=KEY)
    assert ('attachment; filename="accepted.csv"', "text/csv") == (head["ContentDisposition"], head["ContentType"])
    assert [] == client.list_multipart_uploads(Bucket="inbox").get("Uploads", [])


def test_small_result_is_put_and_may_be_empty(client: "S3Client") -> None:
    """S3 refuses to complete a multipart upload without parts."""
    small = put(client, "small", b"abc")
    assert b"" == assembled(client)
    assert b"abcbc" == assembled(client, *(Slice(object=small, start=at, end=3) for at in range(2)))


@pytest.mark.parametrize("size", [3, PART_BYTES])
def test_object_that_is_gone_is_reported_and_nothing_is_left(client: "S3Client", size: int) -> None:
    """Neither a result nor a multipart upload exists."""
    gone = put(client, "gone", b"x" * size)
    client.delete_object(Bucket="inbox", Key="gone", VersionId=str(gone.version_id))
    with pytest.raises(ObjectVanished):
        assembled(client, Slice(object=gone, start=0, end=size))
    assert 0 == client.list_objects_v2(Bucket="inbox", Prefix="results/")["KeyCount"]
    assert [] == client.list_multipart_uploads(Bucket="inbox").get("Uploads", [])


def test_copies_are_of_the_version_that_was_validated(client: "S3Client") -> None:
    """A bucket without versions has the ETag only: S3 compares it with each copy."""
    large = evolve(put(client, "large", b"x" * PART_BYTES), version_id=None)
    with mock.patch.object(client, "upload_part_copy", wraps=client.upload_part_copy) as copied:
        assembled(client, Slice(object=large, start=0, end=PART_BYTES))
    assert (large.etag, {"Bucket": "inbox", "Key": "large"}) == (
        copied.call_args.kwargs["CopySourceIfMatch"],
        copied.call_args.kwargs["CopySource"],
    )
