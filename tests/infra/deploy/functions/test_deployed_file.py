"""What Chalice wrote about a stage survives the machine that deployed it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import boto3
import pytest
from moto import mock_aws

from infra.deploy.functions.deployed_file import DeployedFile, DeploymentUnknown
from infra.deploy.stages import Stage

REGION: Final = "eu-west-1"
STAGE = Stage.read("dev")
FUNCTIONS = {"resources": [{"name": "csv_validator", "resource_type": "lambda_function"}]}
NONE: dict[str, list[object]] = {"resources": []}


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Provide an account with the bucket."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=STAGE.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield


def deployed_file(project: Path, content: object = None) -> DeployedFile:
    """Return the file in a project, with that content."""
    file = DeployedFile(stage=STAGE, project=project)
    if content is not None:
        file.path.parent.mkdir(parents=True)
        file.path.write_text(json.dumps(content))
    return file


def create_function() -> None:
    """Create a function of the stage."""
    trust = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]})
    role = boto3.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    boto3.client("lambda").create_function(
        FunctionName="assay-dev-upload_status",
        Role=role,
        Runtime="python3.13",
        Handler="app.upload_status",
        Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
    )


def test_another_machine_gets_the_file(tmp_path: Path) -> None:
    """It is in the bucket, outside of what the functions may read or write."""
    deployed_file(tmp_path / "one", FUNCTIONS).store()
    other = deployed_file(tmp_path / "two")
    other.fetch()
    assert FUNCTIONS == json.loads(other.path.read_text())
    assert "deployments/dev.json" == other.key


def test_newer_file_counts(tmp_path: Path) -> None:
    """A deployment that could not store its file is not forgotten, nor is that of another machine."""
    deployed_file(tmp_path / "one", FUNCTIONS).store()
    older = deployed_file(tmp_path / "two", NONE)
    os.utime(older.path, (1, 1))
    newer = deployed_file(tmp_path / "three", NONE)
    os.utime(newer.path, (4e9, 4e9))
    for file, expected in ((older, FUNCTIONS), (newer, NONE)):
        file.fetch()
        assert expected == json.loads(file.path.read_text())


@pytest.mark.parametrize("content", [None, NONE])
def test_functions_without_a_record_are_refused(tmp_path: Path, content: object) -> None:
    """Chalice would deploy a second HTTP API."""
    create_function()
    with pytest.raises(DeploymentUnknown, match=r"assay-dev-upload_status exists, but neither .*dev\.json nor s3://"):
        deployed_file(tmp_path, content).fetch()


def test_first_deployment_needs_no_record(tmp_path: Path) -> None:
    """Neither functions nor a file, nor even the bucket, when a stage is destroyed twice."""
    file = deployed_file(tmp_path)
    file.fetch()
    boto3.client("s3").delete_bucket(Bucket=STAGE.bucket)
    file.fetch()
    assert not file.path.exists()
