"""What Chalice wrote about a stage, kept in the stage's bucket.

Without it Chalice does not know what it deployed: it would create a second HTTP API, and fail at roles that exist.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import boto3
from attrs import frozen
from botocore.exceptions import ClientError

from infra.deploy.stages import FUNCTIONS, Stage

_MISSING: Final = frozenset({"404", "NoSuchKey", "NoSuchBucket"})


class DeploymentUnknown(Exception):
    """The stage's functions exist, but Chalice's record of them does not; the message says how to recover it."""


@frozen(kw_only=True)
class DeployedFile:
    """`.chalice/deployed/<stage>.json`, and its copy in the bucket, `deployments/<stage>.json`."""

    stage: Stage
    project: Path

    @property
    def path(self) -> Path:
        """Where Chalice writes and reads it."""
        return self.project / ".chalice" / "deployed" / f"{self.stage.name}.json"

    @property
    def key(self) -> str:
        """Its key in the bucket."""
        return f"deployments/{self.stage.name}.json"

    def fetch(self) -> None:
        """Download the copy, unless the file here is newer; raises DeploymentUnknown if functions exist and no record.

        It is newer if a deployment could not store it.
        """
        copy = self._copy()
        if copy and (not self.path.exists() or copy["LastModified"] > self._modified()):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(copy["Body"].read())
        if not self._records_functions() and (function := self._existing_function()):
            raise DeploymentUnknown(
                f"the function {function} exists, but neither {self.path.relative_to(self.project)} nor"
                f" s3://{self.stage.bucket}/{self.key} records it. See docs/operations.md, lost record of a deployment."
            )

    def store(self) -> None:
        """Put the file into the bucket."""
        boto3.client("s3").put_object(Bucket=self.stage.bucket, Key=self.key, Body=self.path.read_bytes())

    def _copy(self) -> Any:
        try:
            return boto3.client("s3").get_object(Bucket=self.stage.bucket, Key=self.key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _MISSING:
                raise
            return None

    def _modified(self) -> datetime:
        return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)

    def _records_functions(self) -> bool:
        resources = json.loads(self.path.read_text())["resources"] if self.path.exists() else []
        return any(resource["resource_type"] == "lambda_function" for resource in resources)

    def _existing_function(self) -> str | None:
        lambda_: Any = boto3.client("lambda")
        for name in map(self.stage.function, FUNCTIONS):
            try:
                lambda_.get_function_configuration(FunctionName=name)
            except lambda_.exceptions.ResourceNotFoundException:
                continue
            return str(name)
        return None
