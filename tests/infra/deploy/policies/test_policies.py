"""The functions' policies: least privilege, compared statement by statement.

A linter accepts any well-formed policy. These tests state the expected ones independently.
"""

import json
from pathlib import Path

import attrs
import pytest
from chalice.constants import LAMBDA_TRUST_POLICY

from infra.deploy import policies
from infra.deploy.stages import (
    FUNCTIONS,
    PROJECT_ROOT,
    EventBusMalformed,
    IamUserMalformed,
    KmsKeyMalformed,
    SettingReplaced,
    Stage,
)
from tests.infra.deploy.policies.expected import expected
from tests.infra.deploy.policies.linting import findings

STAGES = ("dev", "prod")
IN_PARTS = {"part_validator", "seam_checker", "part_merger", "part_splitter", "split_joiner"}
WITHOUT_DATABASE = {"csv_validator", "token_authorizer"} | IN_PARTS


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_has_exactly_these_permissions(stage: str, function: str) -> None:
    """The policy file that Chalice deploys has these statements and no others."""
    config = json.loads((PROJECT_ROOT / ".chalice" / "config.json").read_text())["stages"][stage]
    file = PROJECT_ROOT / ".chalice" / config["lambda_functions"][function]["iam_policy_file"]
    document = json.loads(file.read_text())
    assert document == {"Version": "2012-10-17", "Statement": expected(stage)[function]}


def test_policy_files_are_up_to_date() -> None:
    """`make policies` would change nothing."""
    assert policies.outdated() == []


def test_every_policy_file_is_used() -> None:
    """A file that no stage names would mislead readers."""
    written = {path for stage in Stage.all() for path in policies.files(stage)}
    assert set((PROJECT_ROOT / ".chalice").glob("policy-*.json")) == written


def test_only_lambda_may_assume_the_functions_roles() -> None:
    """Chalice writes the trust policy; this test notices if a new version changes it."""
    assert {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "",
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    } == LAMBDA_TRUST_POLICY


def test_function_in_a_vpc_may_create_network_interfaces() -> None:
    """Chalice adds this permission only to policies that it generates, not to those in files."""
    stage = attrs.evolve(Stage.read("dev"), in_vpc=frozenset({"upload_status"}))
    *others, network = policies.policy(stage, "upload_status")["Statement"]
    assert others == expected("dev")["upload_status"]
    assert network == {
        "Sid": "AttachToVpc",
        "Effect": "Allow",
        "Action": [
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeSubnets",
            "ec2:AssignPrivateIpAddresses",
            "ec2:UnassignPrivateIpAddresses",
        ],
        "Resource": "*",
    }
    assert policies.policy(stage, "csv_validator")["Statement"] == expected("dev")["csv_validator"]


