"""The secret that signs partner links: made once for a stage, and never changed by a deployment."""

import secrets
from typing import Final

import boto3

_BYTES: Final = 48


def make(name: str) -> bool:
    """Make the secret of this name, unless it is there; return whether it was made.

    A secret that the stage names by its ARN belongs to someone else, and has to be there.
    """
    client = boto3.client("secretsmanager")
    try:
        client.describe_secret(SecretId=name)
    except client.exceptions.ResourceNotFoundException:
        if name.startswith("arn:"):
            raise
        client.create_secret(
            Name=name, SecretString=secrets.token_urlsafe(_BYTES), Description="Signs Assay's partner links"
        )
        return True
    return False
