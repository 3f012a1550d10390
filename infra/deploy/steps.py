"""Run the steps of a deployment in order, and print each with a remedy if it fails."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final, TextIO

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.commands import CommandFailed, CommandMissing
from infra.deploy.functions.deployed_file import DeploymentUnknown
from infra.deploy.packaging.certificates import AuthorityUnknown
from infra.deploy.packaging.package import PackageUnfit
from infra.deploy.prerequisites.network import SettingMissing
from infra.deploy.uploads import NoVerdict, Unprotected

Say = Callable[[str], None]

_TROUBLES: Final = (
    AuthorityUnknown,
    BotoCoreError,
    ClientError,
    CommandFailed,
    CommandMissing,
    DeploymentUnknown,
    NoVerdict,
    Unprotected,
    OSError,
    PackageUnfit,
    SettingMissing,
    subprocess.SubprocessError,
)


class Refused(Exception):
    """A step is impossible, or was not confirmed; the message says why."""


@frozen(kw_only=True)
class Step:
    """One step: what it does, in words and in code, and what to do when it fails."""

    title: str
    remedy: str
    do: Callable[[], str]
    """Runs the step and returns a description of its result."""


def run(steps: Sequence[Step], say: Say) -> bool:
    """Run the steps until one fails, printing each; return whether all succeeded."""
    for number, step in enumerate(steps, 1):
        say(f"\n[{number}/{len(steps)}] {step.title}")
        began = time.monotonic()
        try:
            outcome = step.do()
        except (*_TROUBLES, Refused) as trouble:
            say(f"  failed: {_indented(str(trouble))}\n  What to do: {_indented(step.remedy)}")
            say(f"  Steps {number + 1} to {len(steps)} were not taken." if number < len(steps) else "")
            return False
        say(f"  {_indented(outcome)} ({time.monotonic() - began:.1f} s)")
    return True


def printer(out: TextIO = sys.stdout) -> Say:
    """Return a function that prints to a stream and flushes."""

    def say(text: str) -> None:
        out.write(f"{text}\n")
        out.flush()

    return say


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
