"""The dataset of an object, which its metadata names."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from chalicelib.errors import SchemaInvalid, SchemaUnknown
from chalicelib.schemas import DEFAULT, is_name
from chalicelib.telemetry import logs
from chalicelib.uploads.storage_ports import SchemaRepository
from chalicelib.validation.report import ErrorCode, Fault
from chalicelib.validation.schema.table_schema import Schema, compiled_schema

SCHEMA_KEY = "schema"
"""The object's metadata, `x-amz-meta-schema`, that names its dataset."""


@frozen(kw_only=True)
class Dataset:
    """A dataset, and its schema."""

    name: str
    descriptor: Mapping[str, Any]
    schema: Schema


def schema_name(metadata: Mapping[str, str]) -> str:
    """Return the name of the dataset of an object with this metadata."""
    return metadata.get(SCHEMA_KEY) or DEFAULT


def find_dataset(name: str, schemas: SchemaRepository) -> Dataset | Fault:
    """Return the dataset of this name, or the fault of an object if there is none; raises SchemaInvalid."""
    try:
        descriptor = schemas.load(name)
    except SchemaUnknown as error:
        logs.add_fields(unknownSchema=name if is_name(name) else None)
        return Fault(ErrorCode.UNKNOWN_SCHEMA, str(error))
    logs.add_fields(schema=name)
    try:
        schema = compiled_schema(descriptor)
    except SchemaInvalid as error:
        raise SchemaInvalid(f"the schema {name!r}: {error}") from None
    return Dataset(name=name, descriptor=descriptor, schema=schema)
