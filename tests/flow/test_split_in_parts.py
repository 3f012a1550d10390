"""Large objects of datasets that are split and loaded, through the real state machine, with small parts."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from chalicelib.loading.table import Table
from chalicelib.postgres.tables import create_table
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.results import ResultFile, current_result_location
from chalicelib.validation.schema.dataset_options import Load
from infra.local.postgres import PostgresServer
from infra.local.stack import LocalStack, Verdict
from tests.flow.test_parts import IN_PARTS, TO_SYSTEM_FAILURE, Change, ignore, upload, with_parts

SCHEMA: Mapping[str, Any] = {
    "fields": [{"name": "id", "type": "integer"}, {"name": "name"}],
    "primaryKey": "id",
    "assay": {"tolerance": {"rows": 4}, "split": True, "load": {"table": "divided"}},
}
ROWS = [f'{at},"name\n{at}"\r\n' for at in range(60)]
FAULTY = ["x,no number\r\n", "7,a repeated key\r\n", ",none\r\n"]
LINES = [*ROWS[:30], FAULTY[0], *ROWS[30:50], FAULTY[1], FAULTY[2], *ROWS[50:]]
FILE = "id,name\r\n" + "".join(LINES)
TO_RESULTS = ("MergeParts", "IsSplitInParts", "SplitParts", "JoinSplit", "IsSplitComplete", "IsValid")


@pytest.fixture(scope="module")
def database_url(postgres: PostgresServer) -> str:
    """A database of the module's own, with the table."""
    url = postgres.create_database("split_in_parts", template="assay_template")
    create_table(lambda: url, Table.of(SCHEMA, Load(table="divided")))
    return url


def verdict(
    database_url: str, directory: Path, change: Change | None = None, name: str = "", text: str = FILE
) -> tuple[Verdict, Mapping[str, bytes]]:
    """Validate a file in parts; return its verdict and its results."""
    with LocalStack(with_parts(change, name), database_url=database_url, report=ignore) as stack:
        path = directory / "divided.json"
        path.write_text(json.dumps(SCHEMA))
        done = upload(stack, text, stack.put_schema(path))
        if done.upload.system_failure:
            return done, {}
        place, s3 = current_result_location(done.upload), stack.aws.client("s3")
        return done, {
            file: s3.get_object(Bucket=place.bucket, Key=place.key(file))["Body"].read() for file in ResultFile
        }


def loaded(database_url: str, upload_id: str) -> list[tuple[int, int]]:
    """Return row and id of the rows that were loaded."""
    with psycopg.connect(database_url) as connection:
        statement = "SELECT _row, id FROM divided WHERE _upload_id = %s ORDER BY _row"
        return connection.execute(statement, [upload_id]).fetchall()


def test_file_is_split_and_loaded_in_parts(database_url: str, tmp_path: Path) -> None:
    """Both files byte by byte, and each accepted row once, although a segment's worker dies."""
    died: list[int] = []

    def die_once(handler: Any, event: Any, context: Any) -> Any:
        reply = handler(event, context)
        if event["segment"] and not died:
            died.append(event["segment"])
            raise SystemExit
        return reply

    done, results = verdict(database_url, tmp_path, die_once, "part_splitter")
    assert 1 == len(died)
    assert (Status.VALIDATED, 63, 3, 60) == (
        done.upload.status,
        done.upload.row_count,
        done.upload.rejected_rows,
        done.upload.loaded_rows,
    )
    middle = (*TO_RESULTS, "PersistPlaceholder", "IsLoadWanted", "PersistRows", "MarkValidated", "Validated")
    assert (*IN_PARTS, *middle) == done.states
    assert "".join(["id,name\r\n", *ROWS]).encode() == results["accepted.csv"]
    assert "".join(["id,name\r\n", *FAULTY]).encode() == results["rejected.csv"]
    assert b"32\n53\n54\n" == results["rejected.rows"]
    rows = [(row, int(line.split(",")[0])) for row, line in enumerate(LINES, 2) if line not in FAULTY]
    assert rows == loaded(database_url, done.upload.upload_id)


def test_invalid_file_is_split_and_not_loaded(database_url: str, tmp_path: Path) -> None:
    """More rows are faulty than the dataset tolerates."""
    done, results = verdict(database_url, tmp_path, text=FILE + "y,1\r\nz,2\r\n")
    assert (Status.VALIDATION_FAILED, 5) == (done.upload.status, done.upload.rejected_rows)
    assert (*TO_RESULTS, "MarkValidationFailed", "ValidationFailed") == done.states[-8:]
    assert "".join(["id,name\r\n", *ROWS]).encode() == results["accepted.csv"]
    assert [] == loaded(database_url, done.upload.upload_id)


@pytest.mark.parametrize(
    ("function", "named", "states"),
    [
        ("part_splitter", "RuntimeError in segment 2", ("JoinSplit", "IsSplitComplete", "NameSegmentFailure")),
        ("split_joiner", "RuntimeError", ("SplitParts", "JoinSplit")),
    ],
)
def test_split_that_fails_for_good_is_a_system_failure(
    database_url: str, tmp_path: Path, function: str, named: str, states: tuple[str, ...]
) -> None:
    """It names the segment. No row is loaded, and no verdict is recorded without the two files."""

    def fail(handler: Any, event: Any, context: Any) -> Any:
        if event.get("segment", 2) == 2 and not (function == "part_splitter" and "failure" in event):
            raise RuntimeError("of a test")
        return handler(event, context)

    done, _ = verdict(database_url, tmp_path, fail, function)
    assert (Status.VALIDATION_FAILED, True) == (done.upload.status, done.upload.system_failure)
    assert (*states, *TO_SYSTEM_FAILURE) == done.states[-len(states) - 2 :]
    assert [f"the file could not be checked: {named}"] == [each.message for each in done.upload.errors]
    assert [] == loaded(database_url, done.upload.upload_id)
