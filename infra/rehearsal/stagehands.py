"""What a deployment finds in the account: a copy of the project to deploy, the database's secret, the bucket."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import boto3

from infra.deploy.stages import PROJECT_ROOT, Stage
from infra.local.ports import LOOPBACK
from infra.local.postgres import PostgresServer
from infra.rehearsal.tls import TlsFront

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
    """Copy what a deployment reads, so that it writes into the copy: to Chalice and Terraform it is the project."""
    to.mkdir()
    for name in _DEPLOYED:
        source = PROJECT_ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=_LEFT_BEHIND)
        else:
            shutil.copy(source, to / name)
    return to


def leave_no_grace(project: Path, stage: Stage) -> None:
    """Have the sweep look at what has only just arrived: nobody wants to wait for a quarter of an hour here."""
    path = project / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    config["stages"][stage.name]["environment_variables"]["SWEEP_GRACE_SECONDS"] = "0"
    path.write_text(json.dumps(config, indent=2))


@contextmanager
def database() -> Iterator[Mapping[str, str | int]]:
    """Run an empty PostgreSQL that speaks TLS; give its particulars as RDS writes them into a secret."""
    with ExitStack() as running:
        server = running.enter_context(PostgresServer())
        front = running.enter_context(TlsFront(server.port))
        dsn = urlsplit(server.create_database("assay"))
        yield {
            "engine": "postgres",
            "host": LOOPBACK,
            "port": front.port,
            "dbname": "assay",
            "username": str(dsn.username),
            "password": str(dsn.password),
        }


def make_secret(stage: Stage, particulars: Mapping[str, str | int]) -> None:
    """Do by hand what docs/operations.md asks for before the first deployment."""
    boto3.client("secretsmanager").create_secret(Name=stage.secret, SecretString=json.dumps(particulars))


def make_bucket(stage: Stage, region: str) -> None:
    """Make a bucket as somebody who has one already."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=stage.bucket, CreateBucketConfiguration={"LocationConstraint": region})  # type: ignore[typeddict-item] # any region
    s3.put_bucket_versioning(Bucket=stage.bucket, VersioningConfiguration={"Status": "Enabled"})
