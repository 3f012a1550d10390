"""Verdict events on an event bus."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib import codec
from chalicelib.aws.event_bridge import SOURCE, VERDICT_RECORDED, EventBridgeBus
from chalicelib.errors import EventsUnavailable
from chalicelib.uploads.lifecycle import EXECUTION, Status
from chalicelib.uploads.messages import Verdict
from chalicelib.uploads.ports import EventBus
from tests.fakes import InMemoryBus

VERDICT = Verdict(
    upload_id="42",
    owner="ada@example.com",
    bucket="inbox",
    key="uploads/ada@example.com/42/ü.csv",
    filename="ü.csv",
    status=Status.VALIDATION_FAILED,
    system_failure=False,
    attempt=1,
    execution_name="42-abc",
    row_count=None,
    error_count=3,
    actor=EXECUTION,
    began_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    occurred_at=datetime(2026, 1, 2, 3, 4, 6, 500_000, tzinfo=UTC),
)
DETAIL = {
    "version": 1,
    "uploadId": "42",
    "owner": "ada@example.com",
    "bucket": "inbox",
    "key": "uploads/ada@example.com/42/ü.csv",
    "filename": "ü.csv",
    "status": "VALIDATION_FAILED",
    "systemFailure": False,
    "attempt": 1,
    "executionName": "42-abc",
    "rowCount": None,
    "errorCount": 3,
    **dict.fromkeys(["acceptedRows", "rejectedRows", "contentSha256", "schemaSha256", "loadedRows", "loadedTable"]),
    "actor": "execution",
    "beganAt": "2026-01-02T03:04:05+00:00",
    "occurredAt": "2026-01-02T03:04:06.500000+00:00",
}


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[Any]]]:
    """An EventBridge whose default bus delivers to a queue."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        sqs, events = boto3.client("sqs"), boto3.client("events")
        url = sqs.create_queue(QueueName="published")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name="r", EventPattern=json.dumps({"source": ["assay"], "detail": {"version": [1]}}))
        events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn}])
        yield lambda: [json.loads(it["Body"]) for it in sqs.receive_message(QueueUrl=url).get("Messages", [])]


class TestContract:
    """The contract of the port, for the fake and for EventBridge."""

    @pytest.fixture(params=["fake", "eventbridge"])
    def bus(self, request: pytest.FixtureRequest) -> tuple[EventBus, Callable[[], list[Any]]]:
        """A bus, and a function that returns the published details."""
        if request.param == "fake":
            fake = InMemoryBus()
            return fake, lambda: [{"version": 1, **codec.unstructure(it)} for it in fake.verdicts]
        published = request.getfixturevalue("published")
        return EventBridgeBus(client=boto3.client("events"), bus="default"), lambda: [
            it["detail"] for it in published()
        ]

    def test_subscriber_receives_the_verdict(self, bus: tuple[EventBus, Callable[[], list[Any]]]) -> None:
        """The detail has names, counts and times, but no cells and no messages."""
        publisher, details = bus
        publisher.publish(VERDICT)
        assert [DETAIL] == details()


def test_event_has_source_and_type(published: Callable[[], list[Any]]) -> None:
    """Rules match both; IAM permissions name the source."""
    EventBridgeBus(client=boto3.client("events"), bus="default").publish(VERDICT)
    (event,) = published()
    assert ("assay", "Assay Verdict Recorded") == (event["source"], event["detail-type"])
    assert (SOURCE, VERDICT_RECORDED) == (event["source"], event["detail-type"])


@pytest.fixture
def client() -> Any:
    """A client that Stubber answers."""
    return boto3.client("events", region_name="eu-west-1", aws_access_key_id="k", aws_secret_access_key="s")


def test_refused_request_is_an_error(client: Any) -> None:
    """The message has only AWS's error code."""
    with Stubber(client) as stubber:
        stubber.add_client_error("put_events", "AccessDeniedException", "secret words")
        with pytest.raises(EventsUnavailable) as unavailable:
            EventBridgeBus(client=client, bus="assay").publish(VERDICT)
    assert "could not publish to assay: AccessDeniedException" == str(unavailable.value)


def test_refused_entry_is_an_error(client: Any) -> None:
    """PutEvents succeeds although it refuses an entry."""
    with Stubber(client) as stubber:
        answer = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "words"}]}
        stubber.add_response("put_events", answer)
        with pytest.raises(EventsUnavailable, match=r"^could not publish to assay: InternalFailure$"):
            EventBridgeBus(client=client, bus="assay").publish(VERDICT)


def test_unreachable_bus_is_an_error(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """For example, in a VPC without an endpoint for EventBridge."""

    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://events.example/?secret")

    monkeypatch.setattr(client, "put_events", unreachable)
    with pytest.raises(EventsUnavailable, match=r"^could not publish to assay: EndpointConnectionError$"):
        EventBridgeBus(client=client, bus="assay").publish(VERDICT)
