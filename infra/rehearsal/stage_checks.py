"""Check everything that a deployed stage does; the first failure raises CheckFailed."""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import boto3
from attrs import define, field, frozen

from chalicelib.loading.table import Table
from chalicelib.postgres import loads_in_doubt
from chalicelib.postgres.database import connect
from chalicelib.postgres.dsn import SecretDsn
from chalicelib.postgres.loads_in_doubt import LoadInDoubt
from chalicelib.postgres.tables import create_table
from chalicelib.uploads.lifecycle import EXECUTION, RESTARTS, SETTLER, SWEEP, Status
from chalicelib.uploads.loads import Loaded
from chalicelib.uploads.messages import StatusUpdate
from chalicelib.validation.schema.dataset_options import Load
from infra.deploy.deployment import Deployment
from infra.deploy.stages import FUNCTIONS, Stage
from infra.deploy.uploads import Deployed, NoVerdict
from infra.rehearsal import failures
from infra.rehearsal.api_checks import ApiChecks
from infra.rehearsal.prerequisites import LISTENER
from infra.rehearsal.waiting import TRACES, CheckFailed, Listener, is_logged, wait_until

_SCHEMA: Final = "rehearsal"
_DESCRIPTOR: Final = {"fields": [{"name": "id", "type": "integer"}]}
_LOADED: Final = "loaded"
_LOADED_DESCRIPTOR: Final = {**_DESCRIPTOR, "assay": {"tolerance": {"rows": 1}, "load": {"table": _LOADED}}}
_LOADED_TABLE: Final = Table.of(_LOADED_DESCRIPTOR, Load(table=_LOADED))
_LOADED_ROWS: Final = b"id\n1\nx\n3\n"
"""One of them is rejected, and tolerated."""
_ROWS: Final = b"id\n1\n2\n"
_SPLIT: Final = "split"
_SPLIT_DESCRIPTOR: Final = {**_DESCRIPTOR, "assay": {"tolerance": {"rows": 1}, "split": True}}
_ROWS_IN_PARTS: Final = b"id\n" + b"12345\n" * 300 + b"x2345\n" + b"12345\n" * 199
"""Three parts. One row is rejected, of the second part."""
_DELIVERED_SECONDS: Final = 60.0
_SETTLED_SECONDS: Final = 120.0


@frozen(kw_only=True)
class Stack:
    """A deployed stage, and the outputs of its Terraform root."""

    deployment: Deployment
    outputs: Mapping[str, Any]


