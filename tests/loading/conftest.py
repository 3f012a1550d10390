"""Shared fixtures: a database with a table, and what is loaded into it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from chalicelib.loading.file_lines import FileLines
from chalicelib.loading.table import Table
from chalicelib.postgres.loads import copy_statement
from chalicelib.postgres.tables import create_table, expect_table
from chalicelib.validation.reading.content import Content
from chalicelib.validation.schema.dataset_options import Load, LoadMode
from infra.local.postgres import PostgresServer

Rows = list[tuple[Any, ...]]
LoadFile = Callable[..., Rows]


@pytest.fixture(scope="module")
def module_dsn(postgres: PostgresServer) -> Iterator[str]:
    """The DSN of a database of the module's own."""
    name = f"test_{uuid4().hex}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture(scope="module")
def connection(module_dsn: str) -> Iterator[psycopg.Connection]:
    """A connection to the module's database, whose zone is UTC."""
    with psycopg.connect(module_dsn) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.commit()
        yield connection


@pytest.fixture(scope="module")
def load_file(module_dsn: str, connection: psycopg.Connection) -> LoadFile:
    """A function that loads a file into a table of its own, and returns the table's rows by row number."""

    def load(
        content: bytes, descriptor: Mapping[str, Any], *, rejected: tuple[int, ...] = (), select: LiteralString = "*"
    ) -> Rows:
        table = Table.of(descriptor, Load(table="loaded", mode=LoadMode.APPEND))
        connection.rollback()
        connection.execute("DROP TABLE IF EXISTS loaded")
        connection.commit()
        create_table(lambda: module_dsn, table)
        lines = FileLines.of(
            Content([content]),
            descriptor=descriptor,
            table=table,
            actual=expect_table(connection, table),
            upload_id="upload-1",
            rejected=rejected,
        )
        copy_lines(connection, lines)
        return connection.execute(SQL("SELECT {} FROM loaded ORDER BY _row").format(SQL(select))).fetchall()

    return load


def copy_lines(connection: psycopg.Connection, lines: FileLines) -> None:
    """Copy lines into the table `loaded`."""
    with connection.cursor() as cursor, cursor.copy(copy_statement(lines, Identifier("loaded"))) as copy:
        for block, _ in lines.blocks():
            copy.write(block)
