"""The wire format: payloads, and how malformed ones are refused."""

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from attrs import evolve

from chalicelib import codec
from chalicelib.errors import RequestMalformed
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.messages import (
    ReplayRequest,
    StatusReply,
    StatusUpdate,
    ValidationRequest,
    ValidationResponse,
)
from chalicelib.uploads.parts.planning import MAX_PARTS
from chalicelib.uploads.parts.readings import PartToRead, PlannedParts
from chalicelib.uploads.task_failure import TaskFailure
from chalicelib.validation import ValidationError
from chalicelib.validation.schema.dataset_options import Load, LoadMode

ERROR = ValidationError(row=3, line=4, column="id", field=1, code="type-error", message="expected an integer")
ERROR_ON_THE_WIRE = {
    "row": 3,
    "line": 4,
    "column": "id",
    "field": 1,
    "code": "type-error",
    "message": "expected an integer",
}


def test_unprintable_member_name_is_escaped() -> None:
    """Otherwise the message could not be encoded as UTF-8."""
    with pytest.raises(RequestMalformed, match=r"unknown \\ud800"):
        codec.structure({"\ud800": 1}, StatusReply)


def test_validation_request_is_the_execution_input() -> None:
    """It has bucket, key and upload id in camelCase; a missing version is omitted."""
    request = ValidationRequest(upload_id="42", bucket="inbox", key="uploads/acme/42/a b+ü.csv")
    payload = {"uploadId": "42", "bucket": "inbox", "key": "uploads/acme/42/a b+ü.csv"}
    assert payload == codec.unstructure(request)
    assert request == codec.structure(payload, ValidationRequest)


def test_validation_request_may_name_a_version() -> None:
    """The version is in the payload."""
    request = ValidationRequest(upload_id="42", bucket="inbox", key="k", version_id="v1")
    payload = {"uploadId": "42", "bucket": "inbox", "key": "k", "versionId": "v1"}
    assert payload == codec.unstructure(request)
    assert request == codec.structure(payload, ValidationRequest)


def test_validation_request_may_name_its_execution() -> None:
    """The report's key contains it, so only the characters of an execution name are accepted."""
    request = ValidationRequest(upload_id="42", bucket="inbox", key="k", execution_name="42-abc")
    payload = {"uploadId": "42", "bucket": "inbox", "key": "k", "executionName": "42-abc"}
    assert payload == codec.unstructure(request)
    assert request == codec.structure(payload, ValidationRequest)
    for name in ("", "a/b", "..", "x" * 81, "ü"):
        with pytest.raises(RequestMalformed, match=r"\$\.executionName: expected 1 to 80 of A-Z"):
            codec.structure({**payload, "executionName": name}, ValidationRequest)


def test_validation_response_has_the_members_that_the_state_machine_reads() -> None:
    """Errors have all their members; `report` is the prefix of the full report, or null."""
    response = ValidationResponse(valid=False, error_count=1, errors=(ERROR,), row_count=2)
    payload: dict[str, Any] = {"valid": False, "errorCount": 1, "errors": [ERROR_ON_THE_WIRE], "rowCount": 2}
    payload |= {"schema": None, "unchecked": [], "contentSha256": None, "schemaSha256": None}
    payload |= {"rejectedRows": None, "load": None, "parts": None, "split": None}
    assert {**payload, "report": None} == codec.unstructure(response)
    prefix = "reports/42/42-abc/"
    assert {**payload, "report": prefix} == codec.unstructure(evolve(response, report=prefix))
    load = Load(table="orders", mode=LoadMode.UPSERT)
    assert {"table": "orders", "mode": "upsert"} == codec.unstructure(evolve(response, load=load))["load"]


def test_part_to_be_read_has_an_entry_only_if_that_is_known() -> None:
    """The list of 5,000 parts has to fit between two states, which have room for 256 KiB."""
    readings = (PartToRead(number=4_998), PartToRead(number=4_999, entry=7))
    parts = PlannedParts(plan="0" * 32 + "-3", concurrency=3, readings=readings)
    response = ValidationResponse.planned(parts)
    written = codec.unstructure(response)
    assert [{"number": 4_998}, {"number": 4_999, "entry": 7}] == written["parts"]["readings"]
    assert response == codec.structure(written, ValidationResponse)
    many = evolve(parts, readings=tuple(PartToRead(number=at, entry=5 * 1024**4) for at in range(MAX_PARTS)))
    assert len(json.dumps(codec.unstructure(many))) < 256 * 1024


