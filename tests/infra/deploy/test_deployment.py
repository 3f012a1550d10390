"""Steps and command line of a deployment, with moto, and with a fake Terraform that records its calls."""

import difflib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import boto3
import pytest
from attrs import evolve, frozen
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto import mock_aws

from chalicelib.uploads.links import MIN_SECRET_CHARACTERS
from infra.deploy import deploying, destroying, policies, steps
from infra.deploy.__main__ import main
from infra.deploy.deployment import Deployment
from infra.deploy.functions import concurrency
from infra.deploy.packaging import certificates
from infra.deploy.prerequisites import network
from infra.deploy.stages import FUNCTIONS, PROJECT_ROOT, Stage

REGION: Final = "eu-west-1"
TERRAFORM = """#!/bin/sh
echo "$PWD $AWS_REGION $AWS_DEFAULT_REGION $*" >> "$NOTES"
case "$1" in
    plan) exit "$PLANNED" ;;
    show) printf '%s' "$STATE" ;;
    output) printf '%s' "$OUTPUTS" ;;
esac
"""
MADE = {"values": {"root_module": {"resources": [{"address": "aws_s3_bucket.uploads"}]}}}
NOTHING_MADE = {"format_version": "1.0"}
CHANGES, NO_CHANGES = 2, 0


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Provide an empty account, without the developer's own settings."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


@frozen(kw_only=True)
class TerraformCalls:
    """The recorded calls of Terraform."""

    path: Path

    def commands(self) -> Sequence[str]:
        """Return the subcommands, in order."""
        return [line.split()[3] for line in self.lines() if line.split()[3] != "workspace"]

    def lines(self) -> Sequence[str]:
        """Return directory, both regions and command line of each call."""
        return self.path.read_text().splitlines()


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TerraformCalls:
    """Put the fake Terraform first on the PATH; its state is empty, and it plans changes."""
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text(TERRAFORM)
    program.chmod(0o755)
    path = tmp_path / "notes"
    path.touch()
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setenv("NOTES", str(path))
    terraform_finds(monkeypatch, state=NOTHING_MADE, planned=CHANGES)
    return TerraformCalls(path=path)


OUTPUTS = {
    "host": "db.example.com",
    "subnet_ids": ["subnet-0a", "subnet-0b"],
    "security_group_ids": ["sg-0c"],
    "final_snapshot": "assay-dev-final-0123",
}


def terraform_finds(monkeypatch: pytest.MonkeyPatch, *, state: Mapping[str, object], planned: int) -> None:
    """Set Terraform's state and the exit code of its plan."""
    monkeypatch.setenv("STATE", json.dumps(state))
    monkeypatch.setenv("PLANNED", str(planned))
    monkeypatch.setenv("OUTPUTS", json.dumps({name: {"value": value} for name, value in OUTPUTS.items()}))


def run_step(step: str, project: Path) -> tuple[bool, str]:
    """Run the step of a deployment with this start of its title; return whether it succeeded, and its output."""
    for root in ("bucket", "database"):
        (project / "infra" / root).mkdir(parents=True)
    printed: list[str] = []
    deployment = Deployment(stage=Stage.read("dev"), project=project, confirm=lambda _: True, say=printed.append)
    (chosen,) = (it for it in deploying.steps(deployment) if it.title.startswith(step))
    return steps.run([chosen], printed.append), "\n".join(printed)


def make_bucket() -> None:
    """Create the bucket outside of the deployment."""
    boto3.client("s3").create_bucket(
        Bucket=Stage.read("dev").bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )


def test_missing_bucket_is_created(tmp_path: Path, calls: TerraformCalls) -> None:
    """Terraform plans and applies it."""
    succeeded, printed = run_step("Make the uploads bucket", tmp_path)
    assert succeeded, printed
    assert calls.commands() == ["init", "show", "plan", "apply"]


def test_bucket_of_another_deployment_is_not_changed(tmp_path: Path, calls: TerraformCalls) -> None:
    """It exists, and is not in Terraform's state."""
    make_bucket()
    succeeded, printed = run_step("Make the uploads bucket", tmp_path)
    assert succeeded, printed
    assert "it is there, not made here, and stays as it is" in printed
    assert calls.commands() == ["init", "show"]


