"""boto3's clients, with time-outs and retries."""

import os
from typing import Any

from chalicelib.errors import SettingsMissing

DEFAULT: dict[str, Any] = {
    "connect_timeout": 5,
    "read_timeout": 30,
    "retries": {"mode": "standard", "max_attempts": 4},
    "max_pool_connections": 64,
}
BRIEF: dict[str, Any] = {"connect_timeout": 1, "read_timeout": 2, "retries": {"mode": "standard", "max_attempts": 2}}
"""Short time-outs, for publishing a recorded verdict while the execution waits."""
PRESIGNING: dict[str, Any] = {
    "signature_version": "s3v4",
    "s3": {"us_east_1_regional_endpoint": "regional", "addressing_style": "virtual"},
}
"""Accepted in every region and for every KMS key. The endpoint is regional: S3 does not redirect form POSTs."""


def client(service: Any, config: dict[str, Any] = DEFAULT, region_name: str | None = None) -> Any:
    """Return a client; raises SettingsMissing if boto3 finds no region or no credentials, as in a bare shell."""
    import boto3
    from botocore.config import Config

    _require_access(region_name)
    return boto3.client(service, region_name=region_name, config=Config(**config))


def _require_access(region_name: str | None) -> None:
    import boto3

    if os.environ.get("AWS_DEFAULT_REGION") and os.environ.get("AWS_ACCESS_KEY_ID"):  # Lambda sets both
        return
    session = boto3.Session()
    missing = [] if region_name or session.region_name else ["AWS_DEFAULT_REGION"]
    missing += [] if session.get_credentials() else ["AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"]
    if missing:
        raise SettingsMissing(f"the environment lacks {', '.join(missing)}")
