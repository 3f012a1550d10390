"""The rehearsal: the steps of `make deploy` in an empty emulated account, uploads, and the steps of `make destroy`."""

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import boto3
from attrs import evolve

from chalicelib import codec, schemas
from chalicelib.validation import ValidationError, validate
from chalicelib.validation.cli.terminal import error_table
from chalicelib.validation.reporting.wording import counted
from infra.deploy import commands, deploying, destroying, steps
from infra.deploy.deployment import Deployment
from infra.deploy.packaging import runtime
from infra.deploy.prerequisites import database
from infra.deploy.stages import PROJECT_ROOT, Stage
from infra.deploy.steps import Say
from infra.deploy.uploads import NoVerdict
from infra.rehearsal import cloud, failures, permission_checks, prerequisites, provider, sign_in
from infra.rehearsal.issuer import issuer
from infra.rehearsal.permission_checks import Finding
from infra.rehearsal.sign_in import SignInChecks
from infra.rehearsal.stage_checks import Stack, StageChecks
from infra.rehearsal.waiting import CheckFailed, is_logged, wait_until

STAGE: Final = "dev"
_CACHE: Final = PROJECT_ROOT / ".local" / "rehearsal"
_SAMPLES: Final = ("good.csv", "bad.csv")
_CLOCK_SECONDS: Final = 120.0


class RehearsalFailed(Exception):
    """A step or check of the rehearsal failed; the message says which."""


def rehearse(say: Say, *, permissions: bool) -> None:
    """Run the rehearsal; raises RehearsalFailed. With `permissions`, record what breaks without each statement."""
    say(
        f"A rehearsal of deploying {Stage.read(STAGE).project}: on this machine, without an account. Nothing leaves it."
    )
    with _environment(say) as deployment:
        say("\nPart 1: make deploy, step by step")
        _deploy(deployment, say)
        stack = Stack(deployment=deployment, outputs=deployment.terraform().outputs())

        say("\nPart 2: a second plan, and that of a database with its network, which the stage does not need")
        if deployment.terraform().plan():
            raise RehearsalFailed("a second plan would change something")
        # The emulator has no endpoint of Step Functions to plan one.
        if not deployment.root(database.ROOT, access="nat").plan():
            raise RehearsalFailed("infra/database would make nothing")

        say("\nPart 3: files, uploaded through what was deployed")
        for sample in _SAMPLES:
            _compare_verdict(deployment, sample, say)
        _await_scheduled_sweep(stack, say)
        with tempfile.TemporaryDirectory(prefix="assay-trial-") as directory:
            _try_all(stack, Path(directory), say)
            if permissions:
                say("\nPart 4: the same, with one permission less each time")
                _try_permissions(stack, Path(directory), say)

        say(f"\nPart {5 if permissions else 4}: make deploy where people sign in, and a file of one of them")
        signing_in = _sign_in(deployment, say)

        say(f"\nPart {6 if permissions else 5}: make destroy, step by step")
        with _as_deploying_role(signing_in) as with_role:
            if not steps.run(destroying.steps(with_role, with_bucket=False), say):
                raise RehearsalFailed("taking it down failed")
        _check_leftovers(deployment.stage, say)
    say("\nDone: the emulator and PostgreSQL have ended.")


@contextmanager
def _environment(say: Say) -> Iterator[Deployment]:
    """Provide a deployment in an emulated account, and remove both afterwards."""
    commands.require("terraform", "docs/operations.md says where to get it")
    _CACHE.mkdir(parents=True, exist_ok=True)
    with ExitStack() as running:
        say(f"  Terraform's aws provider: {provider.VERSION}, the newest that can be had here ...")
        archive = provider.install(_CACHE)
        say("  Lambda's runtime and the emulated AWS, in environments of their own ...")
        python, runtime_python = cloud.install(_CACHE), runtime.python()
        directory = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="assay-rehearsal-")))
        say("  PostgreSQL, with TLS as on RDS ...")
        connection = running.enter_context(prerequisites.database())
        (directory / "cloud").mkdir()
        environment = dict(running.enter_context(cloud.cloud(python, runtime_python, directory / "cloud")))
        running.callback(_keep_log, directory / "cloud" / "emulator.log")
        say(f"  AWS at {environment['AWS_ENDPOINT_URL']}, which checks every permission ...")
        running.enter_context(patch.dict(os.environ, environment, clear=True))
        running.enter_context(patch("boto3.DEFAULT_SESSION", None))
        project = prerequisites.copy_project(directory / "project")
        stage = prerequisites.ask_for_everything(project, STAGE)
        prerequisites.make_secrets(stage, connection)
        say("  The secrets, and a bucket of our own: provider 3 cannot make the one of infra/bucket ...")
        prerequisites.make_bucket(stage, cloud.REGION)
        say("  An event bus with a listener ...")
        prerequisites.listen(stage)
        for root in (project / "infra" / "bucket", project / "infra" / "database", project / "infra"):
            environment |= provider.use(archive, root, endpoint=environment["AWS_ENDPOINT_URL"], region=cloud.REGION)
        yield Deployment(
            stage=stage, project=project, environment=environment, confirm=lambda _question: True, say=say, terse=True
        )


def _deploy(deployment: Deployment, say: Say) -> None:
    with _as_deploying_role(deployment) as with_role:
        if not steps.run(deploying.steps(with_role), say):
            raise RehearsalFailed("the deployment failed")


@contextmanager
def _as_deploying_role(deployment: Deployment) -> Iterator[Deployment]:
    """Provide the deployment with the permissions that docs/operations.md asks for, and no more."""
    credentials = prerequisites.deploying_role()
    with patch.dict(os.environ, credentials), patch("boto3.DEFAULT_SESSION", None):
        yield evolve(deployment, environment={**deployment.environment, **credentials})
    prerequisites.delete_deploying_role()


