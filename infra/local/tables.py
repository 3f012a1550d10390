"""The tables that the local stack loads rows into, and a query that shows them."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import psycopg
from psycopg.sql import SQL, Identifier

from chalicelib import schemas
from chalicelib.errors import SchemaInvalid
from chalicelib.loading.table import LOADED_AT, ROW, UPLOAD_ID, Table
from chalicelib.postgres.tables import create_table
from chalicelib.uploads.read_models import Upload
from chalicelib.validation.cli.terminal import printable
from chalicelib.validation.schema.table_schema import compiled_schema

SAMPLE_TABLE: Final = "customers"
_ROWS_SHOWN: Final = 5
_WIDEST: Final = 40
"""Characters of a value that are shown."""


def sample_schema() -> bytes:
    """Return the packaged default schema, which asks here for a load besides."""
    return json.dumps({**schemas.load(schemas.DEFAULT), "assay": {"load": {"table": SAMPLE_TABLE}}}).encode()


def create_table_of(descriptor: Mapping[str, Any], database_url: str) -> None:
    """Create the table of a schema that asks for a load, unless it exists; a broken schema is the validator's."""
    load = None
    with suppress(SchemaInvalid):
        load = compiled_schema(descriptor).options.load
    if load is not None:
        create_table(lambda: database_url, Table.of(descriptor, load))


def selected(upload: Upload, database_url: str) -> str:
    """Return a SELECT of the rows that an upload loaded, and the first of them, as psql prints them."""
    *schema, name = str(upload.loaded_table).split(".")
    table = Identifier(*schema, name)
    with psycopg.connect(database_url) as connection:
        described = connection.execute(SQL("SELECT * FROM {} LIMIT 0").format(table)).description or ()
        names = [column.name for column in described if column.name not in {UPLOAD_ID, LOADED_AT}]
        query = SQL("SELECT {} FROM {} WHERE {} = {} ORDER BY {} LIMIT {}").format(
            *(SQL(", ").join(map(Identifier, names)), table, Identifier(UPLOAD_ID), upload.upload_id),
            *(Identifier(ROW), _ROWS_SHOWN),
        )
        rows = [names, *([_shown(value) for value in row] for row in connection.execute(query))]
        text = query.as_string(connection).replace('"', "")
    widths = [max(len(row[at]) for row in rows) for at in range(len(names))]
    lines = [" | ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "-+-".join("-" * width for width in widths))
    return "\n".join([printable(text), *lines])


def _shown(value: object) -> str:
    text = "" if value is None else printable(str(value))
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
