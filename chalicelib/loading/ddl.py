"""The DDL of a dataset's table, and of the table in which Assay records the loads."""

from collections.abc import Iterator

from chalicelib.loading.table import LOADED_AT, LOADS, ROW, UPLOAD_ID, Column, Table


def statements(table: Table) -> Iterator[str]:
    """Yield the statements that create the table; none of them changes a table that exists."""
    name = qualified(table.schema, table.name)
    columns = [
        f"{identifier(UPLOAD_ID)} text NOT NULL",
        f"{identifier(ROW)} bigint NOT NULL",
        f"{identifier(LOADED_AT)} timestamptz NOT NULL DEFAULT now()",
        *map(_column, table.columns),
    ]
    for key in table.keys:
        kind = "PRIMARY KEY" if key.is_primary else "UNIQUE"
        columns.append(f"{kind} ({', '.join(map(identifier, key.columns))})")
    body = ",\n    ".join(columns)
    yield f"CREATE TABLE {name} (\n    {body}\n)"
    if table.comment:
        yield f"COMMENT ON TABLE {name} IS {literal(table.comment)}"
    for column, comment in _comments(table):
        yield f"COMMENT ON COLUMN {name}.{identifier(column)} IS {literal(comment)}"
    yield loads_statement(table.schema)


def loads_statement(schema: str) -> str:
    """Return the statement that creates the table of loads, if the schema has none."""
    return f"""\
CREATE TABLE IF NOT EXISTS {qualified(schema, LOADS)} (
    table_name     text NOT NULL,
    upload_id      text NOT NULL,
    attempt        integer NOT NULL,
    arrival        bigint NOT NULL,
    execution_name text NOT NULL,
    mode           text NOT NULL,
    row_count      bigint NOT NULL,
    content_sha256 text,
    schema_sha256  text,
    loaded_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (table_name, upload_id)
)"""


def identifier(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text."""
    quoted = "'" + text.replace("'", "''") + "'"
    return "E" + quoted.replace("\\", "\\\\") if "\\" in quoted else quoted


def qualified(schema: str, name: str) -> str:
    """Return a table's name with its schema."""
    return f"{identifier(schema)}.{identifier(name)}"


def _column(column: Column) -> str:
    required = " NOT NULL" if column.required else ""
    return f"{identifier(column.name)} {column.types[0].name}{required}"


def _comments(table: Table) -> Iterator[tuple[str, str]]:
    yield UPLOAD_ID, "The upload that the row is from"
    yield ROW, "The row of its file; the header is row 1"
    yield LOADED_AT, "When it was loaded"
    for column in table.columns:
        if column.comment:
            yield column.name, column.comment
