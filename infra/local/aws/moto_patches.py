"""Patches of moto for what it lacks of AWS, applied while a context is open.

moto's state, and so the patches, belong to the process: there is one local AWS at a time.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from io import BytesIO
from typing import Any
from unittest.mock import patch

from attrs import frozen
from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication as Dispatcher
from moto.s3 import notifications
from moto.s3.models import FakeKey
from moto.s3.responses import S3Response
from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser
from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication

from infra.local.aws.http_requests import FORM_WITH_FILE, Delivery, Outbox
from infra.local.aws.object_ranges import read_ranges
from infra.local.aws.presigned_post import SentForm
from infra.local.aws.s3_notifications import Sequencer, StoredObject, notification
from infra.local.lambdas.runtime import LambdaRuntime


@frozen(kw_only=True)
class ExecutionEnded:
    """An execution of a state machine has ended with `status`: SUCCEEDED, FAILED, TIMED_OUT or ABORTED.

    `error` and `cause` are those of a failure; `output` is that of a success.
    """

    arn: str
    state_machine_arn: str
    name: str
    status: str
    started: datetime
    stopped: datetime
    input: Any
    output: Any = None
    error: str | None = None
    cause: str | None = None

    def detail(self) -> dict[str, Any]:
        """Return what EventBridge's status change event says in detail."""
        included = {"included": True}
        return {
            "executionArn": self.arn,
            "stateMachineArn": self.state_machine_arn,
            "name": self.name,
            "status": self.status,
            "startDate": _milliseconds(self.started),
            "stopDate": _milliseconds(self.stopped),
            "input": json.dumps(self.input),
            "output": None if self.output is None else json.dumps(self.output),
            "inputDetails": included,
            "outputDetails": None if self.output is None else included,
            "error": self.error,
            "cause": self.cause,
        }


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


class TooManyRequests(LambdaClientError):  # type: ignore[misc] # moto has no types
    """Lambda's answer to a caller that it throttles."""

    code = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


@contextmanager
def connect_moto(
    runtime: LambdaRuntime, *, port: int, notify: Delivery, on_execution_ended: Callable[[ExecutionEnded], None]
) -> Iterator[Outbox]:
    """Connect moto's Lambda, S3 notifications and Step Functions with each other and with `runtime`.

    Return the outbox of notifications, which has to be sent after each request; `notify` delivers them.
    """
    outbox = Outbox(notify)
    with ExitStack() as undo:
        for replacement in (
            patch.dict(
                default_user_config,
                # By default moto wants Docker to run functions, and merely pretends to run state machines.
                {"lambda": {"use_docker": False}, "stepfunctions": {"execute_state_machine": True}},
            ),
            # The Step Functions engine looks here for the Lambda API that its tasks call.
            patch.dict(os.environ, {"MOTO_PORT": str(port)}),
            patch.object(LambdaSimpleBackend, "invoke", _invoke_with(runtime)),
            patch.object(notifications, "_get_s3_event", _event_with(Sequencer())),
            patch.object(notifications, "_invoke_awslambda", _delivery_to(outbox)),
            # moto would make a client for each invocation, which takes longer than the invocation.
            patch.object(lambda_eval_utils, "boto_client_for", _clients()),
            # moto would build a parser for each path of a state, each time; its result does not change.
            patch.object(json_path, "parse", cache(json_path.parse)),
            patch.object(result_path, "parse", cache(result_path.parse)),
            # moto would parse a state machine for each of its executions.
            patch.object(ASLParser, "state_machine", _parsed_once()),
            # For each request moto would look up in its directory and in all URLs which service a host is.
            patch.object(Dispatcher, "get_backend_for_host", cache(Dispatcher.get_backend_for_host)),
            patch.object(S3Response, "_bucket_response_post", _post_within_policy()),
            patch.object(FakeKey, "__deepcopy__", _without_content, create=True),
            patch.object(BaseExecutionWorkerCommunication, "terminated", _report_end_to(on_execution_ended)),
        ):
            undo.enter_context(replacement)
        undo.enter_context(read_ranges())
        yield outbox


