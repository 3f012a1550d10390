"""Policies that belong to no function: the state machine's role, and the bucket's policy."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from infra.deploy import commands
from infra.deploy.stages import PROJECT_ROOT
from tests.infra.deploy.policies.linting import findings
from tests.infra.equipment import require_terraform

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:assay-dev-"
FUNCTIONS = (
    *("csv_orchestrator", "csv_validator", "part_validator", "seam_checker", "part_merger"),
    *("part_splitter", "split_joiner"),
    *("row_loader", "upload_status", "execution_settler", "upload_sweep"),
)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Apply the workflow module, which needs no provider; skip the test without Terraform."""
    require_terraform()
    directory = tmp_path_factory.mktemp("workflow")
    resources = [{"name": it, "resource_type": "lambda_function", "lambda_arn": ARN + it} for it in FUNCTIONS]
    (directory / "dev.json").write_text(json.dumps({"resources": resources}))
    module = {
        "source": str(PROJECT_ROOT / "infra" / "modules" / "workflow"),
        "app_name": "assay",
        "stage": "dev",
        "deployed_file": str(directory / "dev.json"),
        "definition_file": str(PROJECT_ROOT / "statemachine" / "csv_processing.asl.json"),
    }
    output = {name: {"value": f"${{module.workflow.{name}}}"} for name in ("role_policy", "trust_policy")}
    (directory / "main.tf.json").write_text(json.dumps({"module": {"workflow": module}, "output": output}))
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    for command in (["init"], ["apply", "-auto-approve"]):
        commands.run(["terraform", *command, "-no-color", "-input=false"], cwd=directory, environment=environment)
    answer = commands.run(["terraform", "output", "-json"], cwd=directory, environment=environment).stdout
    return {name: output["value"] for name, output in json.loads(answer).items()}


def test_state_machines_policy_passes_the_linter(outputs: dict[str, Any]) -> None:
    """Each action exists and matches its resource; `terraform test` checks that they are the right ones."""
    assert findings(outputs["role_policy"]) == []


@pytest.mark.parametrize("name", ["policy", "database_policy"])
def test_policy_of_the_deploying_role_is_sound(name: str) -> None:
    """Every action exists and goes with its resource, and IAM accepts the length of a managed policy.

    The linter objects to `*` where a resource cannot be narrowed, and to the right to set the bucket's policy.
    """
    text = (PROJECT_ROOT / "infra" / "deploying_role" / f"{name}.json").read_text()
    assert len("".join(text.split())) <= 6144
    assert set(findings(text)) <= {"RESOURCE_STAR", "RESOURCE_POLICY_PRIVILEGE_ESCALATION"}


def test_only_step_functions_of_this_account_may_assume_the_role(outputs: dict[str, Any]) -> None:
    """The whole statement is compared: no linter finds a wrong principal."""
    assert json.loads(outputs["trust_policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "StepFunctionsHere",
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "states.amazonaws.com"},
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": "123456789012"},
                    "ArnLike": {"aws:SourceArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:*"},
                },
            }
        ],
    }


def test_bucket_requires_tls() -> None:
    """Its policy allows nothing, and denies requests without TLS."""
    template = Path(PROJECT_ROOT, "infra", "bucket", "tls_only.json.tftpl").read_text()
    policy = template.replace("${bucket_arn}", "arn:aws:s3:::assay-dev-uploads")
    assert json.loads(policy) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::assay-dev-uploads", "arn:aws:s3:::assay-dev-uploads/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
