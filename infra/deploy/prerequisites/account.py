"""The account of a deployment, and what the stage names in it."""

from collections.abc import Callable, Iterator
from functools import partial

import boto3
from botocore.exceptions import ClientError

from infra.deploy.prerequisites import link_secret
from infra.deploy.stages import Stage
from infra.deploy.steps import Refused


def region() -> str:
    """Return the region; raises Refused if none is chosen."""
    chosen = boto3.Session().region_name
    if chosen is None:
        raise Refused("no region is chosen: set AWS_DEFAULT_REGION (AWS_REGION alone will not do)")
    return chosen


def check(stage: Stage) -> str:
    """Return the account, region and caller; raises Refused if the account is in another partition than the stage."""
    chosen = region()
    caller = boto3.client("sts").get_caller_identity()
    if (partition := caller["Arn"].split(":")[1]) != stage.partition:
        raise Refused(f"the account is in {partition}, the stage in {stage.partition}: set aws_partition")
    return f"account {caller['Account']} in {chosen}, as {caller['Arn']}"


def check_with_names(stage: Stage) -> str:
    """Return the account and what the stage names in it; raises Refused if something is missing."""
    account = check(stage)
    for name, look in _named(stage):
        try:
            look()
        except ClientError as error:
            raise Refused(f"{name}: {error}") from error
    return "; ".join([account, *(name for name, _ in _named(stage))])


def _named(stage: Stage) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what the stage names: with a check whether it exists, or, for the secret of links, with its making."""
    if secret := stage.link_secret:
        yield f"secret {secret}", partial(link_secret.make, secret)
    bus = stage.event_bus
    # One that has an ARN may be another account's, which need not let us look.
    if bus and not bus.startswith("arn:"):
        yield f"event bus {bus}", partial(boto3.client("events").describe_event_bus, Name=bus)
