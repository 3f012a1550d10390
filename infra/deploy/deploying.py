"""The steps that deploy a stage, in order.

Chalice comes before Terraform, for Terraform reads what Chalice wrote about the functions; the bucket and the database
come before both, for Chalice subscribes to the one and puts functions into the network of the other.
"""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import boto3
from botocore.config import Config

from infra.deploy import policies
from infra.deploy.deployment import Deployment
from infra.deploy.functions import concurrency, ephemeral_storage
from infra.deploy.functions.chalice_command import NO_RESERVED_CONCURRENCY
from infra.deploy.packaging import package
from infra.deploy.prerequisites import account, bucket, database
from infra.deploy.steps import Refused, Step

_SAMPLE: Final = Path("samples", "good.csv")
_MIGRATION_SECONDS: Final = 310


def steps(deployment: Deployment) -> Sequence[Step]:
    """Return the steps that deploy the stage; they can be repeated."""
    stage = deployment.stage
    return (
        Step(
            title="Check that the policies are those that .chalice/config.json asks for",
            remedy="run make policies, review the difference, and commit it.",
            do=partial(_check_policies, deployment),
        ),
        Step(
            title="See that we may use AWS, and that what the stage names is there",
            remedy="log in (aws sts get-caller-identity shows who you are), choose a region, and make what"
            " .chalice/config.json names: docs/operations.md describes the event bus under verdict events. The"
            " secret of partner links is made here, unless it is named by an ARN.",
            do=partial(account.check_with_names, stage),
        ),
        Step(
            title=f"Make the uploads bucket {stage.bucket}, if it is ours to make",
            remedy="read what Terraform says above; it can be run again, and goes on where it stopped. A bucket's"
            " name is unique across all accounts: choose another for UPLOADS_BUCKET in"
            " .chalice/config.json, then make policies.",
            do=partial(bucket.make, deployment),
        ),
        Step(
            title=f"Make the database and its secret {stage.secret}, if they are ours to make",
            remedy="read what Terraform says above; it can be run again, and goes on where it stopped. For your own"
            " database, make its secret, as docs/operations.md says under first deployment.",
            do=partial(database.make, deployment),
        ),
        Step(
            title="Build and inspect the deployment package",
            remedy="a requirement without a wheel for Lambda needs another version, or a place in vendor/;"
            " see docs/operations.md, upgrading.",
            do=partial(_build_package, deployment),
        ),
        Step(
            title="Deploy the functions, the HTTP API and what invokes them: chalice deploy",
            remedy="read what Chalice says above; it can be run again, and goes on where it stopped.",
            do=partial(_deploy_functions, deployment),
        ),
        Step(
            title="Deploy the state machine and its monitoring: terraform apply",
            remedy="read what Terraform says above; plan and apply can be run again. A state that is locked is"
            " another person's: ask before you unlock it. If the state machine may not deliver logs, the account's"
            " resource policy of CloudWatch Logs is full: set vended_logs = true in infra/"
            f"{stage.name}.tfvars.",
            do=partial(_deploy_state_machine, deployment),
        ),
        Step(
            title="Bring the database up to date",
            remedy="read the log of the function migrate: usually the database cannot be reached (VPC settings,"
            " security group), or the secret is wrong. It can be run again: migrations that have run are skipped.",
            do=partial(_migrate, deployment),
        ),
        Step(
            title=f"Upload {_SAMPLE} and await its verdict",
            remedy="docs/operations.md, reading a failed execution; if nothing took the upload up, look at the"
            " log of csv_orchestrator and at the queue of dead letters.",
            do=partial(_smoke, deployment),
        ),
    )


def _check_policies(deployment: Deployment) -> str:
    if outdated := policies.outdated(deployment.project):
        raise Refused(f"not up to date: {', '.join(path.name for path in outdated)}")
    return f"{len(policies.files(deployment.stage, deployment.project))} policies, one for each function"


def _build_package(deployment: Deployment) -> str:
    return str(package.build(deployment.stage, deployment.project))


def _deploy_functions(deployment: Deployment) -> str:
    record = deployment.record()
    record.fetch()
    options = []
    if reason := concurrency.shortfall(deployment.stage):
        deployment.say(f"  warning: {reason}: nothing is reserved. See docs/operations.md, connections.")
        options.append(NO_RESERVED_CONCURRENCY)
    deployment.chalice("deploy", "--stage", deployment.stage.name, *options)
    record.store()
    ephemeral_storage.apply(deployment.stage)
    resources = json.loads(deployment.deployed_file.read_text())["resources"]
    names = [resource["name"] for resource in resources if resource["resource_type"] == "lambda_function"]
    return f"functions {', '.join(sorted(names))}"


def _deploy_state_machine(deployment: Deployment) -> str:
    terraform = deployment.terraform()
    terraform.init()
    changed = deployment.apply(terraform, "deploy the state machine")
    arn = terraform.outputs()["state_machine_arn"]
    return f"{arn}" if changed else f"{arn} is as it should be"


def _migrate(deployment: Deployment) -> str:
    name = deployment.stage.function("migrate")
    # As long as the function may take; and never twice because of an answer that took its time.
    patient = Config(read_timeout=_MIGRATION_SECONDS, retries={"total_max_attempts": 1})
    answer = boto3.client("lambda", config=patient).invoke(FunctionName=name)
    output = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise Refused(f"{name} failed: {output.get('errorType')}: {output.get('errorMessage')}")
    return f"applied {', '.join(output['applied'])}" if output["applied"] else "it was up to date"


def _smoke(deployment: Deployment) -> str:
    if deployment.stage.has_sign_in:
        deployment.deployed().require_authorization()
    upload = deployment.deployed().first_verdict(
        deployment.project / _SAMPLE, say=lambda line: deployment.say(f"  {line}")
    )
    if upload["status"] != "VALIDATED":
        raise Refused(f"the sample is valid, the verdict is not: {json.dumps(upload)}")
    return f"{upload['status']}, {upload['rowCount']} rows, as GET /uploads/{upload['uploadId']} says"
