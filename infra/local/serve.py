"""Run the local stack until it is interrupted."""

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
from unittest.mock import patch

from chalicelib.errors import AssayError, MigrationsDiverged
from chalicelib.validation.cli.terminal import printable
from infra.local import tables
from infra.local.aws.account import REGION, state_machine_arn
from infra.local.aws.moto_patches import ExecutionEnded
from infra.local.function_log import function_log
from infra.local.http_api import HttpApiFailed, http_api
from infra.local.ports import LOOPBACK
from infra.local.postgres import PostgresFailed
from infra.local.progress import Progress
from infra.local.project import BAD_SAMPLE, GOOD_SAMPLE
from infra.local.sign_in.identity_provider import IdentityProviderFailed, identity_provider, install
from infra.local.sign_in.people import OPERATOR, PEOPLE
from infra.local.stack import LocalStack

_CHECK_INTERVAL: Final = 0.5  # seconds between looks at whether the HTTP API still lives

_INSTRUCTIONS: Final = """
  AWS         {aws} (S3, Lambda, Step Functions)
  HTTP API    {http}
  PostgreSQL  {database}
  Log         {log}

Upload a file with any S3 client, then ask for its status; one whose name ends in .gz is decompressed. Schemas go to
s3://{bucket}/schemas/NAME.json; an object names its own in the metadata x-amz-meta-schema.

  export AWS_ENDPOINT_URL={aws} AWS_DEFAULT_REGION={region}
  export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing
  aws --endpoint-url {aws} s3 cp {sample} {target}
  {ask}

The rows of a valid file are loaded into the table {table}, and are shown here:

  aws --endpoint-url {aws} s3 cp {good_sample} {good_target}

With these as well, python -m chalicelib.operations and chalice local --stage local work on the same uploads:

  export DATABASE_URL={quoted_database}
  export STATE_MACHINE_ARN={state_machine} UPLOADS_BUCKET={bucket}
  export SCHEMAS_URI=s3://{bucket}/schemas/
  {python} -m chalicelib.operations trace first

{remains}
Ctrl-C ends all of it.
"""
_NOTHING_REMAINS: Final = """\
Nothing of it outlives this command but the log: files, uploads and verdicts are gone when it ends."""
_REMAINS: Final = "Files, schemas, uploads and verdicts remain in {keep}, for the next make serve with --keep."

_AWAIT_VERDICT: Final = 'until curl -sf {http}/uploads/first | grep -E "VALIDATED|VALIDATION_FAILED"; do sleep 1; done'
_OPEN_PAGE: Final = "# open {http}/#/uploads/first in a browser, signed in as {operator}"
_PEOPLE: Final = """
People sign in at {http} as {names}. A password is the name and "-password". {operator} is an operator
and sees all uploads; the others see their own.
"""
_DEFAULT_HTTP_PORT: Final = 8000


def serve(  # noqa: PLR0913 - the options of the command line
    *, aws_port: int, http_port: int, sign_in: bool = False, keep: Path | None = None, out: TextIO, err: TextIO
) -> int:
    """Serve until interrupted, printing each verdict; return the exit code.

    With `sign_in`, people have to sign in. `keep` is a directory in which the data remains.

    Raises:
        PortInUse: another process has taken one of the ports meanwhile.
        DirectoryInUse: another stack keeps its data in the directory.
    """
    progress, troubles = Progress(out), Progress(err)
    ended: SimpleQueue[ExecutionEnded] = SimpleQueue()
    try:
        with ExitStack() as running:
            log = running.enter_context(function_log(_log_name(http_port)))
            running.enter_context(_print_warnings_to(troubles))
            progress.say("Starting PostgreSQL, S3, Lambda, Step Functions and the HTTP API on this machine ...")
            if sign_in:
                _require_sign_in(running, f"http://{LOOPBACK}:{http_port}/", log, progress)
            stack = running.enter_context(
                LocalStack(aws_port=aws_port, report=troubles.failed, on_execution_ended=ended.put, keep=keep)
            )
            stack.load_samples()
            api = running.enter_context(http_api(http_port, log=log))
            progress.say(_instructions(stack, http_port, log, sign_in=sign_in, keep=keep))
            _print_verdicts(ended, api, stack, progress)
    except (HttpApiFailed, IdentityProviderFailed) as error:
        troubles.say(f"{error}; {log} says why")
        return 1
    except (PostgresFailed, MigrationsDiverged) as error:
        troubles.say(f"{error}")
        return 1
    except KeyboardInterrupt:
        progress.say("Ended.")
    return 0


