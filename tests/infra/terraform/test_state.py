"""The state of a root, read by the real Terraform without a provider."""

import os
from pathlib import Path

from infra.deploy.terraform import Terraform
from tests.infra.equipment import require_terraform


def test_created_resources_are_reported(tmp_path: Path) -> None:
    """A new stage has no state, which is not an error."""
    require_terraform()
    (tmp_path / "main.tf").write_text('variable "stage" {}\nresource "terraform_data" "it" {}\n')
    terraform = Terraform(root=tmp_path, stage="dev", environment={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull})
    terraform.init()
    assert terraform.resources() == frozenset()
    assert terraform.plan()
    terraform.apply()
    assert terraform.resources() == {"terraform_data.it"}
    terraform.destroy()
    assert terraform.resources() == frozenset()
