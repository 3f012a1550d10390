"""The whole pipeline on this machine, and its use: put a file, wait for its verdict."""

import io
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final, Self
from unittest.mock import patch

from attrs import frozen

from chalicelib import schemas
from chalicelib.errors import AssayError, ReportUnavailable
from chalicelib.uploads.queries import find_upload
from chalicelib.uploads.read_models import Upload
from chalicelib.uploads.reports import ReportFile, current_report_location
from infra.local import tables
from infra.local.aws.account import REGION, LocalAws, execution_arn, state_machine_arn
from infra.local.aws.event_bridge import EventBridge
from infra.local.aws.executions import RUNNING, SUCCEEDED, listed, status, watch
from infra.local.aws.http_requests import Delivery
from infra.local.aws.kept_objects import KeptObjects
from infra.local.aws.moto_patches import ExecutionEnded
from infra.local.deployment import Deployment, deploy, describe_project
from infra.local.directories import kept_secret
from infra.local.lambdas.environments import Environments
from infra.local.lambdas.runtime import FailedInvocation, LambdaRuntime, show
from infra.local.postgres import database_in_background

_SCHEMAS_PREFIX: Final = "schemas/"


class NoVerdict(Exception):
    """An upload got no verdict; the message says why."""


@frozen(kw_only=True)
class Verdict:
    """The result of an upload: its row in the database, and the states of its execution.

    `states` are in the order in which they were entered; `seconds` count from the call of `follow`.
    """

    upload: Upload
    execution_status: str
    states: tuple[str, ...]
    seconds: float

    @property
    def is_about_the_file(self) -> bool:
        """Whether the file was checked; if not, the system failed."""
        return self.execution_status == SUCCEEDED


