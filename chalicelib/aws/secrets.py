"""Plain-text secrets in AWS Secrets Manager."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.errors import error_code
from chalicelib.errors import SecretsUnavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def secret_text(client: "SecretsManagerClient", arn: str) -> str:
    """Return the secret of an ARN or name; raises SecretsUnavailable."""
    try:
        response = client.get_secret_value(SecretId=arn)
    except (BotoCoreError, ClientError) as error:
        raise SecretsUnavailable(f"the secret {arn} cannot be read: {error_code(error)}") from None
    return response.get("SecretString", "")  # not there in a binary secret
