"""Run parliament, the policy linter, in a process of its own, because it imports the deprecated pkg_resources."""

import json
import subprocess
import sys

from tests.infra.equipment import lacking

_PROGRAM = """
import json, sys, warnings
warnings.simplefilter("ignore")
from parliament import analyze_policy_string
findings = analyze_policy_string(sys.stdin.read()).findings
print(json.dumps([[finding.issue, finding.detail] for finding in findings], default=str))
"""
# DescribeExecution takes a standard or an express execution; the linter expects both in each statement.
_MISTAKEN = [
    "RESOURCE_MISMATCH",
    [{"action": "states:DescribeExecution", "required_format": "arn:*:states:*:*:express:*:*:*"}],
]


def findings(policy: str) -> list[str]:
    """Return the names of the linter's findings in a policy; skip the test without a linter."""
    linted = subprocess.run(  # noqa: S603 - a constant command
        [sys.executable, "-c", _PROGRAM], input=policy, capture_output=True, text=True, check=False
    )
    if "No module named 'parliament'" in linted.stderr or "No module named 'pkg_resources'" in linted.stderr:
        lacking("parliament is not installed")
    assert linted.returncode == 0, linted.stderr
    return [finding[0] for finding in json.loads(linted.stdout) if finding != _MISTAKEN]
