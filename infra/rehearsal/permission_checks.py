"""Remove each policy statement in turn, and record what breaks without it."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from attrs import frozen

from infra.deploy.stages import FUNCTIONS
from infra.rehearsal.stage_checks import Stack, StageChecks
from infra.rehearsal.waiting import CheckFailed


@frozen(kw_only=True)
class Finding:
    """What fails without a statement; None if nothing does."""

    role: str
    statement: str
    broken: str | None


def try_without_each(stack: Stack, directory: Path, report: Callable[[Finding], None]) -> Sequence[Finding]:
    """Remove each statement in turn, run all checks, and restore it."""
    findings = []
    for role, statement in _statements(stack):
        with _without(stack, role, statement):
            finding = Finding(role=role, statement=statement, broken=_failure_of(stack, directory))
        report(finding)
        findings.append(finding)
    return findings


def table(findings: Sequence[Finding]) -> str:
    """Return the findings as a table in Markdown."""
    rows = [f"| `{it.role}` | `{it.statement}` | {it.broken or '**nothing breaks**'} |" for it in findings]
    return "\n".join(["| role of | statement | what breaks without it |", "| --- | --- | --- |", *rows])


def _statements(stack: Stack) -> Iterator[tuple[str, str]]:
    stage = stack.deployment.stage
    for role in (*FUNCTIONS, "csv-processing"):
        _name, document = _policy(stage.role(role))
        yield from ((role, statement["Sid"]) for statement in document["Statement"])


def _failure_of(stack: Stack, directory: Path) -> str | None:
    try:
        StageChecks(stack=stack, directory=directory)()
    except CheckFailed as error:
        return str(error)
    return None


@contextmanager
def _without(stack: Stack, role: str, statement: str) -> Iterator[None]:
    """Remove a statement from a role, and restart the function: a warm one keeps its permissions."""
    stage = stack.deployment.stage
    name = stage.role(role)
    policy, document = _policy(name)
    rest = [it for it in document["Statement"] if it["Sid"] != statement]
    iam = boto3.client("iam")
    iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps({**document, "Statement": rest}))
    try:
        if role in FUNCTIONS:
            _restart(stage.function(role))
        yield
    finally:
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))


def _restart(function: str) -> None:
    """Replace a function's warm environments, as Lambda does when its configuration changes."""
    lambda_ = boto3.client("lambda")
    memory = lambda_.get_function_configuration(FunctionName=function)["MemorySize"]
    lambda_.update_function_configuration(FunctionName=function, MemorySize=memory)


def _policy(role: str) -> tuple[str, dict[str, Any]]:
    iam = boto3.client("iam")
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document: Any = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    return name, document
