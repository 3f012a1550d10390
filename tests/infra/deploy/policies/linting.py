"""Run parliament, the policy linter, in one process of its own, because it imports the deprecated pkg_resources."""

import atexit
import json
import subprocess
import sys
from functools import cache

from tests.infra.equipment import lacking

_PROGRAM = """
import json, sys, warnings
warnings.simplefilter("ignore")
from parliament import analyze_policy_string
for line in sys.stdin:
    findings = analyze_policy_string(json.loads(line)).findings
    print(json.dumps([[finding.issue, finding.detail] for finding in findings], default=str), flush=True)
"""
# DescribeExecution takes a standard or an express execution; the linter expects both in each statement.
_MISTAKEN = [
    "RESOURCE_MISMATCH",
    [{"action": "states:DescribeExecution", "required_format": "arn:*:states:*:*:express:*:*:*"}],
]


@cache
def _linter() -> subprocess.Popen[str]:
    """Start the linter: a line with a policy in, a line with its findings out."""
    linter = subprocess.Popen(  # noqa: S603 - a constant command
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    atexit.register(linter.__exit__, None, None, None)
    return linter


def findings(policy: str) -> list[str]:
    """Return the names of the linter's findings in a policy; skip the test without a linter."""
    linter = _linter()
    assert linter.stdin is not None
    assert linter.stdout is not None
    try:
        print(json.dumps(policy), file=linter.stdin, flush=True)
        linted = linter.stdout.readline()
    except BrokenPipeError:
        linted = ""
    if not linted:
        _linter.cache_clear()
        stderr = linter.communicate()[1]
        if "No module named 'parliament'" in stderr or "No module named 'pkg_resources'" in stderr:
            lacking("parliament is not installed")
        raise AssertionError(stderr)
    return [finding[0] for finding in json.loads(linted) if finding != _MISTAKEN]
