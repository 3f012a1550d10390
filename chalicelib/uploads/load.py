"""Load the accepted rows of a valid file into the table of its dataset.

Only `row_loader` imports this module, and with it the reader of files.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from chalicelib import schemas as packaged
from chalicelib.errors import LoadInconsistent, SchemaChanged
from chalicelib.loading.file_lines import FileLines
from chalicelib.loading.table import ActualTable, Table
from chalicelib.telemetry import logs
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.loads import Loads, PlannedLoad
from chalicelib.uploads.messages import LoadReply, LoadRequest, StatusUpdate
from chalicelib.uploads.results import ResultFile, ResultLocation
from chalicelib.uploads.storage_ports import ObjectStore, SchemaRepository
from chalicelib.validation.reading.content import Content, is_gzip
from chalicelib.validation.splitting.row_numbers import read_row_numbers


def load_rows(
    request: LoadRequest, *, objects: ObjectStore, schemas: SchemaRepository, loads: Loads, max_bytes: int
) -> LoadReply:
    """Load the rows and record the verdict, both or neither; can be repeated without harm.

    Raises SchemaChanged if the schema is no longer the one that the file was validated against, ValueUnloadable, and
    what `Loads` raises.
    """
    validation = request.validation
    logs.add_fields(uploadId=request.upload_id, execution=request.execution_name, schema=validation.schema or "")
    if validation.load is None or validation.schema is None:
        raise LoadInconsistent("the dataset asks for no load")
    descriptor = schemas.load(validation.schema)
    if validation.schema_sha256 not in {None, packaged.digest(descriptor)}:
        raise SchemaChanged(f"the schema {validation.schema} was changed after the file was validated: replay it")
    table = Table.of(descriptor, validation.load)
    load = PlannedLoad(
        upload_id=request.upload_id,
        execution_name=request.execution_name,
        table=table,
        expected_rows=validation.row_count - (validation.rejected_rows or 0),
        content_sha256=validation.content_sha256,
        schema_sha256=validation.schema_sha256,
    )
    rows = _StoredRows(request=request, objects=objects, descriptor=descriptor, table=table, max_bytes=max_bytes)
    loaded = loads.load(load, _verdict(request), rows)
    logs.add_fields(outcome="loaded", loads=1, loadedRows=loaded.rows, table=loaded.table)
    return LoadReply(upload_id=request.upload_id, table=loaded.table, loaded_rows=loaded.rows)


def _verdict(request: LoadRequest) -> StatusUpdate:
    """Return what MarkValidated records again."""
    validation = request.validation
    return StatusUpdate(
        upload_id=request.upload_id,
        status=Status.VALIDATED,
        execution_name=request.execution_name,
        error_count=validation.error_count,
        errors=validation.errors,
        row_count=validation.row_count,
        schema=validation.schema,
        unchecked=validation.unchecked,
        rejected_rows=validation.rejected_rows,
        content_sha256=validation.content_sha256,
        schema_sha256=validation.schema_sha256,
    )


@frozen(kw_only=True)
class _StoredRows:
    """The accepted rows of an object in S3."""

    request: LoadRequest
    objects: ObjectStore
    descriptor: Mapping[str, Any]
    table: Table
    max_bytes: int

    def lines(self, actual: ActualTable) -> FileLines:
        """Open the version that was validated; raises what the object store raises."""
        request = self.request
        stored = self.objects.open(request.bucket, request.key, request.version_id)
        return FileLines.of(
            Content(stored.content, gzipped=is_gzip(request.key), max_bytes=self.max_bytes),
            descriptor=self.descriptor,
            table=self.table,
            actual=actual,
            upload_id=request.upload_id,
            rejected=self._rejected() if request.validation.rejected_rows else (),
        )

    def _rejected(self) -> Iterator[int]:
        request = self.request
        place = ResultLocation(
            bucket=request.bucket, upload_id=request.upload_id, execution_name=request.execution_name
        )
        chunks: Iterable[bytes] = self.objects.open(place.bucket, place.key(ResultFile.REJECTED_ROWS), None).content
        yield from read_row_numbers(chunks)
