"""AWS on a loopback port: moto's S3, Lambda and Step Functions, which invoke functions in our Lambda runtime."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from socket import socket
from threading import Thread
from typing import Any, Final, Self
from unittest.mock import patch

import boto3
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from infra.local.aws.executions import RUNNING, listed
from infra.local.aws.http_requests import Delivery, Outbox, without_forms
from infra.local.aws.kept_objects import KeptObjects
from infra.local.aws.moto_patches import ExecutionEnded, connect_moto
from infra.local.lambdas.runtime import ACCOUNT, LambdaRuntime
from infra.local.ports import LOOPBACK, listen

REGION: Final = "us-east-1"


class LocalAws:
    """An empty AWS account at `endpoint`, as a context manager; its functions are those of `runtime`.

    While it is open, every AWS client of this process and its children uses it, and nothing else. `port` 0 selects a
    free port. `notify` delivers S3's notifications to their functions, by default through the runtime's own queue.
    `on_execution_ended` is called in the execution's own thread. `kept` saves the objects of a bucket.
    """

    def __init__(
        self,
        runtime: LambdaRuntime,
        *,
        port: int = 0,
        notify: Delivery | None = None,
        on_execution_ended: Callable[[ExecutionEnded], None] = lambda _ended: None,
        kept: KeptObjects | None = None,
    ) -> None:
        self.runtime: Final = runtime
        self.port = port
        self._notify = notify or runtime.invoke_async
        self._on_execution_ended = on_execution_ended
        self._kept = kept
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        """Start serving.

        Raises:
            PortInUse: another process listens on `port`.
        """
        with ExitStack() as undo:
            listener = undo.enter_context(listen(self.port))
            self.port = listener.getsockname()[1]
            undo.enter_context(_aws_clients_here(self.endpoint))
            self._session = boto3.Session()
            outbox = undo.enter_context(
                connect_moto(
                    self.runtime, port=self.port, notify=self._notify, on_execution_ended=self._on_execution_ended
                )
            )
            # moto's state belongs to the process: what an earlier account left must not show in this one.
            moto_api_backend.reset()
            undo.callback(moto_api_backend.reset)
            undo.enter_context(_serving(listener, outbox, self._kept))
            undo.callback(self._stop_executions)
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop executions, stop serving, and delete all state."""
        self._undo.close()

    @property
    def endpoint(self) -> str:
        """The URL that AWS clients use."""
        return f"http://{LOOPBACK}:{self.port}"

    def client(self, service: str) -> Any:
        """Return a boto3 client of this account."""
        return self._session.client(service)  # type: ignore[call-overload]

    def _stop_executions(self) -> None:
        """Stop the running executions: their retries would call the next listener on this port."""
        stepfunctions = self.client("stepfunctions")
        for machine in stepfunctions.list_state_machines()["stateMachines"]:
            for execution in listed(stepfunctions, machine["stateMachineArn"], RUNNING):
                stepfunctions.stop_execution(executionArn=execution["executionArn"])


def state_machine_arn(name: str) -> str:
    """Return the ARN of a state machine in the local account."""
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"


def execution_arn(state_machine: str, name: str) -> str:
    """Return the ARN of an execution in the local account."""
    return f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{state_machine}:{name}"


@contextmanager
def _aws_clients_here(endpoint: str) -> Iterator[None]:
    """Point AWS clients at this endpoint, with credentials of its own: the developer's profile is not used."""
    with patch.dict(os.environ), patch("boto3.DEFAULT_SESSION", None):
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ |= {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            # No proxy can reach our loopback interface.
            "NO_PROXY": f"{LOOPBACK},localhost",
            "no_proxy": f"{LOOPBACK},localhost",
        }
        yield


@contextmanager
def _serving(listener: socket, outbox: Outbox, kept: KeptObjects | None) -> Iterator[None]:
    """Answer AWS's APIs on a listening socket.

    moto's ThreadedMotoServer waits for ever if its port is taken; a socket that listens already cannot fail.
    """
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # not a line for every request
    application = without_forms(DomainDispatcherApplication(create_backend_app))
    if kept is not None:
        application = kept.save_after(application)
    application = outbox.send_after(application)
    server = make_server(
        LOOPBACK,
        0,
        application,
        threaded=True,
        request_handler=MotoRequestHandler,
        fd=listener.fileno(),
    )
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
