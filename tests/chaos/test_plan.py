"""Plans are deterministic, and expect what the validator finds."""

import io

import pytest

from chalicelib.aws.schema_repository import PackagedSchemas
from chalicelib.errors import KeyMalformed
from chalicelib.schemas import DEFAULT
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.object_key import ObjectKey
from chalicelib.validation import validate
from tests.chaos.contents import Content
from tests.chaos.plan import Fault, Kind, Plan

PLAN = Plan.of(seed=7, uploads=60)


def test_plan_is_determined_by_its_seed() -> None:
    """Another seed gives another plan."""
    assert Plan.of(seed=7, uploads=60) == PLAN
    assert Plan.of(seed=8, uploads=60) != PLAN


def test_plan_has_every_kind_of_upload_and_fault() -> None:
    """Even a plan of few uploads has each kind."""
    small = Plan.of(seed=1, uploads=len(Kind))

    assert set(Kind) == {upload.kind for upload in small.uploads}
    assert set(Fault) == {planned.fault for planned in small.faults}


@pytest.mark.parametrize("content", [Content(rows=0), Content(rows=7, wrong=3), Content(rows=2, oversized=1)])
def test_expected_verdict_is_the_validators(content: Content) -> None:
    """For each kind of content."""
    report = validate(io.BytesIO(content.data), PackagedSchemas().load(DEFAULT))

    status = Status.VALIDATED if report.valid else Status.VALIDATION_FAILED
    assert content.verdict.status is status
    assert (content.verdict.row_count, content.verdict.error_count) == (report.row_count, report.error_count)


def test_only_malformed_uploads_have_malformed_keys() -> None:
    """As the product parses them."""
    for upload in PLAN.uploads:
        for put in upload.puts:
            if upload.is_well_formed:
                assert upload.upload_id == ObjectKey.parse(put.key).upload_id
            else:
                with pytest.raises(KeyMalformed):
                    ObjectKey.parse(put.key)


def test_notified_once_lists_malformed_and_contested_keys() -> None:
    """No sweep reports those again."""
    kinds = {upload.kind for upload in PLAN.uploads for put in upload.puts if put.key in PLAN.notified_once}

    assert {Kind.MALFORMED, Kind.CONTESTED} == kinds
