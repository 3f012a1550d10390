"""Ports to storage: what the use cases need from the buckets, and the values that these ports exchange."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Protocol

from attrs import frozen

from chalicelib.uploads.attempts import ObjectCreated, PlannedUpload
from chalicelib.uploads.read_models import ErrorCauses, UploadForm
from chalicelib.uploads.reports import ReportFile, ReportLocation
from chalicelib.uploads.results import ResultFile, ResultLocation
from chalicelib.validation.repair.changes import FileRepairs
from chalicelib.validation.report import ReportedError


@frozen(kw_only=True)
class PinnedObject:
    """One version of an object, which can be read in the middle."""

    bucket: str
    key: str
    version_id: str | None
    """None in a bucket without versions; then only the ETag shows that an object was replaced."""
    etag: str
    size: int


@frozen(kw_only=True)
class Slice:
    """A range of an object in S3."""

    object: PinnedObject
    start: int
    end: int

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self.end - self.start


@frozen(kw_only=True)
class StoredObject:
    """An object that is open for reading."""

    size: int
    """In bytes, as stored."""
    metadata: Mapping[str, str]
    """The user-defined metadata: keys in lower case, without the prefix `x-amz-meta-`."""
    content: Iterable[bytes]
    """Can be iterated once.

    Raises StorageUnavailable if reading fails for good, ObjectVanished if the object is replaced meanwhile, and
    ObjectForbidden if it can no longer be read.
    """
    pinned: PinnedObject | None = None
    """The version that was opened, if it can be read in the middle."""


@frozen(kw_only=True)
class BucketPage:
    """One page of the listing of a bucket."""

    objects: tuple[ObjectCreated, ...]
    last_key: str
    """The key after which the next page begins; empty on the last page."""


class ObjectStore(Protocol):
    """Holds the uploaded objects."""

    def open(self, bucket: str, key: str, version_id: str | None) -> StoredObject:
        """Open an object; raises ObjectVanished, ObjectForbidden or StorageUnavailable."""
        ...


class ReportDraft(Protocol):
    """A report that is being written; no part of it can be read before it is published.

    `write` and `publish` raise ObjectForbidden, ObjectVanished if there is no bucket, or StorageUnavailable.
    """

    def write(self, lines: bytes) -> None:
        """Append lines to the errors."""
        ...

    def publish(self, files: Mapping[ReportFile, Iterable[bytes]]) -> None:
        """Publish the errors, and then the other files in this order: the page is the last one."""
        ...

    def discard(self) -> None:
        """Delete what was written, if it was not published."""
        ...


class ReportStore(Protocol):
    """Keeps the full reports, which are as private as the uploads."""

    def draft(self, location: ReportLocation) -> ReportDraft:
        """Begin a report; publishing it replaces one that the same execution published before."""
        ...

    def names(self, location: ReportLocation) -> frozenset[str]:
        """List the names of the files at a location; raises ObjectForbidden or StorageUnavailable."""
        ...

    def share(self, location: ReportLocation, file: ReportFile, seconds: int, *, is_shown: bool) -> str:
        """Return a presigned URL of one file of a report, valid for `seconds`; browsers show the file, or save it.

        Raises ReportUnavailable if the file does not exist, ObjectForbidden or StorageUnavailable.
        """
        ...

    def errors(self, location: ReportLocation, start: int) -> Iterator[tuple[ReportedError, int]]:
        """Iterate over the errors from byte `start` on, each with the byte at which the next error begins.

        Raises ReportUnavailable if there is no report, FieldInvalid if no error begins at `start`, ObjectForbidden or
        StorageUnavailable.
        """
        ...

    def repairs(self, location: ReportLocation) -> FileRepairs:
        """Return what would mend a file; nothing if the report has no repairs.

        Raises ObjectForbidden, ObjectVanished or StorageUnavailable.
        """
        ...

    def causes(self, location: ReportLocation) -> ErrorCauses:
        """Return the causes of the errors; raises ReportUnavailable, ObjectForbidden or StorageUnavailable."""
        ...


class ResultDraft(Protocol):
    """Results that are being written; no file of them can be read before they are published.

    `write` and `publish` raise ObjectForbidden, ObjectVanished if there is no bucket, or StorageUnavailable.
    """

    def write(self, file: ResultFile, data: bytes) -> None:
        """Append data to a file."""
        ...

    def publish(self) -> None:
        """Make the files readable to which something was written."""
        ...

    def discard(self) -> None:
        """Delete what was written, if it was not published."""
        ...


class ResultStore(Protocol):
    """Keeps accepted and rejected rows, which are as private as the uploads."""

    def draft(self, location: ResultLocation) -> ResultDraft:
        """Begin results; publishing them replaces those that the same execution published before."""
        ...

    def names(self, location: ResultLocation) -> frozenset[str]:
        """List the names of the files at a location; raises ObjectForbidden or StorageUnavailable."""
        ...

    def share(self, location: ResultLocation, file: ResultFile, seconds: int) -> str:
        """Return a presigned URL of one file, valid for `seconds`.

        Raises ResultUnavailable if the file does not exist, ObjectForbidden or StorageUnavailable.
        """
        ...


class UploadsBucket(Protocol):
    """The bucket that receives the uploads; both methods raise StorageUnavailable."""

    def current_version(self, key: str) -> ObjectCreated | None:
        """Return the current version of an object; None if there is none."""
        ...

    def page(self, *, after: str, min_age: timedelta) -> BucketPage:
        """List the objects after a key, in the order of keys, without those younger than `min_age`."""
        ...


class UploadForms(Protocol):
    """Makes upload forms."""

    @property
    def max_bytes(self) -> int:
        """The largest size of an object."""
        ...

    def form(self, upload: PlannedUpload) -> UploadForm:
        """Return the form that uploads this object and no other; raises Unavailable."""
        ...

    def schema_of(self, bucket: str, key: str) -> str | None:
        """Return the schema that an object's metadata names; None if it names none, or cannot be read."""
        ...


class SchemaRepository(Protocol):
    """Holds the schemas of the datasets."""

    def load(self, name: str) -> Mapping[str, Any]:
        """Return a schema's descriptor; raises SchemaUnknown with the names that exist, or SchemaInvalid."""
        ...

    def names(self) -> tuple[str, ...]:
        """List the names of all schemas; raises StorageUnavailable."""
        ...
