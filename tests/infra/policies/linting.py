"""parliament, the policy linter, in a process of its own: it drags in a pkg_resources that warns of its own end."""

import json
import subprocess
import sys

from tests.infra.equipment import lacking

_PROGRAM = """
import json, sys, warnings
warnings.simplefilter("ignore")
from parliament import analyze_policy_string
print(json.dumps([finding.issue for finding in analyze_policy_string(sys.stdin.read()).findings]))
"""


def findings(policy: str) -> list[str]:
    """Give the names of what the linter finds in a policy; skip the test where there is no linter."""
    linted = subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-c", _PROGRAM], input=policy, capture_output=True, text=True, check=False
    )
    if "No module named 'parliament'" in linted.stderr or "No module named 'pkg_resources'" in linted.stderr:
        lacking("parliament is not installed")
    assert linted.returncode == 0, linted.stderr
    found: list[str] = json.loads(linted.stdout)
    return found
