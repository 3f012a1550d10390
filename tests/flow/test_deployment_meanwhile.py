"""Large objects in executions that began before a deployment: the functions, or the state machine, are of two releases.

A state machine's running executions keep its earlier definition, while their functions are replaced.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from attrs import evolve

from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.messages import ReplayRequest
from chalicelib.uploads.parts import planning, shares, stored_plan
from chalicelib.uploads.replay import replay_upload
from infra.local.postgres import PostgresServer
from infra.local.stack import LocalStack
from tests.flow.test_parts import FILES, SCHEMA, TO_SYSTEM_FAILURE, ignore, put_schema, upload, with_parts

SPLIT: Mapping[str, Any] = {**SCHEMA, "assay": {"split": True}}
REFUSED = ["the file could not be checked: PartsInconsistent"]


@pytest.fixture(scope="module")
def database_url(postgres: PostgresServer) -> str:
    """A database of the module's own."""
    return postgres.create_database("deployments", template="assay_template")


def test_functions_of_two_releases_are_a_system_failure_and_a_replay_gives_the_verdict(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other release is deployed before the second part is read. Parts that are read later are refused, too."""

    def deploy(handler: Callable[[Any, Any], Any], event: Any, context: Any) -> Any:
        if event["reading"]["number"] == 1:
            for module in (planning, stored_plan):
                monkeypatch.setattr(module, "release", lambda: "another")
        return handler(event, context)

    with LocalStack(with_parts(deploy), database_url=database_url, report=ignore) as stack:
        refused = upload(stack, FILES["clean"], put_schema(stack, tmp_path))
        services = stack.deployment.services()
        replay_upload(
            refused.upload.upload_id,
            ReplayRequest(reason="deployed"),
            actor="ada",
            uploads=services.uploads,
            executions=services.executions(stack.runtime.function_arn("upload_api")),
        )
        replayed = stack.follow(refused.upload.upload_id, timeout=60)
    (error,) = refused.upload.errors
    assert (Status.VALIDATION_FAILED, True) == (refused.upload.status, refused.upload.system_failure)
    assert error.message.startswith("the file could not be checked: PartsInconsistent in part ")
    assert (Status.VALIDATED, 60) == (replayed.upload.status, replayed.upload.row_count)


@pytest.mark.parametrize(
    ("name", "schema", "messages"),
    [
        pytest.param("clean", SCHEMA, [], id="as before"),
        pytest.param("keys", SCHEMA, REFUSED, id="keys in shares"),
        pytest.param("clean", SPLIT, REFUSED, id="split in parts"),
    ],
)
def test_earlier_state_machine_gives_the_verdict_or_refuses_what_it_cannot_do(
    database_url: str, tmp_path: Path, name: str, schema: Mapping[str, Any], messages: list[str]
) -> None:
    """Never a verdict without the keys, or without the results that the dataset asks for."""
    deployment = with_parts()
    deployment = evolve(deployment, definition=without_shares_and_splits(deployment.definition))
    with (
        patch.object(shares, "SHARE_KEYS", 40),
        LocalStack(deployment, database_url=database_url, report=ignore) as stack,
    ):
        verdict = upload(stack, FILES[name], put_schema(stack, tmp_path, schema))
    assert messages == [each.message for each in verdict.upload.errors]
    assert (TO_SYSTEM_FAILURE if messages else ("MarkValidated", "Validated")) == verdict.states[-2:]


def without_shares_and_splits(definition: str) -> str:
    """Return the definition as it was when the state machine could read parts, but no shares of keys, nor split."""
    machine = json.loads(definition)
    states = machine["States"]
    for state, member in (("ValidateCsv", "split.$"), ("MergeParts", "split.$"), ("CheckSeams", "shares.$")):
        del states[state]["ResultSelector"][member]
    del states["ValidateParts"]["ItemSelector"]["shares.$"]
    states["MergeParts"]["Next"] = states["IsSplitInParts"]["Default"]
    for state in ("IsSplitInParts", "SplitParts", "JoinSplit", "IsSplitComplete", "NameSegmentFailure"):
        del states[state]
    return json.dumps(machine)