def _log_name(http_port: int) -> str:
    """Return the name of the log: two stacks on one machine have different ports."""
    return "serve" if http_port == _DEFAULT_HTTP_PORT else f"serve-{http_port}"


def _require_sign_in(running: ExitStack, page: str, log: Path, progress: Progress) -> None:
    """Start the OpenID provider, and let the HTTP API accept its tokens only."""
    progress.say("Starting an OpenID provider, which is installed the first time ...")
    settings = running.enter_context(identity_provider(install(), page, log=log))
    running.enter_context(patch.dict(os.environ, settings))


class _Warnings(logging.Handler):
    """Prints the functions' warnings, such as that of an object that can never be an upload."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.WARNING)
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        """Print a warning; the runtime prints failures."""
        if record.levelno == logging.WARNING:
            fields = getattr(record, "fields", {})
            about = fields.get("key") or fields.get("uploadId")
            self._progress.say(printable(f"{record.getMessage()}: {about}: {fields.get('reason')}"))


@contextmanager
def _print_warnings_to(progress: Progress) -> Iterator[None]:
    handler = _Warnings(progress)
    logging.getLogger("assay").addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger("assay").removeHandler(handler)


def _print_verdicts(
    ended: SimpleQueue[ExecutionEnded], api: Popen[bytes], stack: LocalStack, progress: Progress
) -> NoReturn:
    """Print the end of each execution until the HTTP API ends."""
    while api.poll() is None:
        try:
            execution = ended.get(timeout=_CHECK_INTERVAL)
        except Empty:
            continue
        progress.say(_line(execution, stack, progress))
    raise HttpApiFailed(f"chalice local ended with {api.returncode}")


def _line(execution: ExecutionEnded, stack: LocalStack, progress: Progress) -> str:
    """Return the outcome of an execution in a line; one started by hand may have any input."""
    try:
        upload = stack.find_upload(execution.input["uploadId"])
    except (AssayError, LookupError, TypeError) as error:
        return f"execution {execution.name}  {execution.status}  {type(error).__name__}: {error}"
    if upload.execution_name != execution.name:
        return f"{printable(upload.key)}  overtaken by a newer version"
    line = f"{printable(upload.key)}  {progress.headline(upload, execution.status)}"
    if upload.loaded_rows:
        return f"{line}\n{tables.selected(upload, str(stack.database_url))}"
    return line


def _instructions(stack: LocalStack, http_port: int, log: Path, *, sign_in: bool, keep: Path | None) -> str:
    named = {"http": f"http://{LOOPBACK}:{http_port}", "names": ", ".join(PEOPLE), "operator": OPERATOR}
    people = _PEOPLE.format(**named) if sign_in else ""
    return people + _INSTRUCTIONS.format(
        aws=stack.aws.endpoint,
        http=named["http"],
        remains=_REMAINS.format(keep=keep) if keep else _NOTHING_REMAINS,
        ask=(_OPEN_PAGE if sign_in else _AWAIT_VERDICT).format(**named),
        database=stack.database_url,
        quoted_database=shlex.quote(str(stack.database_url)),
        state_machine=state_machine_arn(stack.deployment.state_machine),
        python=os.path.relpath(sys.executable),
        log=log,
        region=REGION,
        bucket=stack.bucket,
        table=tables.SAMPLE_TABLE,
        good_sample=os.path.relpath(GOOD_SAMPLE),
        good_target=f"s3://{stack.bucket}/{stack.deployment.trigger.prefix}me/second/{GOOD_SAMPLE.name}",
        sample=os.path.relpath(BAD_SAMPLE),
        target=f"s3://{stack.bucket}/{stack.deployment.trigger.prefix}me/first/{BAD_SAMPLE.name}",
    )
