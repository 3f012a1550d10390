"""The one upload of most tests of use cases, and the attempts at it."""

from attrs import evolve

from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Attempt, ObjectCreated
from chalicelib.uploads.reports import ReportLocation

CREATED = ObjectCreated(bucket="inbox", key="uploads/acme/42/a.csv", version_id="v1", sequencer="0A")
ATTEMPT = Attempt.for_object(CREATED)
NEXT = Attempt.for_object(evolve(CREATED, version_id="v2", sequencer="0B"))
"""At a newer version of the object."""


def place(uploads: PostgresUploads) -> ReportLocation:
    """Where the report of the present attempt is."""
    return ReportLocation(bucket="inbox", upload_id="42", execution_name=str(uploads.find("42").execution_name))