def _compare_verdict(deployment: Deployment, sample: str, say: Say) -> None:
    """Upload a sample and compare its verdict with the local validator's."""
    path = deployment.project / "samples" / sample
    deployed = deployment.deployed()
    upload = deployed.wait_for_verdict(deployed.put(path))
    rows, count = upload["rowCount"], upload["errorCount"]
    errors = tuple(codec.structure(error, ValidationError) for error in upload["errors"])
    say(f"\n  {sample}: {upload['status']}, {counted(rows, 'row')}, {counted(count, 'error')}")
    if errors:
        say("\n".join(f"    {line}" for line in error_table(errors, count).splitlines()))
    with path.open("rb") as content:
        known = validate(content, schemas.load(schemas.DEFAULT))
    if (rows, count, errors) != (known.row_count, known.error_count, known.errors):
        raise RehearsalFailed(f"the verdict on {sample} is not the one that it has without AWS")


def _await_scheduled_sweep(stack: Stack, say: Say) -> None:
    """Wait for one scheduled sweep, then disable the schedule: a sweep would repair the failures made on purpose.

    This exercises the EventBridge rule. Sweeps before the migration fail, which does not matter.
    """
    function = stack.deployment.stage.function("upload_sweep")
    since = int(time.time() * 1000)
    swept = partial(is_logged, f"/aws/lambda/{function}", '"outcome": "done"', since=since)
    try:
        wait_until(swept, "no sweep runs by the clock", seconds=_CLOCK_SECONDS)
    except CheckFailed as error:
        raise RehearsalFailed(str(error)) from error
    failures.disable_schedule(stack.outputs["lambda_arns"]["upload_sweep"])
    say("\n  The scheduled sweep has run; its schedule is disabled from here on.")


def _try_all(stack: Stack, directory: Path, say: Say) -> None:
    try:
        StageChecks(stack=stack, directory=directory)()
    except CheckFailed as error:
        raise RehearsalFailed(str(error)) from error
    say(
        "\n  And a file with a schema of its own, one whose rows are loaded, one in parts, one sent by a form and"
        "\n  followed by its link, schemas and reports, a lost notification, executions that fail without a verdict, a"
        "\n  replay, an object without a notification, events about verdicts, logs and traces: all as they should be."
    )


def _sign_in(deployment: Deployment, say: Say) -> Deployment:
    """Deploy the stage with sign-in over the one without, use it, and return its deployment."""
    with issuer() as running:
        signing_in = sign_in.configure(deployment, running)
        _deploy(signing_in, say)
        content = (deployment.project / "samples" / "good.csv").read_bytes()
        try:
            upload = SignInChecks(deployed=signing_in.deployed(), issuer=running)(content)
        except (CheckFailed, NoVerdict) as error:
            raise RehearsalFailed(f"sign-in: {error}") from error
    say(
        f"\n  {upload['owner']} sees {upload['status']}; others get 404, an operator sees it, too; a request without a"
        "\n  token gets 401, and a token that the issuer did not sign 403."
    )
    return signing_in


def _try_permissions(stack: Stack, directory: Path, say: Say) -> None:
    def print_finding(finding: Finding) -> None:
        say(f"  {finding.role} without {finding.statement}: {finding.broken or 'NOTHING BREAKS'}")

    findings = permission_checks.try_without_each(stack, directory, print_finding)
    report = _CACHE / "permissions.md"
    report.write_text(permission_checks.table(findings) + "\n")
    if idle := [f"{it.role}'s {it.statement}" for it in findings if it.broken is None]:
        raise RehearsalFailed(f"nothing needs {', '.join(idle)}")
    _try_all(stack, directory, say)
    say(f"  {len(findings)} statements, none of them idle; the table is in {os.path.relpath(report)}")


def _check_leftovers(stage: Stage, say: Say) -> None:
    left = {kind: names for kind, names in _inventory(stage).items() if names}
    if left:
        raise RehearsalFailed(f"this is still there: {left}")
    say("\n  Left in the account: the bucket, the secrets, who listens, and the logs of the functions. Nothing else.")


def _inventory(stage: Stage) -> Mapping[str, list[Any]]:
    """Return what is left of a deployment, by kind, as each service names it."""
    queues = boto3.client("sqs").list_queues().get("QueueUrls", [])
    return {
        "functions": [it["FunctionName"] for it in boto3.client("lambda").list_functions()["Functions"]],
        "state machines": [it["name"] for it in boto3.client("stepfunctions").list_state_machines()["stateMachines"]],
        "roles": [it["RoleName"] for it in boto3.client("iam").list_roles()["Roles"]],
        "queues": [url for url in queues if not url.endswith(f"/{prerequisites.LISTENER}")],
        "alarms": [it["AlarmName"] for it in boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]],
        "rules": [it["Name"] for it in boto3.client("events").list_rules()["Rules"]],
        "APIs": [it["name"] for it in boto3.client("apigateway").get_rest_apis()["items"]],
        "log groups of Terraform's": [
            it["logGroupName"]
            for it in boto3.client("logs").describe_log_groups()["logGroups"]
            if it["logGroupName"].startswith("/aws/states/") or it["logGroupName"] == f"/aws/lambda/{stage.project}"
        ],
        "notifications of the bucket": [
            name
            for name in boto3.client("s3").get_bucket_notification_configuration(Bucket=stage.bucket)
            if name.endswith("Configurations")
        ],
    }


def _keep_log(log: Path) -> None:
    (_CACHE / "emulator.log").write_bytes(log.read_bytes())
