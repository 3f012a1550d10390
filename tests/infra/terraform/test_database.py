"""The database's root, with a real provider, applied to an AWS on this machine."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import boto3
import pytest

from infra.deploy import commands
from infra.deploy.commands import CommandFailed
from infra.deploy.terraform import Terraform
from infra.rehearsal import provider

pytestmark = pytest.mark.trial(minutes=4)  # each starts the provider, several times

REGION = "eu-west-1"
GIVEN = '["subnet-0a", "subnet-0b"]'


@pytest.fixture
def terraform(project: Path, provider_archive: Path, aws_endpoint: str) -> Terraform:
    """Make the copy's root use the provider."""
    root = project / "infra" / "database"
    extra = provider.use(provider_archive, root, endpoint=aws_endpoint, region=REGION)
    terraform = Terraform(root=root, stage="dev", environment={**os.environ, **extra})
    terraform.init()
    return terraform


def applied(terraform: Terraform) -> Mapping[str, Any]:
    """Apply the root, see that a second plan changes nothing, and return its outputs."""
    assert terraform.plan()
    terraform.apply()
    assert not terraform.plan(), "a second plan changes something"
    return terraform.outputs()


def secret() -> dict[str, Any]:
    """Return the database's secret."""
    read = boto3.client("secretsmanager").get_secret_value(SecretId="assay-dev-database")
    content: dict[str, Any] = json.loads(read["SecretString"])
    return content


def test_database_in_a_new_vpc(terraform: Terraform) -> None:
    """Private subnets, endpoints, one way in, a complete secret; nothing outlives a destroy."""
    outputs = applied(terraform)

    rds, ec2 = boto3.client("rds"), boto3.client("ec2")
    (database,) = rds.describe_db_instances()["DBInstances"]
    assert ("postgres", "assay", False, True, True) == tuple(
        database[name] for name in ("Engine", "DBName", "PubliclyAccessible", "StorageEncrypted", "DeletionProtection")
    )
    assert 7 == database["BackupRetentionPeriod"]
    its = secret()
    assert its.pop("password") != ""
    assert {
        "engine": "postgres",
        "host": outputs["host"],
        "port": 5432,
        "dbname": "assay",
        "username": "assay",
        "sslmode": "verify-full",
        "sslrootcert": "/var/task/rds.pem",
    } == its
    endpoints = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert {("Gateway", "s3"), ("Interface", "secretsmanager"), ("Interface", "states")} == {
        (it["VpcEndpointType"], it["ServiceName"].rpartition(".")[2]) for it in endpoints
    }
    assert not ec2.describe_nat_gateways()["NatGateways"]
    subnets = ec2.describe_subnets(SubnetIds=outputs["subnet_ids"])["Subnets"]
    assert 2 == len({it["AvailabilityZone"] for it in subnets})
    assert_only_functions_reach_the_database(outputs)

    attrs.evolve(terraform, variables={"deletion_protection": "false", "final_snapshot": "false"}).plan()
    terraform.apply()
    terraform.destroy()
    assert frozenset() == terraform.resources()
    assert [] == boto3.client("secretsmanager").list_secrets()["SecretList"]
    assert (
        []
        == ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["assay-dev-*"]}])["SecurityGroups"]
    )


def assert_only_functions_reach_the_database(outputs: Mapping[str, Any]) -> None:
    """From outside of their security group no rule lets anything in."""
    groups = {
        it["GroupName"]: it
        for it in boto3.client("ec2").describe_security_groups()["SecurityGroups"]
        if it["GroupName"].startswith("assay-dev-")
    }
    (functions,) = outputs["security_group_ids"]
    assert groups["assay-dev-functions"]["GroupId"] == functions
    for name, port in (("assay-dev-database", 5432), ("assay-dev-endpoints", 443)):
        (rule,) = groups[name]["IpPermissions"]
        assert (port, port, []) == (rule["FromPort"], rule["ToPort"], rule["IpRanges"])
        assert [functions] == [pair["GroupId"] for pair in rule["UserIdGroupPairs"]]
    assert [] == groups["assay-dev-functions"]["IpPermissions"]


def test_aurora_behind_a_nat_gateway(terraform: Terraform) -> None:
    """The other engine, and the other way to AWS."""
    attrs.evolve(terraform, variables={"engine": "aurora", "access": "nat"}).plan()
    terraform.apply()

    (cluster,) = boto3.client("rds").describe_db_clusters()["DBClusters"]
    assert ("aurora-postgresql", "assay") == (cluster["Engine"], cluster["DatabaseName"])
    assert cluster["Endpoint"] == terraform.outputs()["host"] == secret()["host"]
    (endpoint,) = boto3.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    assert "Gateway" == endpoint["VpcEndpointType"]
    assert 1 == len(boto3.client("ec2").describe_nat_gateways()["NatGateways"])


def test_given_network_is_used_as_it_is(terraform: Terraform) -> None:
    """Where it has its own way to AWS, nothing is added but security groups."""
    attrs.evolve(terraform, variables={"vpc_id": "vpc-0a", "subnet_ids": GIVEN, "access": "none"}).plan()
    shown = commands.run(
        ["terraform", "show", "-json", ".terraform/stage.tfplan"],
        cwd=terraform.root,
        environment=terraform.environment,
    )
    planned = {
        it["address"]: it["change"]["after"]
        for it in json.loads(shown.stdout)["resource_changes"]
        if it["mode"] == "managed"
    }
    assert json.loads(GIVEN) == planned["aws_db_subnet_group.this"]["subnet_ids"]
    assert "vpc-0a" == planned["aws_security_group.functions"]["vpc_id"]
    assert not [address for address in planned if re.match(r"aws_(vpc|subnet|route|nat|eip|internet)", address)]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"subnet_ids": GIVEN}, r"subnet_ids\s+are\s+those\s+of\s+vpc_id"),
        ({"vpc_id": "vpc-0a", "subnet_ids": GIVEN, "access": "nat"}, r"in\s+a\s+VPC\s+that\s+is\s+made\s+here"),
    ],
)
def test_contradictory_variables_are_refused(terraform: Terraform, variables: dict[str, str], words: str) -> None:
    """Terraform refuses them before it plans anything."""
    with pytest.raises(CommandFailed) as failure:
        attrs.evolve(terraform, variables=variables).plan()
    assert re.search(words, str(failure.value).replace("│", " ")), failure.value


def test_every_wrong_variable_is_named(terraform: Terraform) -> None:
    """Each variable states what it takes, before anything is made."""
    wrong = {
        "stage": "local",
        "engine": "mysql",
        "engine_version": "9.6",
        "instance_class": "t4g.micro",
        "storage_gb": "5",
        "max_storage_gb": "20",
        "min_capacity": "-1",
        "max_capacity": "0",
        "vpc_id": "default",
        "subnet_ids": '["subnet-0a"]',
        "vpc_cidr": "10.0.0.0/28",
        "access": "internet",
        "endpoint_zones": "3",
        "backup_retention_days": "0",
        "kms_key_arn": "alias/assay",
        "tags": '{"Stage": "test"}',
    }
    with pytest.raises(CommandFailed) as failure:
        attrs.evolve(terraform, variables=wrong).plan()
    named = set(re.findall(r'Invalid value for variable[\s\S]*?variable "(\w+)"', str(failure.value)))
    assert named == set(wrong)
