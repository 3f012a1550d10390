"""The checks that Terraform makes without a provider."""

import os
import re
from pathlib import Path

import pytest

from infra.deploy import commands

ENVIRONMENT = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}


def test_workflow_module_passes_its_own_tests(project: Path) -> None:
    """`terraform test` checks names, definition, policies and error messages offline."""
    module = project / "infra" / "modules" / "workflow"
    commands.run(["terraform", "init", "-no-color", "-input=false"], cwd=module, environment=ENVIRONMENT)
    output = commands.run(["terraform", "test", "-no-color"], cwd=module, environment=ENVIRONMENT).stdout
    assert re.search(r"Success! \d\d+ passed, 0 failed", output), output


@pytest.mark.parametrize(
    ("deployed_file", "words"),
    [
        ("nowhere.json", r"run\s+chalice\s+deploy\s+--stage\s+dev\s+first"),
        ("without_validator.json", r"has\s+no\s+function\s+csv_validator"),
    ],
)
def test_incomplete_deployment_is_an_error_with_advice(project: Path, deployed_file: str, words: str) -> None:
    """A missing or partial deployment is a single error that says what to do."""
    module = project / "infra" / "modules" / "workflow"
    commands.run(["terraform", "init", "-no-color", "-input=false"], cwd=module, environment=ENVIRONMENT)
    variables = {
        "app_name": "assay",
        "stage": "dev",
        "deployed_file": f"./tests/fixtures/{deployed_file}",
        "definition_file": "../../../statemachine/csv_processing.asl.json",
    }
    plan = ["terraform", "plan", "-no-color", "-input=false", *(f"-var={k}={v}" for k, v in variables.items())]
    with pytest.raises(commands.CommandFailed) as failure:
        commands.run(plan, cwd=module, environment=ENVIRONMENT)
    output = str(failure.value).replace("│", " ")
    assert re.search(words, output), output
    assert output.count("Error:") == 1, output


def test_terraform_is_formatted(project: Path) -> None:
    """`terraform fmt` would change nothing."""
    output = commands.run(
        ["terraform", "fmt", "-check", "-recursive", "-diff", "infra"], cwd=project, environment=ENVIRONMENT
    )
    assert output.stdout == ""


@pytest.mark.parametrize(
    "root", ["infra", "infra/bucket", "infra/database", "infra/modules/dashboard", "infra/modules/workflow"]
)
def test_every_variable_is_described_and_typed(project: Path, root: str) -> None:
    """The description documents a variable; its type is the first check of its value."""
    text = (project / root / "variables.tf").read_text()
    blocks = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.DOTALL | re.MULTILINE)
    assert blocks
    for name, block in blocks:
        assert re.search(r'^  description = ".+\.?"$', block, re.MULTILINE), name
        assert re.search(r"^  type\s+= \S+", block, re.MULTILINE), name
        open_ended = name.endswith("_file") or re.search(r"^  type\s+= bool", block, re.MULTILINE)
        assert ("validation {" in block) is not bool(open_ended), name
