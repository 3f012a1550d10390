"""Upload files and print their verdicts."""

import io
import shutil
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Final, TextIO

from chalicelib.uploads.reports import ReportFile
from chalicelib.validation.reporting.wording import counted
from infra.local import tables
from infra.local.deployment import describe_project
from infra.local.function_log import function_log
from infra.local.progress import Progress, json_line
from infra.local.request import Request
from infra.local.stack import LocalStack, NoVerdict, Verdict

_OWNER: Final = "local"
_LONGEST: Final = 14_400.0  # seconds; the state machine itself gives up after that

EVERY_VERDICT: Final = 0
SYSTEM_FAILURE: Final = 3


def run(request: Request, database: Future[str], *, as_json: bool, out: TextIO, err: TextIO) -> int:
    """Upload the files one after the other, print the progress of each, and return the exit code.

    `database` is the URL of a migrated database, which may still be starting.
    """
    progress = Progress(io.StringIO() if as_json else out)
    code = EVERY_VERDICT
    with function_log("run") as log:
        for file, verdict in _verdicts(request, database, progress, Progress(err), log.with_name("reports")):
            if verdict is None or not verdict.is_about_the_file:
                code = SYSTEM_FAILURE
            if verdict is not None and as_json:
                print(json_line(str(file), verdict), file=out, flush=True)
    if code == SYSTEM_FAILURE or not as_json:
        print(f"\nThe functions' log is {log}", file=err)
    return code


def _verdicts(
    request: Request, database: Future[str], progress: Progress, on_stderr: Progress, reports: Path
) -> Iterator[tuple[Path, Verdict | None]]:
    """Yield each file and its verdict in turn, or None where there is none, and keep the reports in a directory."""
    deployment = describe_project()
    with LocalStack(deployment, database_url=database.result(), report=on_stderr.failed) as stack:
        schema = stack.put_schema(request.schema_path) if request.schema_path else request.schema
        if schema is None:
            stack.load_samples()
        for directory, path in report_directories(request.files, reports):
            shutil.rmtree(directory, ignore_errors=True)
            try:
                yield path, _verdict_on(path, schema, stack, progress, directory)
            except (NoVerdict, TimeoutError) as error:
                on_stderr.say(f"{path}: {error}")
                yield path, None
        if failures := len(stack.runtime.failures):
            on_stderr.say(f"\n{counted(failures, 'failed invocation')}")


def _verdict_on(path: Path, schema: str | None, stack: LocalStack, progress: Progress, report: Path) -> Verdict:
    upload_id = str(uuid.uuid4())
    key = stack.put(path, filename=path.name, owner=_OWNER, upload_id=upload_id, schema=schema)
    progress.uploaded(str(path), f"s3://{stack.bucket}/{key}")
    verdict = stack.follow(upload_id, on_state=progress.entered, timeout=_LONGEST)
    progress.settled(verdict)
    if verdict.upload.loaded_rows:
        progress.loaded(tables.selected(verdict.upload, str(stack.database_url)))
    if files := stack.read_report(verdict.upload):
        report.mkdir(parents=True)
        for name, content in files.items():
            (report / name).write_bytes(content)
        progress.reported(str(report / ReportFile.PAGE))
    return verdict


def report_directories(files: Iterable[Path], reports: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the directory for each file's report, and the file. A name that occurs again gets a number."""
    seen = Counter[str]()
    for path in files:
        seen[path.name] += 1
        yield reports / (path.name if seen[path.name] == 1 else f"{path.name}-{seen[path.name]}"), path
