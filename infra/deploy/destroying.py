"""The steps that remove a stage, in order: backwards, except that the database goes before the bucket."""

from collections.abc import Sequence
from functools import partial

import boto3

from infra.deploy.deployment import Deployment
from infra.deploy.prerequisites import account, bucket, database
from infra.deploy.stages import FUNCTIONS
from infra.deploy.steps import Refused, Step


def steps(deployment: Deployment, *, with_bucket: bool, with_database: bool = False) -> Sequence[Step]:
    """Return the steps that remove the stage from AWS; bucket and database stay, unless they are asked for."""
    database_step = Step(
        title="Destroy the database, its secret and its network",
        remedy="read what Terraform says above; it can be run again. Lambda takes up to half an hour to remove the"
        " functions' network interfaces, which Terraform awaits.",
        do=partial(database.destroy, deployment),
    )
    bucket_step = Step(
        title=f"Destroy the uploads bucket {deployment.stage.bucket} and all uploads in it",
        remedy="a bucket that this project did not make is not in its state: delete it by hand.",
        do=partial(bucket.destroy, deployment),
    )
    return (
        Step(
            title="See that we may use AWS, and what Chalice deployed",
            remedy="log in (aws sts get-caller-identity shows who you are), and choose the stage's region.",
            do=partial(_find_deployment, deployment),
        ),
        Step(
            title="Destroy the state machine and its monitoring: terraform destroy",
            remedy="read what Terraform says above; it can be run again. It must come before chalice delete, for"
            " it reads what Chalice wrote about the functions.",
            do=partial(_destroy_state_machine, deployment),
        ),
        Step(
            title="Delete the functions, the HTTP API and what invokes them: chalice delete",
            remedy="read what Chalice says above; it can be run again, and goes on where it stopped.",
            do=partial(_delete_functions, deployment),
        ),
        Step(
            title="Restore the retention of the functions' logs, which Chalice removes",
            remedy="delete the log groups /aws/lambda/... by hand, or they are kept, and paid for, for ever.",
            do=partial(_retain_logs, deployment),
        ),
        *([database_step] if with_database else []),
        *([bucket_step] if with_bucket else []),
    )


def _find_deployment(deployment: Deployment) -> str:
    found = account.check(deployment.stage)
    deployment.record().fetch()
    return found


def _destroy_state_machine(deployment: Deployment) -> str:
    if not deployment.confirm(f"Destroy the state machine of {deployment.stage.name} and its log?"):
        raise Refused("you said no")
    terraform = deployment.terraform()
    terraform.init()
    terraform.destroy()
    return "gone"


def _delete_functions(deployment: Deployment) -> str:
    deployment.chalice("delete", "--stage", deployment.stage.name)
    deployment.record().store()
    return "gone"


def _retain_logs(deployment: Deployment) -> str:
    logs = boto3.client("logs")
    # By name, not by prefix: what begins with assay-dev- may be a stage dev-two's.
    ours = {f"/aws/lambda/{deployment.stage.role(function)}" for function in FUNCTIONS}
    pages = logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix=f"/aws/lambda/{deployment.stage.project}-"
    )
    groups = sorted(ours & {group["logGroupName"] for page in pages for group in page["logGroups"]})
    for group in groups:
        logs.put_retention_policy(logGroupName=group, retentionInDays=deployment.stage.log_retention_in_days)
    return f"{len(groups)} log groups, {deployment.stage.log_retention_in_days} days"