def test_incomplete_bucket_is_completed(tmp_path: Path, calls: TerraformCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    """It exists and is in Terraform's state; a changed variable is applied in the same way."""
    make_bucket()
    terraform_finds(monkeypatch, state=MADE, planned=CHANGES)
    succeeded, printed = run_step("Make the uploads bucket", tmp_path)
    assert succeeded, printed
    assert calls.commands() == ["init", "show", "plan", "apply"]


def test_complete_bucket_is_not_changed(tmp_path: Path, calls: TerraformCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terraform plans no changes."""
    terraform_finds(monkeypatch, state=MADE, planned=NO_CHANGES)
    succeeded, printed = run_step("Make the uploads bucket", tmp_path)
    assert succeeded, printed
    assert "it is as it should be" in printed
    assert calls.commands() == ["init", "show", "plan"]


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    """A project with the configuration, and with a certificate of RDS's authority."""
    shutil.copytree(PROJECT_ROOT / ".chalice", tmp_path / ".chalice", ignore=shutil.ignore_patterns("deploy*"))
    (tmp_path / "vendor").mkdir()
    (tmp_path / certificates.FILE).write_text(authority("Amazon RDS"))
    return tmp_path


def test_database_is_created_if_its_secret_does_not_exist(configured: Path, calls: TerraformCalls) -> None:
    """The functions that use it get its network, and the permission for it; the others stay outside."""
    succeeded, printed = run_step("Make the database", configured)
    assert succeeded, printed
    assert ["init", "show", "plan", "apply", "output"] == calls.commands()
    stage = Stage.read("dev", configured)
    in_parts = {"part_validator", "seam_checker", "part_merger", "part_splitter", "split_joiner"}
    outside = {"csv_validator", "token_authorizer"} | in_parts
    assert set(FUNCTIONS) - outside == stage.in_vpc
    assert [] == policies.outdated(configured)
    assert frozenset() == Stage.read("prod", configured).in_vpc
    changed = difflib.unified_diff(
        (PROJECT_ROOT / ".chalice" / "config.json").read_text().splitlines(),
        (configured / ".chalice" / "config.json").read_text().splitlines(),
        n=0,
        lineterm="",
    )
    assert [
        '+      "subnet_ids": ["subnet-0a", "subnet-0b"],',
        '+      "security_group_ids": ["sg-0c"],',
    ] == [line for line in changed if line.startswith("+ ")]


def test_existing_database_is_left_alone(configured: Path, calls: TerraformCalls) -> None:
    """Its secret exists, and is not in Terraform's state."""
    boto3.client("secretsmanager").create_secret(Name="assay-dev-database", SecretString="{}")
    succeeded, printed = run_step("Make the database", configured)
    assert succeeded, printed
    assert "the secret is there, not made here" in printed
    assert ["init", "show"] == calls.commands()
    assert frozenset() == Stage.read("dev", configured).in_vpc


def test_database_is_destroyed_on_request(
    configured: Path, calls: TerraformCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deletion protection is removed first; then its network is removed from the configuration."""
    network.write(configured, "dev", {name: OUTPUTS[name] for name in ("subnet_ids", "security_group_ids")})
    terraform_finds(monkeypatch, state=MADE, planned=CHANGES)
    (configured / "infra" / "database").mkdir(parents=True)
    printed: list[str] = []
    deployment = Deployment(stage=Stage.read("dev"), project=configured, confirm=lambda _: True, say=printed.append)
    (step,) = (
        it for it in destroying.steps(deployment, with_bucket=False, with_database=True) if "database" in it.title
    )
    assert steps.run([step], printed.append), printed
    assert ["init", "show", "plan", "apply", "output", "destroy"] == calls.commands()
    assert any("-var=deletion_protection=false" in line for line in calls.lines())
    assert frozenset() == Stage.read("dev", configured).in_vpc


def test_certificates_of_another_authority_are_refused(configured: Path) -> None:
    """A file from a proxy would make every connection fail, or trust another authority."""
    for content in (authority("Example"), "<html>", ""):
        (configured / certificates.FILE).write_text(content)
        with pytest.raises(certificates.AuthorityUnknown):
            certificates.provide(configured, REGION)


def authority(unit: str) -> str:
    """Return an authority's certificate, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def test_terraform_and_boto3_use_the_same_region(
    tmp_path: Path, calls: TerraformCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Terraform prefers AWS_REGION, which boto3 does not read: boto3's region is passed to Terraform."""
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    run_step("Make the uploads bucket", tmp_path)
    assert {tuple(line.split()[1:3]) for line in calls.lines()} == {(REGION, REGION)}


def test_deployment_without_a_region_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step that checks the account names the variable to set."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    succeeded, printed = run_step("See that we may use AWS", tmp_path)
    assert not succeeded
    assert "no region is chosen: set AWS_DEFAULT_REGION" in printed


@pytest.mark.parametrize(
    ("secret", "there", "missing"),
    [
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:links-Xy12Zz", (), "secret arn:aws:secretsmanager"),
        ("assay-dev-links", (), "event bus verdicts: "),
        ("assay-dev-links", ("verdicts",), None),
    ],
)
def test_resources_that_the_stage_names_must_exist(
    tmp_path: Path, secret: str, there: Sequence[str], missing: str | None
) -> None:
    """Functions without another's secret fail, and events to a missing bus are lost."""
    for name in there:
        boto3.client("events").create_event_bus(Name=name)
    stage = evolve(Stage.read("dev"), link_secret=secret, event_bus="verdicts")
    printed: list[str] = []
    deployment = Deployment(stage=stage, project=tmp_path, confirm=lambda _: True, say=printed.append)
    (looking,) = (it for it in deploying.steps(deployment) if it.title.startswith("See that we may use AWS"))
    assert steps.run([looking], printed.append) is (missing is None), printed
    assert missing is None or f"failed: {missing}" in "\n".join(printed)


def test_secret_of_links_is_made_once(tmp_path: Path) -> None:
    """Long enough to sign by, and another deployment leaves it: a new one would end all links."""
    deployment = Deployment(stage=Stage.read("dev"), project=tmp_path, confirm=lambda _: True, say=lambda _line: None)
    (looking,) = (it for it in deploying.steps(deployment) if it.title.startswith("See that we may use AWS"))
    client = boto3.client("secretsmanager")
    found = set()
    for _ in range(2):
        assert steps.run([looking], lambda _line: None)
        found.add(client.get_secret_value(SecretId="assay-dev-links")["SecretString"])
    (secret,) = found
    assert len(secret) >= MIN_SECRET_CHARACTERS


@pytest.mark.parametrize(("limit", "words"), [(1_000, "None"), (159, "of 60, but of .* only 59"), (10, "only 0")])
def test_reserved_concurrency_is_omitted_if_the_account_has_too_little(
    monkeypatch: pytest.MonkeyPatch, limit: int, words: str
) -> None:
    """Lambda keeps 100 for other functions, and a new account has 10: deploying would fail in the middle."""
    lambda_ = boto3.client("lambda")
    limits = {"AccountLimit": {"ConcurrentExecutions": limit, "UnreservedConcurrentExecutions": limit}}
    monkeypatch.setattr(type(lambda_), "get_account_settings", lambda _self: limits, raising=False)
    monkeypatch.setattr(boto3, "client", lambda _service: lambda_)
    assert re.search(words, str(concurrency.shortfall(Stage.read("dev"))))


def test_logs_of_a_stage_with_a_similar_name_are_left_alone(tmp_path: Path) -> None:
    """The name assay-dev-two starts like assay-dev."""
    logs = boto3.client("logs")
    for name in ("assay-dev-csv_validator", "assay-dev-two-csv_validator"):
        logs.create_log_group(logGroupName=f"/aws/lambda/{name}")
    printed: list[str] = []
    deployment = Deployment(stage=Stage.read("dev"), project=tmp_path, confirm=lambda _: True, say=printed.append)
    (retaining,) = (it for it in destroying.steps(deployment, with_bucket=False) if "retention" in it.title)
    assert steps.run([retaining], printed.append), printed
    kept = {it["logGroupName"]: it.get("retentionInDays") for it in logs.describe_log_groups()["logGroups"]}
    assert kept == {"/aws/lambda/assay-dev-csv_validator": 14, "/aws/lambda/assay-dev-two-csv_validator": None}


def test_destroying_without_a_terminal_says_how_to_confirm(
    calls: TerraformCalls, capsys: pytest.CaptureFixture[str]
) -> None:
    """The account is checked before the confirmation."""
    assert main(["destroy", "dev"]) == 1
    printed = capsys.readouterr().out
    assert "[1/4] See that we may use AWS, and what Chalice deployed\n  account 123456789012 in eu-west-1" in printed
    assert "There is no terminal to ask on; confirm beforehand with ARGS=--yes." in printed
    assert "you said no" not in printed
    assert calls.commands() == []


@pytest.mark.parametrize("command", ["stage", "package", "deploy", "destroy"])
def test_unknown_stage_is_refused(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No other step runs before that."""
    assert main([command, "nope"]) == 2
    printed = capsys.readouterr()
    assert printed.err == "there is no stage 'nope' to deploy; .chalice/config.json has dev, prod\n"
    assert printed.out == ""


@pytest.mark.parametrize("stage", ["", "STAGE=nope"])
def test_make_deploy_checks_the_stage_before_running_tests(tmp_path: Path, stage: str) -> None:
    """The tests take minutes."""
    bin_ = tmp_path / ".venv" / "bin"
    bin_.mkdir(parents=True)
    (bin_ / "python").write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/notes\ntest "$4" = dev\n')
    (bin_ / "python").chmod(0o755)
    for name in ("Makefile", "requirements-uv.txt", "requirements-dev.txt"):
        shutil.copy(PROJECT_ROOT / name, tmp_path / name)
    for stamp in (".created", ".develop"):
        (tmp_path / ".venv" / stamp).touch()
    make = [shutil.which("make") or "make", "deploy", *stage.split()]
    ended = subprocess.run(  # noqa: S603 - a constant command
        make, cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, check=False
    )
    assert ended.returncode != 0
    noted = (tmp_path / "notes").read_text() if stage else ""
    assert noted == ("-m infra.deploy stage nope\n" if stage else "")
    assert stage or b"say which: make deploy STAGE=dev" in ended.stderr
