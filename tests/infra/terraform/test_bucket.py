"""The uploads bucket's CORS rule, evaluated by Terraform without a provider."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.deploy import commands
from infra.deploy.stages import PROJECT_ROOT
from tests.infra.equipment import require_terraform

ENVIRONMENT = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
BUCKET = PROJECT_ROOT / "infra" / "bucket"


@pytest.fixture
def variables(tmp_path: Path) -> Path:
    """A root with the bucket's variables, which outputs `form_origins`."""
    require_terraform()
    shutil.copy(BUCKET / "variables.tf", tmp_path)
    (tmp_path / "main.tf").write_text('output "form_origins" {\n  value = var.form_origins\n}\n')
    return tmp_path


def form_origins(root: Path, *given: str) -> Any:
    """Return the origins that may send forms; raises CommandFailed if Terraform rejects the value."""
    apply = ["terraform", "apply", "-no-color", "-input=false", "-auto-approve", "-var=stage=dev", *given]
    commands.run(apply, cwd=root, environment=ENVIRONMENT)
    output = commands.run(["terraform", "output", "-json", "form_origins"], cwd=root, environment=ENVIRONMENT)
    return json.loads(output.stdout)


def test_forms_may_come_from_any_origin_unless_configured(variables: Path) -> None:
    """By default forms may come from any origin; a list restricts them, and an empty list forbids them."""
    assert form_origins(variables) == ["*"]
    for origins in (["https://example.com", "http://127.0.0.1:8000"], []):
        assert form_origins(variables, f"-var=form_origins={json.dumps(origins)}") == origins


@pytest.mark.parametrize("origin", ["example.com", "https://example.com/", "https://*.example.com", ""])
def test_malformed_origin_is_refused(variables: Path, origin: str) -> None:
    """Terraform refuses it before it creates anything."""
    with pytest.raises(commands.CommandFailed, match="form_origins have the form https://example"):
        form_origins(variables, f"-var=form_origins={json.dumps([origin])}")


def test_pages_may_only_send_forms() -> None:
    """Neither our bucket's rule nor that for an existing bucket lets pages read, because any page could be."""
    made = re.findall(r"allowed_methods = (.+)", (BUCKET / "main.tf").read_text())
    page = (PROJECT_ROOT / "docs" / "operations.md").read_text()
    (advised,) = re.findall(r"^  '(\{\"CORSRules\": .+\})'$", page, re.MULTILINE)
    (rule,) = json.loads(advised)["CORSRules"]
    assert (['["POST"]'], ["POST"], ["*"]) == (made, rule["AllowedMethods"], rule["AllowedOrigins"])
