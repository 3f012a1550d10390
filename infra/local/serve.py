"""Leave the stack running for whoever wants to use it."""

import logging
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from subprocess import Popen
from typing import Final, NoReturn, TextIO

from chalicelib.errors import AssayError
from chalicelib.validation.cli.terminal import printable
from infra.local.aws.account import REGION, state_machine_arn
from infra.local.aws.moto_patches import ExecutionEnded
from infra.local.deployment import BAD_SAMPLE
from infra.local.function_log import journal
from infra.local.http_api import HttpApiFailed, http_api
from infra.local.ports import LOOPBACK, require_free
from infra.local.progress import Story
from infra.local.stack import LocalStack

_GLANCE: Final = 0.5  # seconds between looks at whether the HTTP API still lives

_WHEREABOUTS: Final = """
  AWS         {aws} (S3, Lambda, Step Functions)
  HTTP API    {http}
  PostgreSQL  {database}
  Log         {log}

Upload a file with any S3 client, then ask for its status; one whose name ends in .gz is decompressed. Schemas go to
s3://{bucket}/schemas/NAME.json; an object names its own in the metadata x-amz-meta-schema.

  export AWS_ENDPOINT_URL={aws} AWS_DEFAULT_REGION={region}
  export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing
  aws --endpoint-url {aws} s3 cp {sample} {target}
  curl {http}/uploads/first

With these as well, python -m chalicelib.operations looks after its uploads:

  export DATABASE_URL={quoted_database}
  export STATE_MACHINE_ARN={state_machine} UPLOADS_BUCKET={bucket}
  {python} -m chalicelib.operations trace first

Nothing of it outlives this command but the log: files, uploads and verdicts are gone when it ends.
Ctrl-C ends all of it.
"""


def serve(*, aws_port: int, http_port: int, out: TextIO, err: TextIO) -> int:
    """Serve until interrupted, telling each verdict; return the exit code.

    Raises:
        PortInUse: somebody else listens on one of the ports; nothing has been started.
    """
    for port in (aws_port, http_port):
        require_free(port)
    story, troubles = Story(out), Story(err)
    ended: SimpleQueue[ExecutionEnded] = SimpleQueue()
    try:
        with ExitStack() as running:
            log = running.enter_context(journal("serve"))
            running.enter_context(_warnings_told_to(troubles))
            story.say("Starting PostgreSQL, S3, Lambda, Step Functions and the HTTP API on this machine ...")
            stack = running.enter_context(
                LocalStack(aws_port=aws_port, report=troubles.failed, on_execution_ended=ended.put)
            )
            api = running.enter_context(http_api(http_port, log=log))
            story.say(_whereabouts(stack, http_port, log))
            _tell(ended, api, stack, story)
    except HttpApiFailed as error:
        troubles.say(f"{error}; {log} says why")
        return 1
    except KeyboardInterrupt:
        story.say("Ended.")
    return 0


class _Warnings(logging.Handler):
    """Tells a person what the functions warn of, such as an object that can never be an upload."""

    def __init__(self, story: Story) -> None:
        super().__init__(logging.WARNING)
        self._story = story

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of a warning; failures are told by whoever sees them fail."""
        if record.levelno == logging.WARNING:
            fields = getattr(record, "fields", {})
            about = fields.get("key") or fields.get("uploadId")
            self._story.say(printable(f"{record.getMessage()}: {about}: {fields.get('reason')}"))


@contextmanager
def _warnings_told_to(story: Story) -> Iterator[None]:
    handler = _Warnings(story)
    logging.getLogger("assay").addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger("assay").removeHandler(handler)


def _tell(ended: SimpleQueue[ExecutionEnded], api: Popen[bytes], stack: LocalStack, story: Story) -> NoReturn:
    """Tell each execution's end as it comes, for as long as the HTTP API lives."""
    while api.poll() is None:
        try:
            execution = ended.get(timeout=_GLANCE)
        except Empty:
            continue
        story.say(_line(execution, stack, story))
    raise HttpApiFailed(f"chalice local ended with {api.returncode}")


def _line(execution: ExecutionEnded, stack: LocalStack, story: Story) -> str:
    """Return what came of an execution; somebody may have started it by hand, with any input."""
    try:
        upload = stack.find_upload(execution.input["uploadId"])
    except (AssayError, LookupError, TypeError) as error:
        return f"execution {execution.name}  {execution.status}  {type(error).__name__}: {error}"
    if upload.execution_name != execution.name:
        return f"{printable(upload.key)}  overtaken by a newer version"
    return f"{printable(upload.key)}  {story.headline(upload, execution.status)}"


def _whereabouts(stack: LocalStack, http_port: int, log: Path) -> str:
    return _WHEREABOUTS.format(
        aws=stack.aws.endpoint,
        http=f"http://{LOOPBACK}:{http_port}",
        database=stack.database_url,
        quoted_database=shlex.quote(str(stack.database_url)),
        state_machine=state_machine_arn(stack.deployment.state_machine),
        python=os.path.relpath(sys.executable),
        log=log,
        region=REGION,
        bucket=stack.bucket,
        sample=os.path.relpath(BAD_SAMPLE),
        target=f"s3://{stack.bucket}/{stack.deployment.trigger.prefix}me/first/{BAD_SAMPLE.name}",
    )
