"""The upload of most use cases' tests, and its attempts."""

from datetime import UTC, datetime

from attrs import evolve

from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Attempt, ObjectCreated
from chalicelib.uploads.reports import ReportLocation
from chalicelib.validation.reporting.subject import ReportSubject

CREATED = ObjectCreated(bucket="inbox", key="uploads/acme/42/a.csv", version_id="v1", sequencer="0A")
ATTEMPT = Attempt.for_object(CREATED)
SUBJECT = ReportSubject(name="a.csv", schema="s", checked_at=datetime(2026, 11, 25, tzinfo=UTC), listing="a.jsonl")
NEXT = Attempt.for_object(evolve(CREATED, version_id="v2", sequencer="0B"))
"""The attempt at a newer version of the object."""


def report_location(uploads: PostgresUploads) -> ReportLocation:
    """Return the location of the current attempt's report."""
    return ReportLocation(bucket="inbox", upload_id="42", execution_name=str(uploads.find("42").execution_name))
