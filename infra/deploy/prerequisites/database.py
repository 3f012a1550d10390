"""The database with its secret and network, if infra/database creates it."""

from typing import Final

import boto3

from infra.deploy import policies
from infra.deploy.deployment import Deployment
from infra.deploy.packaging import certificates
from infra.deploy.prerequisites import network
from infra.deploy.prerequisites.account import region
from infra.deploy.steps import Refused

ROOT: Final = "infra/database"


def make(deployment: Deployment) -> str:
    """Create the database, or apply changes to it, unless its secret was created otherwise; return what was done."""
    terraform = deployment.root(ROOT)
    terraform.init()
    if not terraform.resources() and _secret_exists(deployment.stage.secret):
        return "the secret is there, not made here, and stays as it is"
    changed = deployment.apply(terraform, "make the database, which is paid for by the hour")
    outputs = terraform.outputs()
    result = f"{outputs['host']}, {'made' if changed else 'as it should be'}"
    if certificates.provide(deployment.project, region()):
        result += f"; its authority's certificates are in {certificates.FILE}"
    if network.write(deployment.project, deployment.stage.name, outputs):
        policies.write(deployment.project)
        result += "; .chalice/config.json and the policies have its network: commit them"
    return result


def destroy(deployment: Deployment) -> str:
    """Destroy the database, except for a final snapshot; raises Refused if infra/database did not create it."""
    stage = deployment.stage.name
    if not deployment.confirm(f"Destroy the database of {stage}? A snapshot is kept, which is paid for."):
        raise Refused("you said no")
    terraform = deployment.root(ROOT, deletion_protection="false")
    terraform.init()
    if not terraform.resources():
        raise Refused("infra/database has made none for this stage")
    # The protection is lifted by applying it.
    deployment.apply(terraform, "lift the database's protection")
    snapshot = terraform.outputs().get("final_snapshot")
    terraform.destroy()
    network.write(deployment.project, stage, {"subnet_ids": [], "security_group_ids": []})
    policies.write(deployment.project)
    kept = f"; the snapshot {snapshot} is kept" if snapshot else ""
    return f"gone{kept}. .chalice/config.json and the policies no longer have its network: commit them"


def _secret_exists(name: str) -> bool:
    client = boto3.client("secretsmanager")
    try:
        client.describe_secret(SecretId=name)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True