def test_status_update_is_read_with_its_errors() -> None:
    """Each member of the payload becomes an attribute."""
    payload = {
        "uploadId": "42",
        "status": "VALIDATION_FAILED",
        "executionName": "42-abc",
        "errorCount": 1,
        "errors": [ERROR_ON_THE_WIRE],
        "rowCount": None,
        "failure": {"Error": "States.Timeout"},
    }
    update = StatusUpdate(
        upload_id="42",
        status=Status.VALIDATION_FAILED,
        execution_name="42-abc",
        error_count=1,
        errors=(ERROR,),
        row_count=None,
        failure=TaskFailure(Error="States.Timeout"),
    )
    assert update == codec.structure(payload, StatusUpdate)


def test_status_reply_is_plain_json() -> None:
    """The status is its name."""
    reply = codec.unstructure(StatusReply(upload_id="42", status=Status.VALIDATED))
    assert json.loads(json.dumps(reply)) == {"uploadId": "42", "status": "VALIDATED"}


def test_times_are_written_in_utc() -> None:
    """The database's session may have another time zone."""
    moment = datetime(2024, 2, 29, 13, 30, tzinfo=timezone(timedelta(hours=1)))
    assert codec.unstructure(moment) == "2024-02-29T12:30:00+00:00"


REQUEST = {"uploadId": "42", "bucket": "inbox", "key": "k"}
UPDATE = {"uploadId": "42", "status": "VALIDATED", "executionName": "42-abc"}


@pytest.mark.parametrize(
    ("contract", "payload", "reason"),
    [
        (ValidationRequest, None, "$: expected an object"),
        (ValidationRequest, [], "$: expected an object"),
        (ValidationRequest, {**REQUEST, "uploadId": 42}, "$.uploadId: expected text"),
        (ValidationRequest, {**REQUEST, "uploadId": None}, "$.uploadId: expected text"),
        (ValidationRequest, {**REQUEST, "uploadId": "4 2"}, "$.uploadId: expected 1 to 64 of A-Z a-z 0-9 _ -"),
        (ValidationRequest, {**REQUEST, "bucket": ""}, "$.bucket: expected some text"),
        (ValidationRequest, {**REQUEST, "versionId": 7}, "$.versionId: expected text"),
        (ValidationRequest, {**REQUEST, "version_id": "v1"}, "$: unknown version_id"),
        (ValidationRequest, {"uploadId": "42"}, "$.bucket: required, but missing; $.key: required, but missing"),
        (StatusUpdate, {**UPDATE, "status": "DONE"}, "$.status: expected one of PENDING, VALIDATING, VALIDATED"),
        (StatusUpdate, {**UPDATE, "status": "PENDING"}, "$.status: expected one of VALIDATED, VALIDATION_FAILED"),
        (StatusUpdate, {**UPDATE, "errorCount": "1"}, "$.errorCount: expected a whole number"),
        (StatusUpdate, {**UPDATE, "errorCount": True}, "$.errorCount: expected a whole number"),
        (StatusUpdate, {**UPDATE, "errorCount": -1}, "$.errorCount: expected a number that is not negative"),
        (StatusUpdate, {**UPDATE, "errorCount": 1}, "$.rejectedRows: expected at least 1"),
        (StatusUpdate, {**UPDATE, "rejectedRows": -1}, "$.rejectedRows: expected a number that is not negative"),
        (StatusUpdate, {**UPDATE, "contentSha256": "e3"}, "$.contentSha256: expected a SHA-256 in 64 hexadecimal"),
        (StatusUpdate, {**UPDATE, "status": "VALIDATION_FAILED"}, "$.errorCount: expected at least 1"),
        (StatusUpdate, {**UPDATE, "errors": [ERROR_ON_THE_WIRE]}, "$.errors: expected no more errors than errorCount"),
        (StatusUpdate, {**UPDATE, "failure": {"Cause": None}}, "$.failure.Error: required, but missing"),
        (StatusUpdate, {**UPDATE, "errors": "none"}, "$.errors: expected an array"),
        (StatusUpdate, {**UPDATE, "errors": [{**ERROR_ON_THE_WIRE, "row": "3"}]}, "$.errors[0].row: expected a whole"),
        (StatusUpdate, {**UPDATE, "errors": [ERROR_ON_THE_WIRE, {}]}, "$.errors[1].code: required, but missing"),
    ],
)
def test_malformed_payload_names_the_path_of_the_offending_field(
    contract: type[object], payload: object, reason: str
) -> None:
    """Values are not coerced, and no member may be missing or unknown."""
    with pytest.raises(RequestMalformed) as refused:
        codec.structure(payload, contract)
    assert reason in str(refused.value)


