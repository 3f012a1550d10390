"""Attempts: identity, order and execution names."""

import re

import pytest
from attrs import evolve

from chalicelib.errors import KeyMalformed
from chalicelib.uploads.attempts import Attempt, ObjectCreated, comparable_sequencer, upload_id_of

CREATED = ObjectCreated(
    bucket="inbox", key="uploads/acme/42/orders.csv", version_id="v1", etag="e1", sequencer="005B039F73C627CE8B"
)


def test_execution_name_is_the_same_for_every_delivery_of_an_event() -> None:
    """S3 may deliver an event twice; it starts one execution."""
    assert Attempt.for_object(CREATED).execution_name == Attempt.for_object(evolve(CREATED)).execution_name


@pytest.mark.parametrize(
    "other",
    [
        evolve(CREATED, bucket="outbox"),
        evolve(CREATED, key="uploads/acme/42/orders2.csv"),
        evolve(CREATED, version_id="v2"),
        evolve(CREATED, version_id=None),
        evolve(CREATED, sequencer="005B039F73C627CE8C"),
    ],
)
def test_execution_name_differs_for_another_bucket_key_version_or_event(other: ObjectCreated) -> None:
    """Each of them is part of an attempt's identity."""
    assert Attempt.for_object(CREATED).execution_name != Attempt.for_object(other).execution_name


def test_etag_stands_in_for_a_missing_version() -> None:
    """In a bucket without versioning, the ETag distinguishes contents."""
    unversioned = evolve(CREATED, version_id=None)
    assert (
        Attempt.for_object(unversioned).execution_name
        != Attempt.for_object(evolve(unversioned, etag="e2")).execution_name
    )


def test_execution_name_is_within_the_limits_of_step_functions() -> None:
    """It has at most 80 allowed characters, and starts with the upload id, by which operators search for it."""
    longest = Attempt.for_object(evolve(CREATED, key=f"uploads/acme/{'x' * 64}/orders.csv")).execution_name
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,80}", longest)
    assert longest.startswith("x" * 64)


def test_execution_name_contains_its_upload_id() -> None:
    """The upload id is found in it even if it contains hyphens."""
    hyphened = Attempt.for_object(evolve(CREATED, key="uploads/acme/a-b-/orders.csv"))
    assert "a-b-" == upload_id_of(hyphened.execution_name)


def test_attempt_at_a_malformed_key_is_refused() -> None:
    """An attempt belongs to an upload, which a malformed key does not name."""
    with pytest.raises(KeyMalformed):
        Attempt.for_object(evolve(CREATED, key="uploads/orders.csv"))


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("005B039F73C627CE8B", "005B039F73C627CE8C"),
        ("0A", "0A01"),
        ("0A00", "0A01"),
        ("0A0F", "0b"),
        ("", "01"),
    ],
)
def test_sequencers_compare_as_if_padded_with_zeros(older: str, newer: str) -> None:
    """The greater of two sequencers of a key is the later one, whatever their lengths and case."""
    assert comparable_sequencer(older) < comparable_sequencer(newer)


def test_sequencers_that_differ_only_in_trailing_zeros_are_equal() -> None:
    """Padding with zeros makes them equal."""
    assert comparable_sequencer("0A1B") == comparable_sequencer("0a1b00")
