"""Secrets in AWS Secrets Manager that are a text."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import SecretsUnavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def secret_text(client: "SecretsManagerClient", arn: str) -> str:
    """Give the secret of that ARN or name, which is plain text; raises SecretsUnavailable."""
    try:
        return client.get_secret_value(SecretId=arn)["SecretString"]
    except (BotoCoreError, ClientError, KeyError) as error:
        raise SecretsUnavailable(f"the secret {arn} cannot be read: {type(error).__name__}") from error
