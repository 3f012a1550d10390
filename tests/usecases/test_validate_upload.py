"""The verdict on an object, whatever holds the bytes."""

import gzip
from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve

from chalicelib import schemas
from chalicelib.domain.contracts import ValidationRequest, ValidationResponse
from chalicelib.domain.ports import StoredObject
from chalicelib.errors import SchemaInvalid, StorageUnavailable
from chalicelib.usecases.validate_upload import ValidateUpload

REQUEST = ValidationRequest(upload_id="42", bucket="inbox", key="uploads/acme/42/a.csv", version_id="v1")


class Shelf:
    """One object, whatever one asks for, and the schemas that it may name."""

    def __init__(self, content: bytes, metadata: Mapping[str, str], datasets: Mapping[str, Mapping[str, Any]]) -> None:
        """Put the object on the shelf."""
        self._object = StoredObject(size=len(content), metadata=metadata, content=[content])
        self._datasets = datasets

    def open(self, bucket: str, key: str, version_id: str | None) -> StoredObject:
        """Give the object, if it is the one of the request."""
        assert (REQUEST.bucket, REQUEST.version_id) == (bucket, version_id)
        assert key.startswith(REQUEST.key)
        return self._object

    def load(self, name: str) -> Mapping[str, Any]:
        """Give a schema."""
        if name not in self._datasets:
            raise schemas.unknown(name, tuple(self._datasets))
        return self._datasets[name]


def _validate(
    content: bytes, metadata: Mapping[str, str] | None = None, request: ValidationRequest = REQUEST
) -> ValidationResponse:
    datasets: Mapping[str, Mapping[str, Any]] = {
        "default": {"fields": [{"name": "id", "type": "integer"}]},
        "names": {"fields": [{"name": "name"}]},
        "broken": {"fields": [{"name": "id", "type": "number of sorts"}]},
    }
    shelf = Shelf(content, metadata or {}, datasets)
    return ValidateUpload(objects=shelf, schemas=shelf, max_bytes=100)(request)


def test_object_is_held_against_the_default_schema() -> None:
    """An object that names no dataset."""
    assert ValidationResponse(valid=True, error_count=0, errors=(), row_count=2) == _validate(b"id\n1\n2\n")
    assert [error.row for error in _validate(b"id\n1\nx\n").errors] == [3]


def test_object_is_held_against_the_schema_that_it_names() -> None:
    """In its metadata."""
    assert _validate(b"name\nAda\n", {"schema": "names"}).valid
    assert not _validate(b"name\nAda\n").valid


def test_unknown_schema_is_a_verdict_that_lists_those_that_exist() -> None:
    """Whoever uploaded the file can mend that."""
    response = _validate(b"id\n1\n", {"schema": "order"})
    (error,) = response.errors
    assert (False, 1, "file", "unknown-schema") == (response.valid, response.error_count, error.column, error.code)
    assert error.message == "there is no schema 'order'; there are default, names, broken"


def test_broken_schema_is_no_verdict() -> None:
    """It is not the file that is wrong."""
    with pytest.raises(SchemaInvalid, match=r"\$\.fields\[0\]\.type"):
        _validate(b"id\n1\n", {"schema": "broken"})


def test_object_that_breaks_off_is_no_verdict() -> None:
    """Half a file is not the file."""

    def half() -> Any:
        yield b"id\n1\n"
        raise StorageUnavailable("broke off")

    class HalfShelf(Shelf):
        def open(self, *_place: object) -> StoredObject:
            return StoredObject(size=6, metadata={}, content=half())

    shelf = HalfShelf(b"", {}, {"default": {"fields": [{"name": "id"}]}})
    with pytest.raises(StorageUnavailable):
        ValidateUpload(objects=shelf, schemas=shelf, max_bytes=100)(REQUEST)


@pytest.mark.parametrize(("rows", "valid"), [(47, True), (48, True), (49, False)])
def test_object_may_be_as_large_as_the_stage_allows(rows: int, *, valid: bool) -> None:
    """One that is larger gets its verdict without being read; the message has both sizes and what to do."""
    response = _validate(b"id\n" + b"1\n" * rows + b"7")
    assert valid == response.valid
    if not valid:
        (error,) = response.errors
        assert ("file", "oversized-file", 0) == (error.column, error.code, response.row_count)
        assert error.message == (
            "the file has 102 bytes, and 100 are allowed: split it, or have MAX_OBJECT_BYTES raised"
        )


GZIPPED = evolve(REQUEST, key=f"{REQUEST.key}.GZ")


def test_object_whose_name_ends_in_gz_is_decompressed() -> None:
    """In whatever case; its rows are counted as those of any other."""
    response = _validate(gzip.compress(b"id\n1\nx\n"), request=GZIPPED)
    assert [(3, "type-error")] == [(error.row, error.code) for error in response.errors]
    assert 2 == response.row_count


def test_decompressed_bytes_count_too() -> None:
    """However few they were compressed to."""
    response = _validate(gzip.compress(b"id\n" + b"1\n" * 49), request=GZIPPED)
    assert ["oversized-file"] == [error.code for error in response.errors]
    assert _validate(gzip.compress(b"id\n" + b"1\n" * 48), request=GZIPPED).valid


def test_object_that_is_no_gzip_file_whatever_its_name_says_is_a_verdict() -> None:
    """And a gzip file that does not say so is one too."""
    assert ["compression-error"] == [error.code for error in _validate(b"id\n1\n", request=GZIPPED).errors]
    (error,) = _validate(gzip.compress(b"id\n1\n")).errors
    assert ("format-error", True) == (error.code, "ends in .csv.gz" in error.message)
