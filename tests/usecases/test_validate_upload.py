"""The verdict on an object, whatever holds the bytes."""

from collections.abc import Mapping
from typing import Any

import pytest

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
        self._object = StoredObject(metadata=metadata, content=[content])
        self._datasets = datasets

    def open(self, bucket: str, key: str, version_id: str | None) -> StoredObject:
        """Give the object, if it is the one of the request."""
        assert (REQUEST.bucket, REQUEST.key, REQUEST.version_id) == (bucket, key, version_id)
        return self._object

    def load(self, name: str) -> Mapping[str, Any]:
        """Give a schema."""
        if name not in self._datasets:
            raise schemas.unknown(name, tuple(self._datasets))
        return self._datasets[name]


def _validate(content: bytes, metadata: Mapping[str, str] | None = None) -> ValidationResponse:
    datasets: Mapping[str, Mapping[str, Any]] = {
        "default": {"fields": [{"name": "id", "type": "integer"}]},
        "names": {"fields": [{"name": "name"}]},
        "broken": {"fields": [{"name": "id", "type": "number of sorts"}]},
    }
    shelf = Shelf(content, metadata or {}, datasets)
    return ValidateUpload(objects=shelf, schemas=shelf)(REQUEST)


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
            return StoredObject(metadata={}, content=half())

    shelf = HalfShelf(b"", {}, {"default": {"fields": [{"name": "id"}]}})
    with pytest.raises(StorageUnavailable):
        ValidateUpload(objects=shelf, schemas=shelf)(REQUEST)