class LocalStack:
    """PostgreSQL, AWS and the app's own handlers, connected as deployed; a context manager.

    Without `database_url`, which names a migrated database, a PostgreSQL is started. Without `environments` the
    handlers run in this process. The stack sets the handlers' environment variables in this process, so only one can be
    open. Scheduled functions run every `period` seconds, whatever their schedule; 0 is never. `notify` returns the
    callable that delivers S3's notifications, given the runtime. `concurrency` is how many invocations may run before
    Lambda throttles. `keep` is a directory in which objects and database remain for the next stack; without it they are
    temporary.
    """

    def __init__(  # noqa: PLR0913 - each has a default that some caller changes
        self,
        deployment: Deployment | None = None,
        *,
        database_url: str | None = None,
        environments: Environments | None = None,
        aws_port: int = 0,
        period: float | None = None,
        retry_delays: tuple[float, ...] = (0.1, 0.2),
        notify: Callable[[LambdaRuntime], Delivery] = lambda runtime: runtime.invoke_async,
        report: Callable[[FailedInvocation], None] = show,
        on_execution_ended: Callable[[ExecutionEnded], None] = lambda _ended: None,
        concurrency: int | None = None,
        keep: Path | None = None,
    ) -> None:
        self.deployment: Final = deployment or describe_project()
        self.runtime: Final = LambdaRuntime(
            self.deployment.functions,
            region=REGION,
            environments=environments,
            retry_delays=retry_delays,
            report=report,
            concurrency=concurrency,
        )
        self.events: Final = EventBridge(
            self.runtime,
            region=REGION,
            rules=self.deployment.rules,
            schedules=self.deployment.schedules,
            period=period,
        )
        self._keep = keep
        self._objects = KeptObjects(keep / "objects") if keep else None
        delivery, ended = notify(self.runtime), self._report_end
        self.aws: Final = LocalAws(
            self.runtime, port=aws_port, notify=delivery, on_execution_ended=ended, kept=self._objects
        )
        self._on_execution_ended = on_execution_ended
        self.database_url = database_url
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        """Start everything."""
        with ExitStack() as undo:
            undo.enter_context(patch.dict(os.environ))
            data = self._keep / "postgres" if self._keep else None
            started = undo.enter_context(database_in_background(data)) if self.database_url is None else None
            undo.enter_context(self.runtime)
            undo.enter_context(self.aws)
            deploy(self.deployment, self.aws)
            if started is not None:
                self.database_url = started.result()
            if self._objects is not None:
                self._objects.restore(self.bucket)
            os.environ |= {
                **self.deployment.environment,
                "DATABASE_URL": str(self.database_url),
                "STATE_MACHINE_ARN": state_machine_arn(self.deployment.state_machine),
                "SCHEMAS_URI": f"s3://{self.bucket}/{_SCHEMAS_PREFIX}",
                # The environment at the app's first import may have been another one.
                "UPLOADS_BUCKET": self.bucket,
                "LINK_SECRET": kept_secret(self._keep / "link-secret") if self._keep else token_urlsafe(32),
            }
            undo.enter_context(self._own_services())
            undo.enter_context(self.events)
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything, in the reverse order of the start."""
        self._undo.close()

    @property
    def bucket(self) -> str:
        """The bucket for uploads."""
        return self.deployment.trigger.bucket

    def running_executions(self) -> list[dict[str, Any]]:
        """Return the executions that run now, as Step Functions lists them."""
        machine = state_machine_arn(self.deployment.state_machine)
        return listed(self.aws.client("stepfunctions"), machine, RUNNING)

    def put(
        self, content: Path | bytes, *, filename: str, owner: str, upload_id: str, schema: str | None = None
    ) -> str:
        """Put a file into the bucket as any S3 client would, and return its key; `schema` names its dataset."""
        key = f"{self.deployment.trigger.prefix}{owner}/{upload_id}/{filename}"
        extra = {"Metadata": {"schema": schema}} if schema is not None else {}
        with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as body:
            self.aws.client("s3").upload_fileobj(body, self.bucket, key, ExtraArgs=extra)
        return key

    def put_schema(self, path: Path) -> str:
        """Put a schema where the validator finds it, and return the name of its dataset.

        The file's own name may be one that no dataset can have.
        """
        content = path.read_bytes()
        name = f"local-{sha256(content).hexdigest()[:12]}"
        self._put_schema(name, content)
        return name

    def load_samples(self) -> None:
        """Have the rows of files without a schema of their own loaded into a table, which the packaged schema omits."""
        self._put_schema(schemas.DEFAULT, tables.sample_schema())

    def _put_schema(self, name: str, content: bytes) -> None:
        """Put a schema, and create its table if it asks for a load."""
        tables.create_table_of(schemas.read(content, name), str(self.database_url))
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=f"{_SCHEMAS_PREFIX}{name}.json", Body=content)

    def find_upload(self, upload_id: str) -> Upload:
        """Return an upload as the HTTP API does; raises UploadNotFound."""
        return find_upload(upload_id, uploads=self.deployment.services().uploads)

    def read_report(self, upload: Upload) -> Mapping[ReportFile, bytes]:
        """Return the files of the full report on the current attempt at an upload; empty if there is none."""
        s3, files = self.aws.client("s3"), {}
        with suppress(ReportUnavailable):
            place = current_report_location(upload)
            for file in ReportFile:
                with suppress(s3.exceptions.NoSuchKey):
                    files[file] = s3.get_object(Bucket=place.bucket, Key=place.key(file))["Body"].read()
        return files

    def follow(
        self,
        upload_id: str,
        *,
        on_state: Callable[[str, float], None] = lambda _state, _seconds: None,
        timeout: float = 300.0,
    ) -> Verdict:
        """Wait for the verdict on an upload; call `on_state` with each state and the seconds until it was entered.

        Raises:
            NoVerdict: no attempt at the upload began within `timeout` seconds.
            TimeoutError: its execution still runs after `timeout` seconds.
        """
        began = datetime.now(UTC)
        if not self.runtime.wait_until_delivered(timeout):
            raise NoVerdict(f"upload {upload_id} was not taken up within {timeout:g} s")
        # Now that the notification is delivered, the current attempt is the one that it asked for.
        stepfunctions = self.aws.client("stepfunctions")
        arn = self._execution_of(upload_id, stepfunctions)
        states = []
        for entered in watch(stepfunctions, arn, timeout=timeout):
            states.append(entered.name)
            on_state(entered.name, (entered.moment - began).total_seconds())
        return Verdict(
            upload=self.find_upload(upload_id),
            execution_status=status(stepfunctions, arn),
            states=tuple(states),
            seconds=(datetime.now(UTC) - began).total_seconds(),
        )

    def _report_end(self, ended: ExecutionEnded) -> None:
        """Report the end of an execution to EventBridge and to the listener."""
        self.events.put(
            source="aws.states",
            detail_type="Step Functions Execution Status Change",
            resources=[ended.arn],
            detail=ended.detail(),
        )
        self._on_execution_ended(ended)

    @contextmanager
    def _own_services(self) -> Iterator[None]:
        """Make the app read this environment, which it otherwise reads once, and clear its cache afterwards."""
        self.deployment.services.cache_clear()
        services = self.deployment.services()
        try:
            yield
        finally:
            services.close()
            self.deployment.services.cache_clear()

    def _execution_of(self, upload_id: str, stepfunctions: Any) -> str:
        """Return the ARN of the execution that is an upload's current attempt; raises NoVerdict if there is none."""
        try:
            name = self.find_upload(upload_id).execution_name
            arn = execution_arn(self.deployment.state_machine, str(name))
            status(stepfunctions, arn)
        except (AssayError, stepfunctions.exceptions.ExecutionDoesNotExist) as error:
            raise NoVerdict(self._why_nothing_started(upload_id)) from error
        return arn

    def _why_nothing_started(self, upload_id: str) -> str:
        for letter in self.runtime.dead_letters:
            if f"/{upload_id}/" in letter.event:
                failure = letter.failure
                return f"{letter.function} failed: {failure.error_type}: {failure.error_message}"
        return f"nothing took upload {upload_id} up; the functions' log says why"
