"""Secrets in AWS Secrets Manager that are a text."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.errors import reason
from chalicelib.errors import SecretsUnavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def secret_text(client: "SecretsManagerClient", arn: str) -> str:
    """Give the secret of that ARN or name, which is plain text; raises SecretsUnavailable."""
    try:
        answer = client.get_secret_value(SecretId=arn)
    except (BotoCoreError, ClientError) as error:
        raise SecretsUnavailable(f"the secret {arn} cannot be read: {reason(error)}") from None
    return answer.get("SecretString", "")  # one that is bytes is no text
