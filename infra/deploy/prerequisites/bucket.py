"""The uploads bucket, if infra/bucket creates it."""

from http import HTTPStatus
from typing import Final

import boto3
from botocore.exceptions import ClientError

from infra.deploy.deployment import Deployment
from infra.deploy.steps import Refused

_ROOT: Final = "infra/bucket"
_BUCKET: Final = "aws_s3_bucket.uploads"


def make(deployment: Deployment) -> str:
    """Create the bucket, or apply changes to it, unless it exists and was created otherwise; return what was done."""
    terraform = deployment.root(_ROOT)
    terraform.init()
    # The state comes first: a bucket of ours that was half made is there too, and is to be finished.
    if _BUCKET not in terraform.resources() and _exists(deployment.stage.bucket):
        return "it is there, not made here, and stays as it is"
    changed = deployment.apply(terraform, "make the bucket")
    return "made: private, encrypted, versioned, reached by TLS only" if changed else "it is as it should be"


def destroy(deployment: Deployment) -> str:
    """Destroy the bucket with everything in it; raises Refused if infra/bucket did not create it."""
    bucket = deployment.stage.bucket
    if not deployment.confirm(f"Destroy {bucket} and all uploads in it, for ever?"):
        raise Refused("you said no")
    terraform = deployment.root(_ROOT, force_destroy="true")
    terraform.init()
    if _BUCKET not in terraform.resources():
        raise Refused(f"infra/bucket has not made {bucket}")
    # What force_destroy says counts once it is applied.
    deployment.apply(terraform, "mark the bucket for destruction")
    terraform.destroy()
    return "gone"


def _exists(bucket: str) -> bool:
    try:
        boto3.client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
            raise
        return False
    return True
