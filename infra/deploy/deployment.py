"""What the steps of deploying and removing a stage work with."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import field, frozen

from infra.deploy import commands
from infra.deploy.functions import chalice_command
from infra.deploy.functions.deployed_file import DeployedFile
from infra.deploy.prerequisites.account import region
from infra.deploy.stages import PROJECT_ROOT, Stage
from infra.deploy.steps import Refused, Say
from infra.deploy.terraform import Terraform
from infra.deploy.uploads import Deployed, api_url


@frozen(kw_only=True)
class Deployment:
    """A stage of a project, on its way to AWS or back.

    `confirm` is asked before anything that a plan has shown is done; `variables` are for the Terraform root. With
    `terse`, only a summary of Terraform's output is printed.
    """

    stage: Stage
    project: Path = PROJECT_ROOT
    environment: Mapping[str, str] = os.environ
    variables: Mapping[str, str] = field(factory=dict)
    confirm: Callable[[str], bool]
    say: Say
    terse: bool = False

    @property
    def deployed_file(self) -> Path:
        """What Chalice writes about the stage."""
        return self.record().path

    def record(self) -> DeployedFile:
        """Return what Chalice writes about the stage, with its copy in the bucket."""
        return DeployedFile(stage=self.stage, project=self.project)

    def deployed(self) -> Deployed:
        """Return the stage as it is deployed."""
        endpoint = self.environment.get("AWS_ENDPOINT_URL")
        return Deployed(stage=self.stage, api_url=api_url(self.deployed_file, endpoint))

    def terraform(self) -> Terraform:
        """Return the Terraform root with the state machine."""
        return self.root("infra", **self.variables)

    def root(self, path: str, **variables: str) -> Terraform:
        """Return the Terraform root at a path of the project."""
        return Terraform(
            root=self.project / path,
            stage=self.stage.name,
            environment=self._environment_with_region(),
            variables=variables,
            shown=not self.terse,
            say=lambda line: self.say(f"  {line}"),
        )

    def _environment_with_region(self) -> Mapping[str, str]:
        """Return the environment with the region under both its names: programs differ in which one they read."""
        chosen = region()
        return {**self.environment, "AWS_REGION": chosen, "AWS_DEFAULT_REGION": chosen}

    def apply(self, terraform: Terraform, purpose: str) -> bool:
        """Show a plan and, if it changes something and is confirmed, apply it; return whether it changed something."""
        if not terraform.plan():
            return False
        if not self.confirm(f"Apply this plan to {purpose}?"):
            raise Refused("you said no; nothing has changed")
        terraform.apply()
        return True

    def chalice(self, *arguments: str) -> None:
        """Run Chalice, without leaving bytecode behind, which it would package."""
        environment = {**self._environment_with_region(), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-P", chalice_command.__file__, self.stage.python, *arguments]
        output = commands.run(command, cwd=self.project, environment=environment)
        self.say("  " + output.stdout.strip().replace("\n", "\n  "))
