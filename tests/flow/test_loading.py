"""From an object in the bucket to rows in a table of another database, through the state machine."""

import json
from collections.abc import Iterator

import psycopg
import pytest

from chalicelib.loading.table import Table
from chalicelib.postgres.tables import create_table
from chalicelib.validation.schema.dataset_options import Load
from infra.local.stack import LocalStack

SCHEMA = {
    "fields": [{"name": "id", "type": "integer"}],
    "assay": {"tolerance": {"rows": 1}, "load": {"table": "loaded"}},
}


@pytest.fixture
def stack(dsn: str, empty_dsn: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalStack]:
    """The local stack, which loads rows of one schema into another database."""
    monkeypatch.setenv("LOAD_DATABASE_URL", empty_dsn)
    create_table(lambda: empty_dsn, Table.of(SCHEMA, Load(table="loaded")))
    with LocalStack(database_url=dsn, report=lambda _failure: None) as stack:
        body = json.dumps(SCHEMA).encode()
        stack.aws.client("s3").put_object(Bucket=stack.bucket, Key="schemas/loaded.json", Body=body)
        yield stack


def test_accepted_rows_are_loaded_into_another_database(stack: LocalStack, empty_dsn: str) -> None:
    """A tolerated row is left out; a table that no longer fits is named in the error of the next upload."""
    stack.put(b"id\n1\nx\n3\n", filename="a.csv", owner="o", upload_id="u1", schema="loaded")
    done = stack.follow("u1")
    assert ("PersistRows", "MarkValidated", "Validated") == done.states[-3:]
    assert ("VALIDATED", 2, "loaded") == (done.upload.status, done.upload.loaded_rows, done.upload.loaded_table)
    with psycopg.connect(empty_dsn) as connection:
        assert [("u1", 2, 1), ("u1", 4, 3)] == connection.execute("SELECT _upload_id, _row, id FROM loaded").fetchall()
        connection.execute("ALTER TABLE loaded ALTER id TYPE text")

    stack.put(b"id\n5\n", filename="a.csv", owner="o", upload_id="u2", schema="loaded")
    (error,) = stack.follow("u2").upload.errors
    beginning = (
        "the file is valid, and its rows could not be loaded: TableUnfit: the table loaded does not fit its schema"
    )
    assert f"{beginning}: column id is text: expected bigint or numeric." in error.message
