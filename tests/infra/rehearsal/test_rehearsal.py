"""The whole rehearsal: what it prints, and that it leaves nothing running."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.deploy.stages import PROJECT_ROOT
from infra.rehearsal import provider
from tests.infra.equipment import lacking, require_terraform

SECONDS = 600
pytestmark = pytest.mark.trial(minutes=4)


@pytest.fixture(autouse=True)
def _equipment() -> None:
    """Provide Terraform and its provider; skip the tests without them."""
    require_terraform()
    try:
        provider.install(PROJECT_ROOT / ".local" / "rehearsal")
    except provider.ProviderUnavailable as reason:
        lacking(str(reason))


def rehearse() -> subprocess.Popen[str]:
    """Start a rehearsal in a session of its own, which identifies all its processes."""
    return subprocess.Popen(
        [sys.executable, "-m", "infra.rehearsal", "--quick"],
        cwd=PROJECT_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def processes(session: int) -> Iterator[str]:
    """Return the command lines of a session's processes."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, _group, its_session = stat.read_text().rpartition(")")[2].split()[:4]
            if int(its_session) == session and state != "Z":
                yield stat.with_name("cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            continue


def test_rehearsal_deploys_validates_destroys_and_leaves_nothing_running() -> None:
    """Both samples get their known verdicts, and the account is empty at the end."""
    rehearsal = rehearse()
    output, _ = rehearsal.communicate(timeout=SECONDS)
    assert rehearsal.returncode == 0, output
    for words in (
        r"\[9/9\] Upload samples/good\.csv and await its verdict\n  VALIDATED, 4 rows",
        r"Part 2: a second plan, .*\n  No changes.*\n  Plan: \d+ to add, 0 to change, 0 to destroy",
        r"good\.csv: VALIDATED, 4 rows, 0 errors",
        r"bad\.csv: VALIDATION_FAILED, 8 rows, 9 errors",
        r"The scheduled sweep has run",
        r"executions that fail without a verdict, a\s+replay, an object without a notification",
        r"ada@example\.com sees VALIDATED; others get 404",
        r"Left in the account: the bucket, the secrets, who listens, and the logs of the functions\. Nothing else\.",
    ):
        assert re.search(words, output), output
    assert list(processes(rehearsal.pid)) == []


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_interrupted_rehearsal_leaves_nothing_running(ending: signal.Signals) -> None:
    """The interrupt comes during the deployment."""
    rehearsal = rehearse()
    assert rehearsal.stdout is not None
    for line in rehearsal.stdout:
        if line.startswith("[6/9]"):
            break
    rehearsal.send_signal(ending)
    rest, _ = rehearsal.communicate(timeout=60)
    assert rehearsal.returncode == 130, rest
    assert list(processes(rehearsal.pid)) == []
