"""What a deployment finds in the account: a copy of the project, secrets, the bucket, and a listener."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import boto3

from infra.deploy import policies
from infra.deploy.stages import PROJECT_ROOT, Stage
from infra.local.ports import LOOPBACK
from infra.local.postgres import PostgresServer
from infra.rehearsal.tls import TlsProxy

LISTENER: Final = "verdict-listener"
"""The queue that receives verdict events."""
_TABLES: Final = "tables"
"""The database that rows are loaded into."""
DEPLOYING_ROLE: Final = "deployer"
_DEPLOYED: Final = ("app.py", "chalicelib", ".chalice", "infra", "statemachine", "samples", "requirements.txt")
_LEFT_BEHIND: Final = shutil.ignore_patterns(
    "__pycache__",
    ".terraform*",
    "*.tfstate*",
    "*.tfvars",
    "backend.tf",
    "deployed",
    "deployments",
    "local",
    "rehearsal",
    "deploy",
)


def copy_project(to: Path) -> Path:
    """Copy the files that a deployment reads, so that Chalice and Terraform write into the copy."""
    to.mkdir()
    for name in _DEPLOYED:
        source = PROJECT_ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=_LEFT_BEHIND)
        else:
            shutil.copy(source, to / name)
    return to


def ask_for_everything(project: Path, name: str) -> Stage:
    """Turn on every optional setting in a stage of the copy, so that all permissions are tried.

    Its sweep has no grace period, which is a quarter of an hour by default. Its functions run on the Python of this
    process, the only one that a machine is sure to have.
    """
    path = project / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    environment = config["stages"][name]["environment_variables"]
    for setting, value in (
        ("EVENT_BUS", "verdicts"),
        ("SWEEP_GRACE_SECONDS", "0"),
        ("LOAD_DATABASE_SECRET_ARN", f"assay-{name}-tables"),
        ("PARTS_ABOVE_BYTES", "1000"),
        ("PART_BYTES", "1000"),
    ):
        environment[setting] = value
    config["stages"][name]["lambda_python_version"] = f"{sys.version_info.major}.{sys.version_info.minor}"
    path.write_text(json.dumps(config, indent=2))
    policies.write(project)
    return Stage.read(name, project)


@contextmanager
def database() -> Iterator[Mapping[str, str | int]]:
    """Run an empty PostgreSQL that accepts TLS; yield its connection parameters, as RDS writes them into a secret."""
    with ExitStack() as running:
        server = running.enter_context(PostgresServer())
        front = running.enter_context(TlsProxy(server.port))
        server.create_database(_TABLES)
        dsn = urlsplit(server.create_database("assay"))
        yield {
            "engine": "postgres",
            "host": LOOPBACK,
            "port": front.port,
            "dbname": "assay",
            "username": str(dsn.username),
            "password": str(dsn.password),
        }


def make_secrets(stage: Stage, connection: Mapping[str, str | int]) -> None:
    """Create the secrets of the database and of the tables' database, so that the deployment creates no database."""
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name=stage.secret, SecretString=json.dumps(connection))
    secrets.create_secret(Name=str(stage.load_secret), SecretString=json.dumps({**connection, "dbname": _TABLES}))


def listen(stage: Stage) -> None:
    """Create the stage's event bus, and a rule that sends Assay's events to a queue."""
    events, sqs = boto3.client("events"), boto3.client("sqs")
    bus = str(stage.event_bus)
    events.create_event_bus(Name=bus)
    url = sqs.create_queue(QueueName=LISTENER)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=LISTENER, EventBusName=bus, EventPattern=json.dumps({"source": ["assay"]}))
    events.put_targets(Rule=LISTENER, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])


def make_bucket(stage: Stage, region: str) -> None:
    """Create a bucket outside of the deployment."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=stage.bucket, CreateBucketConfiguration={"LocationConstraint": region})  # type: ignore[typeddict-item] # any region
    s3.put_bucket_versioning(Bucket=stage.bucket, VersioningConfiguration={"Status": "Enabled"})


def deploying_role() -> Mapping[str, str]:
    """Create a role with the policy in infra/deploying_role, and return the environment of its credentials."""
    iam = boto3.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    role = iam.create_role(RoleName=DEPLOYING_ROLE, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    policy = (PROJECT_ROOT / "infra" / "deploying_role" / "policy.json").read_text()
    iam.put_role_policy(RoleName=DEPLOYING_ROLE, PolicyName=DEPLOYING_ROLE, PolicyDocument=policy)
    session = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="rehearsal")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }


def delete_deploying_role() -> None:
    """Delete the role."""
    iam = boto3.client("iam")
    iam.delete_role_policy(RoleName=DEPLOYING_ROLE, PolicyName=DEPLOYING_ROLE)
    iam.delete_role(RoleName=DEPLOYING_ROLE)
