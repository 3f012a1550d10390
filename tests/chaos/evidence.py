"""What a trial leaves: rows, their transitions, versions in the bucket, and log lines."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psycopg
from attrs import field, frozen
from psycopg.rows import class_row

from chalicelib.uploads.lifecycle import VERDICTS, Status
from chalicelib.uploads.results import ResultFile, ResultLocation
from tests.chaos.contents import Verdict

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ROWS: Final = """
    SELECT upload_id, object_key, version_id, execution_name, status, row_count, error_count,
           coalesce(errors -> 0 ->> 'code', '') AS first_code
      FROM csv_uploads
"""
_LOADED: Final = """
    SELECT _upload_id, name, count(*), count(DISTINCT _row)
      FROM customers
     GROUP BY _upload_id, name
"""
_TRANSITIONS: Final = """
    SELECT upload_id, attempt, from_status, to_status, row_count
      FROM csv_upload_transitions
     ORDER BY transition_id
"""


@frozen(kw_only=True)
class Row:
    """An upload's row."""

    upload_id: str
    object_key: str
    version_id: str | None
    execution_name: str | None
    status: Status = field(converter=Status)
    row_count: int | None
    error_count: int | None
    first_code: str = ""

    @property
    def verdict(self) -> Verdict:
        """The recorded verdict."""
        return Verdict(status=self.status, row_count=self.row_count, error_count=self.error_count)


@frozen(kw_only=True)
class Step:
    """A transition of the audit."""

    upload_id: str
    attempt: int
    from_status: str | None
    to_status: str
    row_count: int | None = None


@frozen(kw_only=True)
class LoadedRows:
    """The rows in the table that are from an upload and have the same name, which is that of a version."""

    upload_id: str
    name: str
    rows: int
    distinct: int
    """Without rows that are there more than once."""


@frozen(kw_only=True)
class Evidence:
    """Everything by which uploads are judged."""

    rows: Mapping[str, Row]
    """By upload id."""
    steps: tuple[Step, ...] = ()
    loaded: tuple[LoadedRows, ...] = ()
    results: Mapping[str, tuple[bytes, bytes]] | None = None
    """The accepted and the rejected rows of uploads with a verdict, by upload id; None if files are not split."""
    newest: Mapping[str, str]
    """The newest version of each object, by key."""
    refused: frozenset[str] = frozenset()
    """Keys that were rejected as malformed."""
    aborted: frozenset[str] = frozenset()
    """Names of aborted executions: these may end as system failures."""


def rows_and_steps(dsn: str) -> tuple[dict[str, Row], tuple[Step, ...]]:
    """Read all uploads and transitions."""
    with psycopg.connect(dsn) as connection:
        rows = connection.cursor(row_factory=class_row(Row)).execute(_ROWS).fetchall()
        steps = connection.cursor(row_factory=class_row(Step)).execute(_TRANSITIONS).fetchall()
    return {row.upload_id: row for row in rows}, tuple(steps)


def loaded_rows(dsn: str) -> tuple[LoadedRows, ...]:
    """Read which rows have been loaded."""
    with psycopg.connect(dsn) as connection:
        found = connection.execute(_LOADED).fetchall()
    return tuple(LoadedRows(upload_id=it[0], name=it[1], rows=it[2], distinct=it[3]) for it in found)


def results(s3: "S3Client", bucket: str, rows: Iterable[Row]) -> Mapping[str, tuple[bytes, bytes]]:
    """Read the accepted and the rejected rows of uploads that could be checked; empty where a file is missing."""

    def read(row: Row, file: ResultFile) -> bytes:
        place = ResultLocation(bucket=bucket, upload_id=row.upload_id, execution_name=str(row.execution_name))
        try:
            return s3.get_object(Bucket=bucket, Key=place.key(file))["Body"].read()
        except s3.exceptions.NoSuchKey:
            return b""

    checked = (row for row in rows if row.status in VERDICTS and row.first_code != "system-error")
    return {row.upload_id: (read(row, ResultFile.ACCEPTED), read(row, ResultFile.REJECTED)) for row in checked}


def log_lines(log: Path) -> list[dict[str, Any]]:
    """Read the functions' log lines; a killed function may leave half a line."""
    lines = []
    for line in log.read_text(errors="replace").splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            continue
    return [line for line in lines if isinstance(line, dict)]


def rejected(log: Path) -> frozenset[str]:
    """Return the keys that the orchestrator rejected."""
    return frozenset(line["key"] for line in log_lines(log) if line.get("message") == "object rejected")
