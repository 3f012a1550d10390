"""Reach the verdict on an object."""

from attrs import frozen

from chalicelib import logs
from chalicelib.domain.contracts import ValidationRequest, ValidationResponse
from chalicelib.domain.ports import ObjectStore, SchemaCatalog
from chalicelib.errors import SchemaUnknown
from chalicelib.schemas import DEFAULT, is_name
from chalicelib.validation import Fault, ValidationReport, validate

SCHEMA_KEY = "schema"
"""The object's metadata, `x-amz-meta-schema`, that names its dataset."""


@frozen(kw_only=True)
class ValidateUpload:
    """Checks an object against the schema of its dataset, streaming."""

    objects: ObjectStore
    schemas: SchemaCatalog

    def __call__(self, request: ValidationRequest) -> ValidationResponse:
        """Give the verdict; raises what kept us from it, never what is wrong with the file."""
        logs.note(uploadId=request.upload_id)
        stored = self.objects.open(request.bucket, request.key, request.version_id)
        name = stored.metadata.get(SCHEMA_KEY) or DEFAULT
        try:
            schema = self.schemas.load(name)
        except SchemaUnknown as error:
            report = ValidationReport.of_file(Fault("unknown-schema", str(error)))
        else:
            report = validate(stored.content, schema)
        logs.note(
            outcome="valid" if report.valid else "invalid",
            schema=name if is_name(name) else None,
            rows=report.row_count,
            errors=report.error_count,
        )
        return ValidationResponse(
            valid=report.valid, error_count=report.error_count, errors=report.errors, row_count=report.row_count
        )
