"""Everything that a deployed stage is for, tried once: it works, or the first thing that does not is named."""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import boto3
from attrs import define, field, frozen

from infra.deploy.deployment import Deployment
from infra.deploy.stages import FUNCTIONS
from infra.deploy.uploads import NoVerdict

_SCHEMA: Final = "rehearsal"
_DESCRIPTOR: Final = {"fields": [{"name": "id", "type": "integer"}]}
_ROWS: Final = b"id\n1\n2\n"
_TRACES: Final = "emulator/traces"
_PATIENCE: Final = 5.0  # seconds
_GLANCE: Final = 0.1  # seconds


class Broken(Exception):
    """Something that a deployment is for does not work; the message says what."""


@frozen(kw_only=True)
class Stack:
    """A deployment as it stands, and what Terraform says of it."""

    deployment: Deployment
    outputs: Mapping[str, Any]


@define(kw_only=True)
class Trial:
    """One try of everything. Only what happens from its start counts."""

    stack: Stack
    directory: Path
    _began: int = field(init=False, factory=lambda: int(time.time() * 1000))

    def __call__(self) -> None:
        """Try everything; raises Broken."""
        self._forget_dead_letters()
        self._migrate()
        self._find_the_report(self._judge_with_the_default_schema())
        uploaded = self._judge_with_a_schema_from_the_bucket()
        self._miss_an_object()
        self._lose_a_notification()
        self._find_the_execution_logged(uploaded)
        self._find_logs()
        self._find_traces()

    def _migrate(self) -> None:
        name = self.stack.deployment.stage.function("migrate")
        answer = boto3.client("lambda").invoke(FunctionName=name)
        if "FunctionError" in answer:
            raise Broken(f"the migration fails: {json.loads(answer['Payload'].read())['errorType']}")

    def _judge_with_the_default_schema(self) -> str:
        return self._judge(self.stack.deployment.project / "samples" / "good.csv", None)

    def _find_the_report(self, upload_id: str) -> None:
        bucket, prefix = self.stack.deployment.stage.bucket, f"reports/{upload_id}/"
        listed = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for entry in listed.get("Contents", ())]
        if not any(key.endswith("/report.html") for key in keys):
            raise Broken("a verdict comes without its report")

    def _judge_with_a_schema_from_the_bucket(self) -> str:
        key = f"schemas/{_SCHEMA}.json"
        bucket = self.stack.deployment.stage.bucket
        boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(_DESCRIPTOR).encode())
        path = self.directory / f"{uuid.uuid4()}.csv"
        path.write_bytes(_ROWS)
        return self._judge(path, _SCHEMA)

    def _judge(self, path: Path, schema: str | None) -> str:
        deployed = self.stack.deployment.deployed()
        upload_id = deployed.put(path, schema=schema)
        try:
            upload = deployed.await_verdict(upload_id, seconds=60, watch=lambda: self._watch(upload_id))
        except NoVerdict as error:
            raise Broken(_short(str(error), upload_id)) from error
        if upload["status"] != "VALIDATED":
            reasons = ", ".join(f"{error['code']}: {error['message']}" for error in upload["errors"])
            raise Broken(f"a valid file is {upload['status']} ({reasons})")
        return upload_id

    def _watch(self, upload_id: str) -> None:
        if self._dead_letters():
            raise Broken("the notification becomes a dead letter: nothing takes the upload up")
        arn = self.stack.outputs["state_machine_arn"]
        failed = boto3.client("stepfunctions").list_executions(stateMachineArn=arn, statusFilter="FAILED")["executions"]
        for execution in failed:
            if execution["name"].startswith(upload_id):
                if self.stack.deployment.deployed().find(upload_id)[1].get("status") != "VALIDATING":
                    return  # there is a verdict all the same, which tells more
                told = boto3.client("stepfunctions").describe_execution(executionArn=execution["executionArn"])
                raise Broken(f"the execution fails with {told.get('error')}, and the upload stays VALIDATING")

    def _miss_an_object(self) -> None:
        """Ask the validator for what is not there."""
        stage = self.stack.deployment.stage
        request = {"uploadId": "gone", "bucket": stage.bucket, "key": "uploads/smoke/gone/gone.csv"}
        answer = boto3.client("lambda").invoke(
            FunctionName=stage.function("csv_validator"), Payload=json.dumps(request).encode()
        )
        named = json.loads(answer["Payload"].read()).get("errorType")
        if named != "ObjectVanished":
            raise Broken(f"an upload that is gone is called {named}")

    def _lose_a_notification(self) -> None:
        """Send the orchestrator what it can only fail at, as S3 would send it."""
        name = self.stack.deployment.stage.function("csv_orchestrator")
        boto3.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'{"Records": [{}]}')
        self._await(lambda: self._dead_letters() > 0, "a notification that fails is lost without a dead letter")

    def _find_the_execution_logged(self, upload_id: str) -> None:
        self._await(
            partial(self._is_logged, self.stack.outputs["log_group_name"], upload_id),
            "the execution leaves no log, and AWS would not even have made the state machine",
        )

    def _find_logs(self) -> None:
        for function in FUNCTIONS:
            group = f"/aws/lambda/{self.stack.deployment.stage.function(function)}"
            found = partial(self._is_logged, group, '"message": "invocation"')
            self._await(found, f"{function} leaves no log")

    def _find_traces(self) -> None:
        stage = self.stack.deployment.stage
        for name in (*(stage.function(function) for function in FUNCTIONS), stage.state_machine):
            self._await(partial(self._is_logged, _TRACES, f'"{name}"'), f"{name} is missing from the traces")

    def _is_logged(self, group: str, words: str) -> bool:
        logs = boto3.client("logs")
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=self._began)
        try:
            return any(words in event["message"] for page in pages for event in page["events"])
        except logs.exceptions.ResourceNotFoundException:
            return False

    def _await(self, holds: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                raise Broken(otherwise)
            time.sleep(_GLANCE)

    def _dead_letters(self) -> int:
        counted = boto3.client("sqs").get_queue_attributes(
            QueueUrl=self.stack.outputs["dead_letter_queue_url"], AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(counted["Attributes"]["ApproximateNumberOfMessages"])

    def _forget_dead_letters(self) -> None:
        boto3.client("sqs").purge_queue(QueueUrl=self.stack.outputs["dead_letter_queue_url"])


def _short(message: str, upload_id: str) -> str:
    """Leave out what differs from one try to the next, and the body of an answer."""
    return message.partition(": {")[0].replace(upload_id, "{uploadId}")
