"""The steps that deploy and remove a stage, in order.

Chalice comes before Terraform, for Terraform reads what Chalice wrote about the functions; the bucket and the database
come before both, for Chalice subscribes to the one and puts functions into the network of the other. Removing is the
same backwards.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final

import boto3
from attrs import field, frozen
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.deploy import commands, link_secret, network, policies
from infra.deploy.functions import chalice_command, concurrency, ephemeral_storage
from infra.deploy.functions.chalice_command import NO_RESERVED_CONCURRENCY
from infra.deploy.functions.deployed_file import DeployedFile
from infra.deploy.packaging import certificates, package
from infra.deploy.stages import FUNCTIONS, PROJECT_ROOT, Stage
from infra.deploy.steps import Refused, Say, Step
from infra.deploy.terraform import Terraform
from infra.deploy.uploads import Deployed, api_url

_SAMPLE: Final = Path("samples", "good.csv")
_MIGRATION_SECONDS: Final = 310
_BUCKET: Final = "aws_s3_bucket.uploads"


@frozen(kw_only=True)
class Deployment:
    """A stage of a project, on its way to AWS or back.

    `confirm` is asked before anything that a plan has shown is done; `variables` are for the Terraform root. With
    `terse`, only a summary of Terraform's output is printed.
    """

    stage: Stage
    project: Path = PROJECT_ROOT
    environment: Mapping[str, str] = os.environ
    variables: Mapping[str, str] = field(factory=dict)
    confirm: Callable[[str], bool]
    say: Say
    terse: bool = False

    def deploy(self) -> Sequence[Step]:
        """Return the steps that deploy the stage; they can be repeated."""
        return (
            Step(
                title="Check that the policies are those that .chalice/config.json asks for",
                remedy="run make policies, review the difference, and commit it.",
                do=self._check_policies,
            ),
            Step(
                title="See that we may use AWS, and that what the stage names is there",
                remedy="log in (aws sts get-caller-identity shows who you are), choose a region, and make what"
                " .chalice/config.json names: docs/operations.md describes the event bus under verdict events. The"
                " secret of partner links is made here, unless it is named by an ARN.",
                do=self._check_account_and_names,
            ),
            Step(
                title=f"Make the uploads bucket {self.stage.bucket}, if it is ours to make",
                remedy="read what Terraform says above; it can be run again, and goes on where it stopped. A bucket's"
                " name is unique across all accounts: choose another for UPLOADS_BUCKET in"
                " .chalice/config.json, then make policies.",
                do=self._make_bucket,
            ),
            Step(
                title=f"Make the database and its secret {self.stage.secret}, if they are ours to make",
                remedy="read what Terraform says above; it can be run again, and goes on where it stopped. For your own"
                " database, make its secret, as docs/operations.md says under first deployment.",
                do=self._make_database,
            ),
            Step(
                title="Build the deployment package, and look into it",
                remedy="a requirement without a wheel for Lambda needs another version, or a place in vendor/;"
                " see docs/operations.md, upgrading.",
                do=self._build_package,
            ),
            Step(
                title="Deploy the functions, the HTTP API and what invokes them: chalice deploy",
                remedy="read what Chalice says above; it can be run again, and goes on where it stopped.",
                do=self._deploy_functions,
            ),
            Step(
                title="Deploy the state machine and what watches over it: terraform apply",
                remedy="read what Terraform says above; plan and apply can be run again. A state that is locked is"
                " another person's: ask before you unlock it. If the state machine may not deliver logs, the account's"
                " resource policy of CloudWatch Logs is full: set vended_logs = true in infra/"
                f"{self.stage.name}.tfvars.",
                do=self._deploy_state_machine,
            ),
            Step(
                title="Bring the database up to date",
                remedy="the log of the function migrate says why; mostly the database cannot be reached (VPC settings,"
                " security group) or the secret is wrong. Nothing is half done: it is one transaction.",
                do=self._migrate,
            ),
            Step(
                title=f"Upload {_SAMPLE} and await its verdict",
                remedy="docs/operations.md, reading a failed execution; if nothing took the upload up, look at the"
                " log of csv_orchestrator and at the queue of dead letters.",
                do=self._smoke,
            ),
        )

    def destroy(self, *, with_bucket: bool, with_database: bool = False) -> Sequence[Step]:
        """Return the steps that remove the stage from AWS; bucket and database stay, unless they are asked for."""
        database = Step(
            title="Destroy the database, its secret and its network",
            remedy="read what Terraform says above; it can be run again. Lambda takes up to half an hour to remove the"
            " functions' network interfaces, which Terraform awaits.",
            do=self._destroy_database,
        )
        bucket = Step(
            title=f"Destroy the uploads bucket {self.stage.bucket} and all uploads in it",
            remedy="a bucket that this project did not make is not in its state: delete it by hand.",
            do=self._destroy_bucket,
        )
        return (
            Step(
                title="See that we may use AWS, and what Chalice deployed",
                remedy="log in (aws sts get-caller-identity shows who you are), and choose the stage's region.",
                do=self._find_deployment,
            ),
            Step(
                title="Destroy the state machine and what watches over it: terraform destroy",
                remedy="read what Terraform says above; it can be run again. It must come before chalice delete, for"
                " it reads what Chalice wrote about the functions.",
                do=self._destroy_state_machine,
            ),
            Step(
                title="Delete the functions, the HTTP API and what invokes them: chalice delete",
                remedy="read what Chalice says above; it can be run again, and goes on where it stopped.",
                do=self._delete_functions,
            ),
            Step(
                title="Give the functions' logs their retention back, which Chalice takes from them",
                remedy="delete the log groups /aws/lambda/... by hand, or they are kept, and paid for, for ever.",
                do=self._retain_logs,
            ),
            *([database] if with_database else []),
            *([bucket] if with_bucket else []),
        )

    @property
    def deployed_file(self) -> Path:
        """What Chalice writes about the stage."""
        return self._deployed_file().path

    def _deployed_file(self) -> DeployedFile:
        return DeployedFile(stage=self.stage, project=self.project)

    def deployed(self) -> Deployed:
        """Return the stage as it is deployed."""
        endpoint = self.environment.get("AWS_ENDPOINT_URL")
        return Deployed(stage=self.stage, api_url=api_url(self.deployed_file, endpoint))

    def terraform(self) -> Terraform:
        """Return the Terraform root with the state machine."""
        return self._root("infra", **self.variables)

    def database(self, **variables: str) -> Terraform:
        """Return the Terraform root with the database."""
        return self._root("infra/database", **variables)

    def _check_policies(self) -> str:
        if outdated := policies.outdated(self.project):
            raise Refused(f"not up to date: {', '.join(path.name for path in outdated)}")
        return f"{len(policies.files(self.stage, self.project))} policies, one for each function"

    def _build_package(self) -> str:
        return str(package.build(self.stage, self.project))

    def _find_deployment(self) -> str:
        account = self._check_account()
        self._deployed_file().fetch()
        return account

    def _check_account(self) -> str:
        region = _region()
        caller = boto3.client("sts").get_caller_identity()
        if (partition := caller["Arn"].split(":")[1]) != self.stage.partition:
            raise Refused(f"the account is in {partition}, the stage in {self.stage.partition}: set aws_partition")
        return f"account {caller['Account']} in {region}, as {caller['Arn']}"

    def _check_account_and_names(self) -> str:
        account = self._check_account()
        for name, look in self._named():
            try:
                look()
            except ClientError as error:
                raise Refused(f"{name}: {error}") from error
        return "; ".join([account, *(name for name, _ in self._named())])

    def _named(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """Yield what the stage names: with a check whether it exists, or, for the secret of links, with its making."""
        if secret := self.stage.link_secret:
            yield f"secret {secret}", partial(link_secret.make, secret)
        bus = self.stage.event_bus
        # One that has an ARN may be another account's, which need not let us look.
        if bus and not bus.startswith("arn:"):
            yield f"event bus {bus}", partial(boto3.client("events").describe_event_bus, Name=bus)

    def _make_bucket(self) -> str:
        terraform = self._bucket_root()
        terraform.init()
        # The state comes first: a bucket of ours that was half made is there too, and is to be finished.
        if _BUCKET not in terraform.made() and self._bucket_exists():
            return "it is there, not made here, and stays as it is"
        changed = self._apply(terraform, "make the bucket")
        return "made: private, encrypted, versioned, reached by TLS only" if changed else "it is as it should be"

    def _bucket_exists(self) -> bool:
        try:
            boto3.client("s3").head_bucket(Bucket=self.stage.bucket)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
                raise
            return False
        return True

    def _make_database(self) -> str:
        terraform = self.database()
        terraform.init()
        if not terraform.made() and self._secret_exists():
            return "the secret is there, not made here, and stays as it is"
        changed = self._apply(terraform, "make the database, which is paid for by the hour")
        outputs = terraform.outputs()
        result = f"{outputs['host']}, {'made' if changed else 'as it should be'}"
        if certificates.provide(self.project, _region()):
            result += f"; its authority's certificates are in {certificates.FILE}"
        if network.write(self.project, self.stage.name, outputs):
            policies.write(self.project)
            result += "; .chalice/config.json and the policies have its network: commit them"
        return result

    def _secret_exists(self) -> bool:
        client = boto3.client("secretsmanager")
        try:
            client.describe_secret(SecretId=self.stage.secret)
        except client.exceptions.ResourceNotFoundException:
            return False
        return True

    def _deploy_functions(self) -> str:
        record = self._deployed_file()
        record.fetch()
        options = []
        if reason := concurrency.shortfall(self.stage):
            self.say(f"  warning: {reason}: nothing is reserved. See docs/operations.md, connections.")
            options.append(NO_RESERVED_CONCURRENCY)
        self._chalice("deploy", "--stage", self.stage.name, *options)
        record.store()
        ephemeral_storage.apply(self.stage)
        resources = json.loads(self.deployed_file.read_text())["resources"]
        names = [resource["name"] for resource in resources if resource["resource_type"] == "lambda_function"]
        return f"functions {', '.join(sorted(names))}"

    def _deploy_state_machine(self) -> str:
        terraform = self.terraform()
        terraform.init()
        changed = self._apply(terraform, "deploy the state machine")
        arn = terraform.outputs()["state_machine_arn"]
        return f"{arn}" if changed else f"{arn} is as it should be"

    def _migrate(self) -> str:
        name = self.stage.function("migrate")
        # As long as the function may take; and never twice because of an answer that took its time.
        patient = Config(read_timeout=_MIGRATION_SECONDS, retries={"total_max_attempts": 1})
        answer = boto3.client("lambda", config=patient).invoke(FunctionName=name)
        output = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise Refused(f"{name} failed: {output.get('errorType')}: {output.get('errorMessage')}")
        return f"applied {', '.join(output['applied'])}" if output["applied"] else "it was up to date"

    def _smoke(self) -> str:
        if self.stage.has_sign_in:
            self.deployed().require_closed()
        upload = self.deployed().first_verdict(self.project / _SAMPLE, say=lambda line: self.say(f"  {line}"))
        if upload["status"] != "VALIDATED":
            raise Refused(f"the sample is valid, the verdict is not: {json.dumps(upload)}")
        return f"{upload['status']}, {upload['rowCount']} rows, as GET /uploads/{upload['uploadId']} says"

    def _destroy_state_machine(self) -> str:
        if not self.confirm(f"Destroy the state machine of {self.stage.name} and its log?"):
            raise Refused("you said no")
        terraform = self.terraform()
        terraform.init()
        terraform.destroy()
        return "gone"

    def _delete_functions(self) -> str:
        self._chalice("delete", "--stage", self.stage.name)
        self._deployed_file().store()
        return "gone"

    def _retain_logs(self) -> str:
        logs = boto3.client("logs")
        # By name, not by prefix: what begins with assay-dev- may be a stage dev-two's.
        ours = {f"/aws/lambda/{self.stage.role(function)}" for function in FUNCTIONS}
        pages = logs.get_paginator("describe_log_groups").paginate(
            logGroupNamePrefix=f"/aws/lambda/{self.stage.project}-"
        )
        groups = sorted(ours & {group["logGroupName"] for page in pages for group in page["logGroups"]})
        for group in groups:
            logs.put_retention_policy(logGroupName=group, retentionInDays=self.stage.log_retention_in_days)
        return f"{len(groups)} log groups, {self.stage.log_retention_in_days} days"

    def _destroy_bucket(self) -> str:
        if not self.confirm(f"Destroy {self.stage.bucket} and all uploads in it, for ever?"):
            raise Refused("you said no")
        terraform = self._bucket_root(force_destroy="true")
        terraform.init()
        if _BUCKET not in terraform.made():
            raise Refused(f"infra/bucket has not made {self.stage.bucket}")
        # What force_destroy says counts once it is applied.
        self._apply(terraform, "mark the bucket for destruction")
        terraform.destroy()
        return "gone"

    def _destroy_database(self) -> str:
        if not self.confirm(f"Destroy the database of {self.stage.name}? A snapshot is kept, which is paid for."):
            raise Refused("you said no")
        terraform = self.database(deletion_protection="false")
        terraform.init()
        if not terraform.made():
            raise Refused("infra/database has made none for this stage")
        # The protection is lifted by applying it.
        self._apply(terraform, "lift the database's protection")
        snapshot = terraform.outputs().get("final_snapshot")
        terraform.destroy()
        network.write(self.project, self.stage.name, {"subnet_ids": [], "security_group_ids": []})
        policies.write(self.project)
        kept = f"; the snapshot {snapshot} is kept" if snapshot else ""
        return f"gone{kept}. .chalice/config.json and the policies no longer have its network: commit them"

    def _bucket_root(self, **variables: str) -> Terraform:
        return self._root("infra/bucket", **variables)

    def _root(self, path: str, **variables: str) -> Terraform:
        return Terraform(
            root=self.project / path,
            stage=self.stage.name,
            environment=self._environment_with_region(),
            variables=variables,
            shown=not self.terse,
            say=lambda line: self.say(f"  {line}"),
        )

    def _environment_with_region(self) -> Mapping[str, str]:
        """Return the environment with the region under both its names: programs differ in which one they read."""
        region = _region()
        return {**self.environment, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}

    def _apply(self, terraform: Terraform, purpose: str) -> bool:
        """Show a plan and, if it changes something and is confirmed, apply it; return whether it changed something."""
        if not terraform.plan():
            return False
        if not self.confirm(f"Apply this plan to {purpose}?"):
            raise Refused("you said no; nothing has changed")
        terraform.apply()
        return True

    def _chalice(self, *arguments: str) -> None:
        """Run Chalice, without leaving bytecode behind, which it would package."""
        environment = {**self._environment_with_region(), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-P", chalice_command.__file__, self.stage.python, *arguments]
        output = commands.run(command, cwd=self.project, environment=environment)
        self.say("  " + output.stdout.strip().replace("\n", "\n  "))


def _region() -> str:
    region = boto3.Session().region_name
    if region is None:
        raise Refused("no region is chosen: set AWS_DEFAULT_REGION (AWS_REGION alone will not do)")
    return region