def test_functions_with_subnets_are_in_a_vpc(tmp_path: Path) -> None:
    """Subnets are the stage's or the function's own; a function may override the stage's by none."""
    config = json.loads((PROJECT_ROOT / ".chalice" / "config.json").read_text())
    config["stages"]["dev"] |= {"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}
    config["stages"]["dev"]["lambda_functions"]["csv_validator"] |= {"subnet_ids": [], "security_group_ids": []}
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    assert Stage.read("dev", tmp_path).in_vpc == set(FUNCTIONS) - WITHOUT_DATABASE
    assert Stage.read("prod", tmp_path).in_vpc == set()


BUS_ARN = "arn:aws:events:eu-west-1:210987654321:event-bus/verdicts"


@pytest.mark.parametrize(("bus", "resource"), [("default", "arn:aws:events:*:*:event-bus/default"), (BUS_ARN, BUS_ARN)])
def test_functions_that_record_verdicts_may_publish_them_on_one_bus(bus: str, resource: str) -> None:
    """Events must have Assay as source; without the setting, no function has the permission."""
    stage = attrs.evolve(Stage.read("dev"), event_bus=bus)
    publish = {
        "Sid": "PublishVerdicts",
        "Effect": "Allow",
        "Action": "events:PutEvents",
        "Resource": resource,
        "Condition": {"StringEquals": {"events:source": "assay"}},
    }
    recording = {"upload_status", "execution_settler", "upload_sweep"}
    for function in FUNCTIONS:
        policy = policies.policy(stage, function)
        publishing = [publish] if function in recording else []
        assert policy["Statement"] == expected("dev")[function] + publishing
        assert findings(json.dumps(policy)) == []


def test_setting_of_an_earlier_release_is_refused(tmp_path: Path) -> None:
    """Without it the stage would silently accept IAM's signatures only."""
    config = json.loads((PROJECT_ROOT / ".chalice" / "config.json").read_text())
    config["stages"]["dev"]["environment_variables"]["USER_POOL_ARNS"] = "arn:aws:cognito-idp:eu-west-1:1:userpool/p"
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    with pytest.raises(SettingReplaced, match="SIGN_IN_ISSUER"):
        Stage.read("dev", tmp_path)


@pytest.mark.parametrize("bus", ["*", "arn:aws:events:*:*:event-bus/default", "a bus"])
def test_malformed_event_bus_is_refused(tmp_path: Path, bus: str) -> None:
    """A permission is written from the name, which must not contain wildcards."""
    config = json.loads((PROJECT_ROOT / ".chalice" / "config.json").read_text())
    config["stages"]["dev"]["environment_variables"]["EVENT_BUS"] = bus
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    with pytest.raises(EventBusMalformed, match="such as default"):
        Stage.read("dev", tmp_path)


def test_functions_that_iam_authenticates_may_connect_as_one_user() -> None:
    """Only functions that use the database have the permission, and none has it without the setting."""
    stage = attrs.evolve(Stage.read("dev"), iam_user="db-ABCDEFGHIJKL01234/assay")
    connect = {
        "Sid": "ConnectToDatabase",
        "Effect": "Allow",
        "Action": "rds-db:connect",
        "Resource": "arn:aws:rds-db:*:*:dbuser:db-ABCDEFGHIJKL01234/assay",
    }
    for function in FUNCTIONS:
        statements = policies.policy(stage, function)["Statement"]
        assert [it for it in statements if it != connect] == expected("dev")[function]
        assert (connect in statements) is (function not in WITHOUT_DATABASE)
        assert findings(json.dumps(policies.policy(stage, function))) == []


@pytest.mark.parametrize("user", ["true", "*", "db-1/*", "*/assay", "db-1/assay/x"])
def test_iam_authenticates_one_user(tmp_path: Path, user: str) -> None:
    """A wildcard would permit all users; a malformed name would permit none."""
    config = json.loads((PROJECT_ROOT / ".chalice" / "config.json").read_text())
    config["stages"]["dev"]["environment_variables"]["DATABASE_IAM_USER"] = user
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    with pytest.raises(IamUserMalformed, match="db-ABCDEFGHIJKL01234/assay"):
        Stage.read("dev", tmp_path)


def test_secret_may_be_named_by_its_arn() -> None:
    """An ARN is complete: no suffix is added to it."""
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-0a1b-Xy12Zz"
    stage = attrs.evolve(Stage.read("dev"), secret=arn)
    (statement, *_) = policies.policy(stage, "migrate")["Statement"]
    assert statement["Resource"] == arn


def test_only_the_function_that_signs_links_reads_their_secret() -> None:
    """Without the setting, no function has the permission."""
    stage = attrs.evolve(Stage.read("dev"), link_secret="assay-dev-links")
    resource = "arn:aws:secretsmanager:*:*:secret:assay-dev-links-??????"
    allowed = {
        function: [it["Resource"] for it in policies.policy(stage, function)["Statement"] if "LinkSecret" in it["Sid"]]
        for function in FUNCTIONS
    }
    assert {function: [] for function in FUNCTIONS} | {"api_handler": [resource]} == allowed


def test_functions_that_read_or_write_objects_may_use_the_buckets_key(tmp_path: Path) -> None:
    """Only through S3, which needs a data key to write, and decrypts to read and to join parts."""
    key = "arn:aws:kms:eu-west-1:123456789012:key/0123-abcd"
    stage = attrs.evolve(Stage.read("dev"), kms_key=key)
    statement = {
        "Sid": "UseKey",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": key,
        "Condition": {"StringLike": {"kms:ViaService": "s3.*"}},
    }
    having = {name for name in FUNCTIONS if statement in policies.policy(stage, name)["Statement"]}
    assert {"csv_validator", "row_loader", "api_handler"} | IN_PARTS == having
    assert [] == findings(json.dumps(policies.policy(stage, "csv_validator")))
    with pytest.raises(KmsKeyMalformed):
        Stage.read("dev", configured(tmp_path, kms_key_arn="arn:aws:kms:eu-west-1:123456789012:alias/assay"))


def test_arns_are_of_the_stages_partition(tmp_path: Path) -> None:
    """GovCloud and China have partitions of their own."""
    stage = Stage.read("dev", configured(tmp_path, aws_partition="aws-us-gov"))
    for function in FUNCTIONS:
        written = json.dumps(policies.policy(stage, function))
        assert "arn:aws-us-gov:" in written
        assert "arn:aws:" not in written


def test_sweep_lists_the_uploads_of_the_stage(tmp_path: Path) -> None:
    """What the notification's prefix leaves out is none of its business."""
    stage = attrs.evolve(Stage.read("dev"), prefix="uploads/partners/")
    (listing,) = (it for it in policies.policy(stage, "upload_sweep")["Statement"] if it["Sid"] == "ListUploads")
    assert {"StringEquals": {"s3:prefix": "uploads/partners/"}} == listing["Condition"]
    assert "uploads/" == Stage.read("dev", configured(tmp_path)).prefix


def configured(directory: Path, **settings: str) -> Path:
    """Return a project whose stage dev has these settings, too."""
    config = json.loads((PROJECT_ROOT / ".chalice" / "config.json").read_text())
    config["stages"]["dev"] |= settings
    (directory / ".chalice").mkdir()
    (directory / ".chalice" / "config.json").write_text(json.dumps(config))
    return directory


def test_schemas_may_be_in_a_bucket_of_their_own() -> None:
    """Both buckets may be listed, so that S3 returns 404 for missing objects; each is limited to its prefix."""
    stage = attrs.evolve(Stage.read("dev"), schemas="s3://our-schemas/csv/")
    statements = {it["Sid"]: it for it in policies.policy(stage, "csv_validator")["Statement"]}
    assert statements["ReadSchemas"]["Resource"] == "arn:aws:s3:::our-schemas/csv/*"
    missing = statements["DistinguishMissingFromForbidden"]
    assert missing["Resource"] == ["arn:aws:s3:::assay-dev-uploads", "arn:aws:s3:::our-schemas"]
    assert missing["Condition"] == {"StringLikeIfExists": {"s3:prefix": ["csv/*", "uploads/*"]}}


@pytest.mark.parametrize("path", sorted((PROJECT_ROOT / ".chalice").glob("policy-*.json")), ids=lambda path: path.name)
def test_policies_pass_the_linter(path: Path) -> None:
    """Each action exists, and matches its resource and condition."""
    assert findings(path.read_text()) == []


def test_linter_finds_an_unknown_action() -> None:
    """This shows that the linter works."""
    wrong = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ReadObject", "Resource": "*"}]}
    assert findings(json.dumps(wrong)) == ["UNKNOWN_ACTION"]


def test_loader_and_sweep_read_the_secret_of_another_database() -> None:
    """row_loader loads rows, and upload_sweep decides loads in doubt; no other function needs that database."""
    stage = attrs.evolve(Stage.read("dev"), load_secret="assay-dev-tables")
    statement = {
        "Sid": "ReadLoadSecret",
        "Effect": "Allow",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "arn:aws:secretsmanager:*:*:secret:assay-dev-tables-??????",
    }
    assert ["row_loader", "upload_sweep"] == [
        name for name in FUNCTIONS if statement in policies.policy(stage, name)["Statement"]
    ]
