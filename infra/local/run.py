"""Upload files and print their verdicts."""

import io
import os
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TextIO

from attrs import frozen

from chalicelib import schemas
from chalicelib.errors import SchemaInvalid
from chalicelib.validation import Schema
from chalicelib.validation.reporting.wording import counted
from infra.local.deployment import BAD_SAMPLE, GOOD_SAMPLE, describe_project
from infra.local.function_log import function_log
from infra.local.progress import Progress, json_line
from infra.local.stack import LocalStack, NoVerdict, Verdict

_OWNER: Final = "local"
_LONGEST: Final = 14_400.0  # seconds; the state machine itself gives up after that

EVERY_VERDICT: Final = 0
SYSTEM_FAILURE: Final = 3


class UsageProblem(Exception):
    """What we were asked to do makes no sense; nothing has been started."""


@frozen(kw_only=True)
class Request:
    """Files to upload, and the schema to check them with: a path or a dataset's name."""

    files: Sequence[Path]
    schema: str | None

    @classmethod
    def of(cls, files: Sequence[Path], schema: str | None) -> "Request":
        """Take what a user asked for; without files it is the samples. Raises UsageProblem."""
        request = cls(
            files=files or [Path(os.path.relpath(sample)) for sample in (GOOD_SAMPLE, BAD_SAMPLE)], schema=schema
        )
        for path in (*request.files, *filter(None, [request.schema_path])):
            if not (path.is_file() and os.access(path, os.R_OK)):
                raise UsageProblem(f"no such file, or not readable: {path}")
        if request.schema_path:
            _require_schema(request.schema_path)
        return request

    @property
    def schema_path(self) -> Path | None:
        """The file with the schema, if it is not just named."""
        return Path(self.schema) if self.schema is not None and schemas.is_path(self.schema) else None


def run(request: Request, *, as_json: bool, out: TextIO, err: TextIO) -> int:
    """Upload the files one after the other, print the progress of each, and return the exit code."""
    progress = Progress(io.StringIO() if as_json else out)
    code = EVERY_VERDICT
    with function_log("run") as log:
        for verdict in _verdicts(request, progress, Progress(err), log.with_name("reports")):
            if verdict is None or not verdict.is_about_the_file:
                code = SYSTEM_FAILURE
            if verdict is not None and as_json:
                print(json_line(verdict), file=out, flush=True)
    if code == SYSTEM_FAILURE or not as_json:
        print(f"\nThe functions' log is {log}", file=err)
    return code


def _verdicts(request: Request, progress: Progress, troubles: Progress, reports: Path) -> Iterator[Verdict | None]:
    """Yield the verdict on each file in turn, or None where there is none, and keep the reports in a directory."""
    deployment = describe_project()
    progress.say("Starting PostgreSQL, S3, Lambda and Step Functions on this machine ...")
    began = time.monotonic()
    with LocalStack(deployment, report=troubles.failed) as stack:
        progress.say(f"Ready in {time.monotonic() - began:.1f} s.")
        schema = stack.put_schema(request.schema_path) if request.schema_path else request.schema
        for path in request.files:
            try:
                yield _judge(path, schema, stack, progress, reports)
            except (NoVerdict, TimeoutError) as error:
                troubles.say(f"{path}: {error}")
                yield None
        if failures := len(stack.runtime.failures):
            troubles.say(f"\n{counted(failures, 'failed invocation')}")


def _judge(path: Path, schema: str | None, stack: LocalStack, progress: Progress, reports: Path) -> Verdict:
    upload_id = str(uuid.uuid4())
    key = stack.put(path, filename=path.name, owner=_OWNER, upload_id=upload_id, schema=schema)
    progress.uploaded(str(path), f"s3://{stack.bucket}/{key}")
    verdict = stack.follow(upload_id, on_state=progress.entered, timeout=_LONGEST)
    progress.settled(verdict)
    if page := stack.read_report(verdict.upload):
        reports.mkdir(exist_ok=True)
        report = reports / f"{path.name}.html"
        report.write_bytes(page)
        progress.reported(str(report))
    return verdict


def _require_schema(path: Path) -> None:
    try:
        Schema.from_descriptor(schemas.read(path.read_bytes(), str(path)))
    except SchemaInvalid as error:
        raise UsageProblem(f"the schema {path} is broken: {error}") from error