@define(kw_only=True)
class StageChecks:
    """One run of all checks. Logs and events from before it are ignored."""

    stack: Stack
    directory: Path
    _began: int = field(init=False, factory=lambda: int(time.time() * 1000))
    _listener: Listener = field(init=False, factory=lambda: Listener(LISTENER))

    def __call__(self) -> None:
        """Run all checks; raises CheckFailed."""
        self._purge_dead_letters()
        self._check_migration()
        validated = self._validate(self._sample, None)
        self._check_report(validated)
        self._expect_event(validated, EXECUTION, "upload_status")
        uploaded = self._validate_by_uploaded_schema()
        self._check_load()
        self._check_parts()
        self._api_checks.read(_SCHEMA, uploaded)
        self._await_validated(self._api_checks.send(_ROWS, _SCHEMA))
        self._api_checks.follow_a_link(_SCHEMA)
        self._check_missing_object()
        self._check_dead_letter()
        settled = self._check_settler()
        self._expect_event(settled, SETTLER, "execution_settler")
        self._api_checks.replay(settled)
        self._await_validated(settled)
        self._check_sweep()
        self._check_authorizer()
        self._check_log_of_execution(uploaded)
        self._check_logs()
        self._check_traces()

    @property
    def _stage(self) -> Stage:
        return self.stack.deployment.stage

    @property
    def _deployed(self) -> Deployed:
        return self.stack.deployment.deployed()

    @property
    def _api_checks(self) -> ApiChecks:
        return ApiChecks(deployed=self._deployed)

    @property
    def _sample(self) -> Path:
        return self.stack.deployment.project / "samples" / "good.csv"

    def _check_migration(self) -> None:
        if failure := self._invoke("migrate", {}):
            raise CheckFailed(f"the migration fails: {failure}")

    def _check_authorizer(self) -> None:
        """Check that the authorizer answers, which has no route in a stage without sign-in."""
        event = {"type": "TOKEN", "authorizationToken": "Bearer a.b.c", "methodArn": "arn"}
        if (failure := self._invoke("token_authorizer", event)) != "SettingsMissing":
            raise CheckFailed(f"the authorizer of a stage without sign-in ends with {failure}")

    def _validate_by_uploaded_schema(self) -> str:
        return self._validate_rows(_ROWS, _SCHEMA, _DESCRIPTOR)

    def _validate_rows(self, rows: bytes, schema: str, descriptor: Mapping[str, Any]) -> str:
        """Upload a schema, and a file for it that is valid by it."""
        key = f"schemas/{schema}.json"
        boto3.client("s3").put_object(Bucket=self._stage.bucket, Key=key, Body=json.dumps(descriptor).encode())
        return self._validate(self._file(rows), schema)

    def _file(self, rows: bytes) -> Path:
        path = self.directory / f"{uuid.uuid4()}.csv"
        path.write_bytes(rows)
        return path

    def _check_load(self) -> None:
        """Load the accepted rows of a file into a table of the other database."""
        create_table(_dsn(str(self._stage.load_secret)), _LOADED_TABLE)
        upload_id = self._validate_rows(_LOADED_ROWS, _LOADED, _LOADED_DESCRIPTOR)
        upload = self._deployed.find(upload_id)[1]
        if (upload["loadedRows"], upload["loadedTable"]) != (2, _LOADED):
            raise CheckFailed(f"{upload['loadedRows']} rows are loaded into {upload['loadedTable']}")

    def _check_parts(self) -> None:
        """Validate a file in parts, and require that a part whose plan is gone is reported so."""
        upload_id = self._validate_rows(_ROWS_IN_PARTS, _SPLIT, _SPLIT_DESCRIPTOR)
        listed = boto3.client("s3").list_objects_v2(Bucket=self._stage.bucket, Prefix=f"parts/{upload_id}/")
        if listed["KeyCount"] <= 1:
            raise CheckFailed("a large file is not validated in parts")
        self._check_report(upload_id)
        self._check_accepted(upload_id)
        place = {"uploadId": upload_id, "bucket": self._stage.bucket, "executionName": "gone", "plan": "0" * 32 + "-1"}
        for function, what in (("part_validator", {"reading": {"number": 0}}), ("part_splitter", {"segment": 0})):
            named = self._invoke(function, place | what)
            if named != "ObjectVanished":
                raise CheckFailed(f"a part whose plan is gone is called {named} by {function}")

    def _check_accepted(self, upload_id: str) -> None:
        """Require that a file in parts is split."""
        s3, prefix = boto3.client("s3"), f"results/{upload_id}/{self._deployed.find(upload_id)[1]['executionName']}/"
        accepted = s3.get_object(Bucket=self._stage.bucket, Key=f"{prefix}accepted.csv")["Body"].read()
        if accepted != _ROWS_IN_PARTS.replace(b"x2345\n", b""):
            raise CheckFailed("the accepted rows of a large file are others")

    def _validate(self, path: Path, schema: str | None) -> str:
        upload_id = self._deployed.put(path, schema=schema)
        self._await_validated(upload_id, watch=partial(self._fail_early, upload_id))
        return upload_id

    def _await_validated(self, upload_id: str, *, watch: Callable[[], None] = lambda: None) -> None:
        try:
            upload = self._deployed.wait_for_verdict(upload_id, watch=watch)
        except NoVerdict as error:
            raise CheckFailed(_without_details(str(error), upload_id)) from error
        if upload["status"] != "VALIDATED":
            reasons = ", ".join(f"{error['code']}: {error['message']}" for error in upload["errors"])
            raise CheckFailed(f"a valid file is {upload['status']} ({reasons})")

    def _fail_early(self, upload_id: str) -> None:
        if self._count_dead_letters():
            raise CheckFailed("the notification becomes a dead letter: nothing takes the upload up at once")
        if self._deployed.find(upload_id)[1].get("attempt", 1) > 1:
            error = self._error_of_execution(upload_id)
            raise CheckFailed(f"executions fail with {error} before a verdict is recorded: the settler begins others")

    def _error_of_execution(self, upload_id: str) -> str | None:
        """Return the error with which an execution for an upload has failed."""
        states = boto3.client("stepfunctions")
        arn = self.stack.outputs["state_machine_arn"]
        failed = states.list_executions(stateMachineArn=arn, statusFilter="FAILED")["executions"]
        execution = next(it for it in failed if it["name"].startswith(upload_id))
        return states.describe_execution(executionArn=execution["executionArn"]).get("error")

    def _check_report(self, upload_id: str) -> None:
        listed = boto3.client("s3").list_objects_v2(Bucket=self._stage.bucket, Prefix=f"reports/{upload_id}/")
        keys = [entry["Key"] for entry in listed.get("Contents", ())]
        if not any(key.endswith("/report.html") for key in keys):
            raise CheckFailed("a verdict comes without its report")

    def _check_missing_object(self) -> None:
        """Require that the validator reports a missing object as ObjectVanished."""
        request = {"uploadId": "gone", "bucket": self._stage.bucket, "key": "uploads/smoke/gone/gone.csv"}
        named = self._invoke("csv_validator", request)
        if named != "ObjectVanished":
            raise CheckFailed(f"an upload that is gone is called {named}")

    def _check_dead_letter(self) -> None:
        """Send the orchestrator a malformed notification, and wait for its dead letter."""
        name = self._stage.function("csv_orchestrator")
        boto3.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'{"Records": [{}]}')
        wait_until(
            lambda: self._count_dead_letters() > 0,
            "a notification that fails is lost without a dead letter",
            seconds=_DELIVERED_SECONDS,
        )

    def _check_settler(self) -> str:
        """Make executions fail before they record a verdict; return the upload, which ends as a system failure."""
        with failures.with_wrong_handler(self._stage.function("upload_status")):
            upload_id = self._deployed.put(self._sample)
            try:
                upload = self._deployed.wait_for_verdict(upload_id, seconds=_SETTLED_SECONDS)
            except NoVerdict as error:
                raise CheckFailed("an upload whose execution fails without a verdict stays VALIDATING") from error
        if (upload["status"], upload["attempt"]) != ("VALIDATION_FAILED", 1 + RESTARTS):
            raise CheckFailed(f"an upload without a verdict ends {upload['status']}, at attempt {upload['attempt']}")
        return upload_id

    def _check_sweep(self) -> None:
        """Run a sweep that meets a running execution, an aborted one, a lost notification and a missing object.

        The aborted one leaves a load in doubt.
        """
        with failures.throttled(self._stage.function("upload_status")):
            waiting = self._deployed.put(self._file(_ROWS), schema=_SCHEMA)
            is_known = partial(self._is_known, waiting)
            wait_until(is_known, "nothing takes an upload up", seconds=_DELIVERED_SECONDS)
            self._api_checks.renew_form(waiting, _SCHEMA)
            with failures.without_notifications(self._stage.bucket):
                unannounced = self._deployed.put(self._sample)
            self._api_checks.register(_SCHEMA)
            with failures.without_rule(self.stack.outputs["lambda_arns"]["execution_settler"]):
                aborted = self._abort()
            self._doubt_load(aborted)
            if failure := self._invoke("upload_sweep", {}):
                raise CheckFailed(f"the sweep fails: {failure}")
        self._expect_event(aborted, SWEEP, "upload_sweep")
        for upload_id in (waiting, unannounced):
            self._await_validated(upload_id)

    def _abort(self) -> str:
        """Upload a file and abort its execution before a verdict; return the upload id."""
        upload_id = self._deployed.put(self._sample)
        wait_until(partial(self._is_known, upload_id), "nothing takes an upload up", seconds=_DELIVERED_SECONDS)
        _code, upload = self._deployed.find(upload_id)
        executions = self.stack.outputs["state_machine_arn"].replace(":stateMachine:", ":execution:")
        boto3.client("stepfunctions").stop_execution(executionArn=f"{executions}:{upload['executionName']}")
        return upload_id

    def _doubt_load(self, upload_id: str) -> None:
        """Record that an upload's load may have been committed, as one that crashed within its commit does."""
        name = self._deployed.find(upload_id)[1]["executionName"]
        update = StatusUpdate(upload_id=upload_id, status=Status.VALIDATED, execution_name=name)
        with connect(_dsn(self._stage.secret)()) as connection:
            doubt = LoadInDoubt.of(update, _LOADED_TABLE, Loaded(rows=1, table=_LOADED))
            loads_in_doubt.mark(connection, doubt)

    def _expect_event(self, upload_id: str, actor: str, function: str) -> None:
        received = partial(self._listener.has_received, upload_id, actor)
        wait_until(received, f"no event is published for the verdicts that {function} records")

    def _is_known(self, upload_id: str) -> bool:
        code, _upload = self._deployed.find(upload_id)
        return code == HTTPStatus.OK

    def _check_log_of_execution(self, upload_id: str) -> None:
        wait_until(
            partial(self._is_logged, self.stack.outputs["log_group_name"], upload_id),
            "the execution leaves no log, and AWS would not even have made the state machine",
        )

    def _check_logs(self) -> None:
        for function in FUNCTIONS:
            group = f"/aws/lambda/{self._stage.function(function)}"
            found = partial(self._is_logged, group, '"message": "invocation"')
            wait_until(found, f"{function} leaves no log")

    def _check_traces(self) -> None:
        for name in (*map(self._stage.function, FUNCTIONS), self._stage.state_machine):
            wait_until(partial(self._is_logged, TRACES, f'"{name}"'), f"{name} is missing from the traces")

    def _is_logged(self, group: str, words: str) -> bool:
        return is_logged(group, words, since=self._began)

    def _invoke(self, function: str, payload: Mapping[str, Any]) -> str | None:
        """Invoke a function synchronously; return the class name of its exception, or None."""
        name = self._stage.function(function)
        answer = boto3.client("lambda").invoke(FunctionName=name, Payload=json.dumps(payload).encode())
        payload = json.loads(answer["Payload"].read())
        return str(payload["errorType"]) if "FunctionError" in answer else None

    def _count_dead_letters(self) -> int:
        counted = boto3.client("sqs").get_queue_attributes(
            QueueUrl=self.stack.outputs["dead_letter_queue_url"], AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(counted["Attributes"]["ApproximateNumberOfMessages"])

    def _purge_dead_letters(self) -> None:
        boto3.client("sqs").purge_queue(QueueUrl=self.stack.outputs["dead_letter_queue_url"])


def _without_details(message: str, upload_id: str) -> str:
    """Return a message without what differs between runs: the upload id, and the body of an answer."""
    return message.partition(": {")[0].replace(upload_id, "{uploadId}")


def _dsn(secret: str) -> SecretDsn:
    return SecretDsn(client=boto3.client("secretsmanager"), secret_arn=secret)