def test_response_is_trimmed_to_the_limit_of_a_state_transition() -> None:
    """Errors are dropped from the end until the JSON is under 64 KiB; their count stays."""
    errors = tuple(
        ValidationError(row=row, line=row, column="ü" * 200, field=1, code="type-error", message="é" * 200)
        for row in range(100)
    )
    trimmed = codec.unstructure(ValidationResponse(valid=False, error_count=100, errors=errors, row_count=100))
    kept = len(trimmed["errors"])
    assert codec.unstructure(errors[:kept]) == trimmed["errors"]
    one_more = {**trimmed, "errors": codec.unstructure(errors[: kept + 1])}
    assert len(json.dumps(trimmed)) <= codec.RESPONSE_BYTES < len(json.dumps(one_more))
    assert trimmed["errorCount"] == 100


@pytest.mark.parametrize(
    ("name", "most"), [("bucket", "b" * 255), ("key", "k" * 1024), ("key", "é" * 512), ("versionId", "v" * 1024)]
)
def test_request_accepts_names_as_long_as_s3_allows(name: str, most: str) -> None:
    """Limits are in bytes of UTF-8; a longer name is refused with its path."""
    payload = {"uploadId": "42", "bucket": "inbox", "key": "k", name: most}
    assert payload == codec.unstructure(codec.structure(payload, ValidationRequest))
    with pytest.raises(RequestMalformed, match=rf"^\$\.{name}: expected at most [0-9,]+ bytes$"):
        codec.structure({**payload, name: f"{most}x"}, ValidationRequest)


def test_update_accepts_the_largest_verdict() -> None:
    """That is 100 errors and an execution name of 80 characters; more are refused with the path."""
    payload = {
        "uploadId": "42",
        "status": "VALIDATION_FAILED",
        "executionName": "e" * 80,
        "errorCount": 101,
        "errors": [ERROR_ON_THE_WIRE] * 100,
        "rowCount": None,
    }
    assert 100 == len(codec.structure(payload, StatusUpdate).errors)
    with pytest.raises(RequestMalformed, match=r"^\$\.errors: expected at most 100 errors$"):
        codec.structure({**payload, "errors": [ERROR_ON_THE_WIRE] * 101}, StatusUpdate)
    with pytest.raises(RequestMalformed, match=r"^\$\.executionName: expected at most 80 bytes$"):
        codec.structure({**payload, "executionName": "e" * 81}, StatusUpdate)


def test_long_texts_of_an_error_are_cut() -> None:
    """Refusing them would lose the verdict."""
    error = {**ERROR_ON_THE_WIRE, "column": "c" * 201, "code": "d" * 101, "message": "m" * 501}
    payload = {
        "uploadId": "42",
        "status": "VALIDATION_FAILED",
        "executionName": "e",
        "errorCount": 1,
        "errors": [error],
    }
    (cut,) = codec.structure(payload, StatusUpdate).errors
    assert (200, 100, 500) == (len(str(cut.column)), len(cut.code), len(cut.message))


def test_whole_number_may_be_written_with_a_fraction_of_zero() -> None:
    """In JSON and JSON Schema, 7.0 is a whole number; 7.5 is not."""
    assert 7 == codec.structure({"reason": "x", "attempt": 7.0}, ReplayRequest).attempt
    with pytest.raises(RequestMalformed, match=r"\$\.attempt: expected a whole number"):
        codec.structure({"reason": "x", "attempt": 7.5}, ReplayRequest)
