"""Known vulnerabilities in what requirement files pin, as PyPI lists them.

"Nothing known" and "could not be audited" differ: pip-audit succeeds in both cases, this does not.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

_PATIENCE: Final = 120  # seconds


def scan(files: Sequence[Path], *, strict: bool) -> int:
    """Print what is known, and what could not be found out; give the exit code.

    A vulnerability is 1. What could not be audited is printed, and is 1 if `strict`.
    """
    dependencies, trouble = audit(files)
    found = list(_vulnerabilities(dependencies))
    skipped = [dependency for dependency in dependencies if "skip_reason" in dependency]
    for line in found:
        print(f"VULNERABLE: {line}")  # noqa: T201 - a command line tool
    if skipped:
        trouble = f"{len(skipped)} of {len(dependencies)} requirements: {skipped[0]['skip_reason']}, for example"
    if trouble:
        print(f"NOT AUDITED: {trouble}")  # noqa: T201
    elif not found:
        print(f"audited {len(dependencies)} requirements: no known vulnerabilities")  # noqa: T201
    return 1 if found or (trouble and strict) else 0


def audit(files: Sequence[Path]) -> tuple[list[Mapping[str, Any]], str]:
    """Ask pip-audit; give what it says of each requirement, and what kept it from it."""
    program = Path(sys.executable).with_name("pip-audit")
    options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    command = [program, *options, *(word for file in files for word in ("--requirement", file))]
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE)  # noqa: S603
        return list(json.loads(run.stdout)["dependencies"]), ""
    except subprocess.TimeoutExpired:
        return [], f"no answer within {_PATIENCE} s"
    except ValueError:
        said = [line for line in run.stderr.splitlines() if line.startswith("ERROR")] or ["nothing"]
        return [], f"pip-audit says: {said[0]}"


def _vulnerabilities(dependencies: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for dependency in dependencies:
        for vulnerability in dependency.get("vulns", ()):
            mended = ", ".join(vulnerability["fix_versions"]) or "no release yet"
            yield f"{dependency['name']} {dependency['version']}: {vulnerability['id']}, mended in {mended}"
