"""The API conforms to its own description: no internal errors, and no undescribed responses.

`make fuzz-api` sends more requests.
"""

import os
from datetime import UTC, datetime

import pytest
import schemathesis
from chalice.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.config import GenerationConfig, PositiveDataAcceptanceConfig, SchemathesisConfig

import app
from chalicelib import schemas
from chalicelib.uploads.attempts import Attempt, ObjectCreated
from chalicelib.uploads.links import LinkTokens
from chalicelib.uploads.object_key import UPLOAD_ID
from chalicelib.uploads.paging import ErrorPosition, ErrorSource, Position
from tests.conftest import LINK_SECRET
from tests.fuzz.openapi.gateway import gateway

EXAMPLES = int(os.environ.get("API_EXAMPLES", "8"))
"""The number of generated requests for each operation."""

KNOWN = ObjectCreated(bucket="inbox", key="uploads/acme/known/a.csv", version_id="v1", sequencer="0A")
MOMENT = datetime(2100, 1, 1, tzinfo=UTC)
TOKEN = LinkTokens(secret=LINK_SECRET, now=lambda: MOMENT).token("known", MOMENT)

for _name, _known, _pattern in (
    ("upload-id", "known", UPLOAD_ID),
    ("schema-name", schemas.DEFAULT, schemas.NAME),
    ("error-cursor", str(ErrorPosition(attempt=1, source=ErrorSource.RECORD, start=0)), None),
    ("list-cursor", str(Position(created_at=MOMENT, upload_id="known")), None),
):
    _others = st.from_regex(_pattern, fullmatch=True) if _pattern else st.nothing()
    schemathesis.openapi.format(_name, st.just(_known) | _others)


def _configuration() -> SchemathesisConfig:
    configuration = SchemathesisConfig()
    project = configuration.projects.default
    # API Gateway checks permissions and methods, and its error responses are its own.
    project.generation = GenerationConfig(max_examples=EXAMPLES, with_security_parameters=False)
    for check in ("ignored_auth", "missing_required_header", "unsupported_method"):
        getattr(project.checks, check).enabled = False
    # 422 is a well-formed request that is impossible, such as one with an unknown schema.
    expected = ["2xx", "401", "403", "404", "409", "422"]
    project.checks.positive_data_acceptance = PositiveDataAcceptanceConfig(expected_statuses=expected)
    return configuration


schema = schemathesis.openapi.from_wsgi("/openapi.json", gateway(app.app), config=_configuration())


@pytest.fixture
def inhabited(client: Client) -> Client:
    """The app with an upload."""
    app.services().uploads.begin_announced(Attempt.for_object(KNOWN))  # as the orchestrator does
    return client


@pytest.mark.usefixtures("inhabited")
@schema.parametrize()
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_api_conforms_to_its_description(case: schemathesis.Case) -> None:
    """Valid requests are accepted, others are refused, and each response is described."""
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"})
