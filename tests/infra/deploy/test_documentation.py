"""docs/operations.md lists what breaks without each policy statement."""

import re
from pathlib import Path

from infra.deploy import policies
from infra.deploy.stages import FUNCTIONS, PROJECT_ROOT
from infra.rehearsal import prerequisites as stagehands
from infra.rehearsal.rehearsal import STAGE


def test_every_policy_statement_is_in_the_table(tmp_path: Path) -> None:
    """A rehearsal writes the table; a missing statement has not been rehearsed."""
    stage = stagehands.ask_for_everything(stagehands.copy_project(tmp_path / "project"), STAGE)
    statements = {(name, it["Sid"]) for name in FUNCTIONS for it in policies.policy(stage, name)["Statement"]}
    module = (PROJECT_ROOT / "infra" / "modules" / "workflow" / "main.tf").read_text()
    role_policy = module.partition("role_policy = jsonencode(")[2]
    statements |= {("csv-processing", sid) for sid in re.findall(r'\bSid\s+= "(\w+)"', role_policy)}
    page = (PROJECT_ROOT / "docs" / "operations.md").read_text().partition("\n## Permissions\n")[2]
    documented = re.findall(r"^\| `([\w-]+)` \| `(\w+)` \| \S", page, re.MULTILINE)
    assert len(documented) == len(set(documented))
    assert set(documented) == statements
