"""Reach the verdict on an object."""

from attrs import frozen

from chalicelib import logs
from chalicelib.domain.contracts import ValidationRequest, ValidationResponse
from chalicelib.domain.ports import ObjectStore, SchemaCatalog, StoredObject
from chalicelib.errors import SchemaUnknown
from chalicelib.schemas import DEFAULT, is_name
from chalicelib.validation import Fault, ValidationReport, validate
from chalicelib.validation.content import is_gzip, oversized

SCHEMA_KEY = "schema"
"""The object's metadata, `x-amz-meta-schema`, that names its dataset."""


@frozen(kw_only=True)
class ValidateUpload:
    """Checks an object against the schema of its dataset, streaming."""

    objects: ObjectStore
    schemas: SchemaCatalog
    max_bytes: int
    """How large a file may be, as it is stored and decompressed."""

    def __call__(self, request: ValidationRequest) -> ValidationResponse:
        """Give the verdict; raises what kept us from it, never what is wrong with the file."""
        logs.note(uploadId=request.upload_id)
        stored = self.objects.open(request.bucket, request.key, request.version_id)
        name = stored.metadata.get(SCHEMA_KEY) or DEFAULT
        report = self._report(stored, name, gzipped=is_gzip(request.key))
        logs.note(
            outcome="valid" if report.valid else "invalid",
            schema=name if is_name(name) else None,
            rows=report.row_count,
            errors=report.error_count,
        )
        return ValidationResponse(
            valid=report.valid, error_count=report.error_count, errors=report.errors, row_count=report.row_count
        )

    def _report(self, stored: StoredObject, name: str, *, gzipped: bool) -> ValidationReport:
        """Check an object against the schema of that name."""
        if stored.size > self.max_bytes:
            return ValidationReport.of_file(oversized(self.max_bytes, stored.size))
        try:
            schema = self.schemas.load(name)
        except SchemaUnknown as error:
            return ValidationReport.of_file(Fault("unknown-schema", str(error)))
        return validate(stored.content, schema, gzipped=gzipped, max_bytes=self.max_bytes)
