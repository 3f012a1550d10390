"""A plan follows from its seed, and what it expects is what the exact checker finds."""

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


def test_the_same_seed_gives_the_same_plan() -> None:
    """And another seed another one."""
    assert Plan.of(seed=7, uploads=60) == PLAN
    assert Plan.of(seed=8, uploads=60) != PLAN


def test_every_kind_of_upload_and_of_fault_is_there() -> None:
    """However small the plan is."""
    small = Plan.of(seed=1, uploads=len(Kind))

    assert set(Kind) == {upload.kind for upload in small.uploads}
    assert set(Fault) == {planned.fault for planned in small.faults}


@pytest.mark.parametrize("content", [Content(rows=0), Content(rows=7, wrong=3), Content(rows=2, oversized=1)])
def test_the_verdict_on_a_file_is_known_by_how_it_is_made(content: Content) -> None:
    """The validator comes to the same."""
    report = validate(io.BytesIO(content.data), PackagedSchemas().load(DEFAULT))

    status = Status.VALIDATED if report.valid else Status.VALIDATION_FAILED
    assert content.verdict.status is status
    assert (content.verdict.row_count, content.verdict.error_count) == (report.row_count, report.error_count)


def test_keys_are_malformed_where_they_are_meant_to_be_and_name_their_upload_elsewhere() -> None:
    """As the product itself reads them."""
    for upload in PLAN.uploads:
        for put in upload.puts:
            if upload.is_well_formed:
                assert upload.upload_id == ObjectKey.parse(put.key).upload_id
            else:
                with pytest.raises(KeyMalformed):
                    ObjectKey.parse(put.key)


def test_keys_that_are_told_of_but_once_are_known() -> None:
    """Those of malformed and of contested uploads."""
    kinds = {upload.kind for upload in PLAN.uploads for put in upload.puts if put.key in PLAN.notified_once}

    assert {Kind.MALFORMED, Kind.CONTESTED} == kinds