def _invoke_with(runtime: LambdaRuntime) -> Callable[..., bytes]:
    """Run functions: moto without Docker echoes the event."""

    def invoke(  # noqa: PLR0913, PLR0917 - moto's signature
        backend: LambdaSimpleBackend,
        function_name: str,
        qualifier: str | None,
        body: str | bytes,
        headers: Any,
        response_headers: dict[str, str],
    ) -> bytes:
        name = backend.get_function(function_name, qualifier).function_name
        event = (body.decode() if isinstance(body, bytes) else body) or "{}"
        match headers.get("X-Amz-Invocation-Type", "RequestResponse"):
            case "DryRun":
                return b""
            case "Event":
                runtime.invoke_async(name, event)
                return b""
        response = runtime.invoke(name, event)
        if response.is_throttled:
            raise TooManyRequests
        if response.failure is not None:
            response_headers["x-amz-function-error"] = "Unhandled"
        return response.payload.encode()

    return invoke


def _clients() -> Callable[..., Any]:
    """Wrap moto's function that creates clients, so that each region and service has one client."""
    make = cache(lambda_eval_utils.boto_client_for)
    return lambda region, service, **_credentials: make(region, service)


def _parsed_once() -> Callable[[ASLParser], Any]:
    """Wrap moto's parser of state machines, so that each definition without a syntax error is parsed once."""
    parse = ASLParser.state_machine
    trees: dict[str, Any] = {}

    def parsed(parser: ASLParser) -> Any:
        definition = str(parser.getTokenStream().tokenSource.inputStream)
        if definition in trees:
            return trees[definition]
        tree = parse(parser)
        if not parser.getNumberOfSyntaxErrors():
            trees[definition] = tree
        return tree

    return parsed


def _event_with(sequencer: Sequencer) -> Callable[..., dict[str, Any]]:
    """Build the event of an object as S3 does: moto omits version and sequencer, and encodes the key's slashes."""

    def event(event_name: str, bucket: Any, key: Any, notification_id: str) -> dict[str, Any]:
        stored = StoredObject(
            bucket=bucket.name,
            key=key.name,
            size=key.size,
            etag=key.etag.strip('"'),
            version_id=key.version_id if bucket.is_versioned else None,
        )
        return notification(
            event_name.removeprefix("s3:"),
            stored,
            sequencer=sequencer.next(),
            region=bucket.region_name,
            configuration_id=notification_id,
        )

    return event


def _delivery_to(outbox: Outbox) -> Callable[..., None]:
    """Deliver asynchronously: moto runs the function inside the PUT, and drops its exceptions."""

    def deliver(_account: str, event: dict[str, Any], function_arn: str, _region: str) -> None:
        outbox.hold(function_arn.rpartition(":")[2], event)

    return deliver


def _post_within_policy() -> Callable[..., Any]:
    """Accept a form only as its policy allows: moto ignores policies."""
    post = S3Response._bucket_response_post  # noqa: SLF001 - what is replaced

    def posted(response: Any, request: Any, bucket_name: str) -> Any:
        if request.mimetype == FORM_WITH_FILE:
            fields = {name.lower(): value for name, value in request.form.items() if name != "file"}
            has_file = "file" in request.files or "file" in request.form
            form = SentForm(bucket=bucket_name, fields=fields, size=len(response.body), has_file=has_file)
            refusal = form.refusal(secret=os.environ["AWS_SECRET_ACCESS_KEY"], now=datetime.now(UTC))
            if refusal:
                return refusal.status, {"Content-Type": "application/xml"}, refusal.xml
        return post(response, request, bucket_name)

    return posted


def _without_content(stored: FakeKey, _memo: object) -> FakeKey:
    """Copy a version of an object without its content: moto copies the contents of all versions for each list."""
    listed = object.__new__(FakeKey)  # FakeKey's own way of being made keeps each one for ever
    vars(listed).update(vars(stored) | {"_value_buffer": BytesIO(), "multipart": None, "disposed": True})
    return listed


def _report_end_to(listener: Callable[[ExecutionEnded], None]) -> Callable[[Any], None]:
    """Report how executions end, as EventBridge would: moto sends no such events."""
    terminate = BaseExecutionWorkerCommunication.terminated

    def terminated(communication: Any) -> None:
        terminate(communication)
        execution = communication.execution
        listener(
            ExecutionEnded(
                arn=execution.exec_arn,
                state_machine_arn=execution.state_machine_arn,
                name=execution.name,
                status=execution.status,
                started=execution.start_date,
                stopped=execution.stop_date,
                input=execution.input_data,
                output=execution.output,
                error=execution.error,
                cause=execution.cause,
            )
        )

    return terminated
