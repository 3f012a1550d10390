"""The command line starts the local stack, prints verdicts, and leaves nothing running."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from io import StringIO
from itertools import takewhile
from pathlib import Path
from threading import Timer

import boto3
import pytest

from infra.local.ports import free_port, listen
from infra.local.postgres import database_in_background
from infra.local.project import BAD_SAMPLE, GOOD_SAMPLE, PROJECT_ROOT
from infra.local.request import Request
from infra.local.run import run

PATIENCE = 60.0  # seconds
COMMAND = [sys.executable, "-m", "infra.local"]

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


def finish(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(  # noqa: S603 - a constant command
        [*COMMAND, *arguments], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start the command as the leader of a session, by which all its processes can be found."""
    process = subprocess.Popen(  # noqa: S603 - a constant command
        [*COMMAND, *arguments],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    watchdog = Timer(PATIENCE, process.kill)
    watchdog.start()
    with process:
        try:
            yield process
        finally:
            watchdog.cancel()
            process.terminate()


def paste(exports: list[str], *arguments: str) -> str:
    """Run the operators' command line with these settings only."""
    script = "".join(exports) + shlex.join([sys.executable, "-m", "chalicelib.operations", *arguments])
    done = subprocess.run(  # noqa: S603 - a constant command
        ["/bin/sh", "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def read_until(process: subprocess.Popen[str], beginning: str) -> str:
    """Return the first line of output with this beginning."""
    assert process.stdout is not None
    return next(line for line in process.stdout if line.startswith(beginning))


def session(leader: int) -> list[int]:
    """Return the processes of a session."""
    found = []
    for pid in [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]:
        with suppress(ProcessLookupError):
            found += [pid] if os.getsid(pid) == leader else []
    return found


def get(port: int, path: str) -> tuple[int, dict[str, object]]:
    """Return status and body of the HTTP API's response."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path)
    response = connection.getresponse()
    body = json.load(response)
    connection.close()
    return response.status, body


def test_run_writes_one_line_of_json_for_each_upload() -> None:
    """Each names its file; standard output has nothing else. The exit code is 0 because every file has a verdict."""
    done = finish("run", "--json", GOOD_SAMPLE, BAD_SAMPLE)

    good, bad = (json.loads(line) for line in done.stdout.splitlines())
    names = ["file", "uploadId", "status", "rowCount", "errorCount", "errors", "executionName"]
    assert [*names, "rejectedRows", "loadedRows", "table", "states", "seconds"] == list(good)
    assert (4, "customers", None) == (good["loadedRows"], good["table"], bad["loadedRows"])
    assert [str(GOOD_SAMPLE), str(BAD_SAMPLE)] == [good["file"], bad["file"]]
    assert [good["status"], bad["status"]] == ["VALIDATED", "VALIDATION_FAILED"]
    assert (good["errorCount"], good["errors"]) == (0, [])
    assert bad["errorCount"] == len(bad["errors"]) > 0
    assert bad["states"][1] == "ValidateCsv"
    assert (done.returncode, done.stderr) == (0, "")


def test_run_prints_progress_and_verdicts() -> None:
    """Without files it runs the samples; it prints states, status, rows and errors, without colours in a pipe."""
    done = finish("run")

    lines = [line.strip() for line in done.stdout.splitlines()]
    assert any(line.startswith("VALIDATED  ") and line.endswith(" 4 rows loaded into customers") for line in lines)
    assert any(line.startswith("SELECT _row, id, name, email, amount FROM customers WHERE") for line in lines)
    assert any(line.startswith("2    | 1  | Ada Lovelace") for line in lines)
    assert any(line.startswith("VALIDATION_FAILED  ") for line in lines)
    assert any(line.endswith("ValidateCsv") for line in lines)
    assert ["row", "line", "column", "letter", "code", "message"] in [line.split() for line in lines]
    assert "\033" not in done.stdout
    reports = [Path(line.removeprefix("The full report is ")) for line in lines if line.startswith("The full report")]
    assert ["valid", "invalid"] == [_verdict(PROJECT_ROOT / report) for report in reports]
    listed = [(PROJECT_ROOT / report).with_name("errors.jsonl").read_text() for report in reports]
    assert [False, True] == [bool(errors) for errors in listed]
    assert done.returncode == 0


def _verdict(page: Path) -> str:
    return "valid" if "<strong class=valid " in page.read_text() else "invalid"


def test_run_exits_with_3_after_a_system_failure(tmp_path: Path) -> None:
    """An invalid schema is not an error of the file: the failure is printed, with the path of the log."""
    schema = tmp_path / "broken.json"
    schema.write_text('{"fields": [{"name": "id", "type": "riddle"}]}')
    out, err = StringIO(), StringIO()

    request = Request(files=[GOOD_SAMPLE], schema=str(schema))
    with database_in_background() as database:
        code = run(request, database, as_json=False, out=out, err=err)

    assert code == 3
    assert "SystemFailure" in out.getvalue()
    assert "chalicelib.errors.SchemaInvalid" in err.getvalue()
    assert ".local/run.log" in err.getvalue()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "missing.csv"], "missing.csv"),
        (["run", "--schema", "missing.json", str(GOOD_SAMPLE)], "missing.json"),
        (["run", "--schema", "pyproject.toml", str(GOOD_SAMPLE)], "the schema pyproject.toml is broken"),
    ],
)
def test_run_refuses_invalid_arguments(arguments: list[str], named: str) -> None:
    """The message is one line, the exit code 2."""
    done = finish(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr


@pytest.mark.parametrize("option", ["--aws-port", "--http-port"])
def test_serve_refuses_a_port_in_use(option: str) -> None:
    """The message names the port and the option to choose another; nothing is started."""
    with listen(0) as taken:
        port = str(taken.getsockname()[1])
        other = {"--aws-port": "--http-port", "--http-port": "--aws-port"}[option]
        done = finish("serve", option, port, other, str(free_port()))

    assert f"port {port} on 127.0.0.1 is in use; choose another with {option}\n" == done.stderr
    assert (done.returncode, done.stdout) == (2, "")


@needs_proc
def test_serve_prints_verdicts_serves_http_and_leaves_nothing() -> None:
    """An S3 client puts a file; its verdict is printed and served at its URL; SIGTERM ends all processes.

    The operators' command line works with the printed settings, and the log has a line of each function.
    """
    aws_port, http_port = free_port(), free_port()
    log = PROJECT_ROOT / ".local" / f"serve-{http_port}.log"  # the port differs from the default
    logged = log.stat().st_size if log.exists() else 0
    with started("serve", "--aws-port", str(aws_port), "--http-port", str(http_port)) as serving:
        assert serving.stdout is not None
        said = [*takewhile(lambda line: not line.startswith("Ctrl-C"), serving.stdout)]
        s3 = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{aws_port}",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            region_name="eu-central-1",
        )
        s3.upload_file(str(GOOD_SAMPLE), "assay-local-uploads", "uploads/me/first/good.csv")
        event = read_until(serving, "uploads/me/first/good.csv")
        s3.upload_file(str(GOOD_SAMPLE), "assay-local-uploads", "uploads/good.csv")
        found, missing = get(http_port, "/uploads/first"), get(http_port, "/uploads/none")
        assert serving.stderr is not None
        assert "object rejected: uploads/good.csv: the upload id is not" in serving.stderr.readline()
        traced = paste([line for line in said if line.startswith("  export ")], "trace", "first")
        serving.terminate()
        assert serving.wait(PATIENCE) == 0

    assert "VALIDATED" in event
    assert (found[0], found[1]["status"]) == (200, "VALIDATED")
    assert missing[0] == 404
    assert "VALIDATING -> VALIDATED" in traced
    assert session(serving.pid) == []
    lines = log.read_bytes()[logged:].decode().splitlines()
    functions = {json.loads(line).get("function") for line in lines if line.startswith('{"level"')}
    assert {f"assay-local-{name}" for name in ("csv_orchestrator", "csv_validator", "upload_status")} <= functions


@needs_proc
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_serve_can_be_stopped_while_it_starts(ending: signal.Signals) -> None:
    """An early SIGINT or SIGTERM leaves no process, either."""
    with started("serve", "--aws-port", str(free_port()), "--http-port", str(free_port())) as serving:
        read_until(serving, "Starting")
        serving.send_signal(ending)
        assert serving.wait(PATIENCE) == 0

    assert session(serving.pid) == []


@needs_proc
def test_serve_ends_if_the_http_api_ends() -> None:
    """The message says so, and all other processes end."""
    with started("serve", "--aws-port", str(free_port()), "--http-port", str(free_port())) as serving:
        read_until(serving, "Ctrl-C")
        (api,) = (pid for pid in session(serving.pid) if b"chalice" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(api, signal.SIGKILL)
        assert serving.wait(PATIENCE) == 1
        assert serving.stderr is not None
        said = serving.stderr.read()

    assert "chalice local ended" in said
    assert session(serving.pid) == []
