"""One Terraform root, for one stage."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from infra.deploy import commands

_COLOURFUL: Final = frozenset({"apply", "destroy", "init", "plan"})
_PLAN: Final = ".terraform/stage.tfplan"
_CHANGES: Final = 2
"""The exit code of a plan that would change something."""
_ESSENCE: Final = re.compile(
    r"^(\S+: (?:Creation|Modifications|Destruction) complete|Plan: .*|No changes.*|\S+ complete! Resources: .*)",
    re.MULTILINE,
)
_HINT: Final = "see docs/operations.md for what a deployment needs"


@frozen(kw_only=True)
class Terraform:
    """Runs Terraform in a root. Each stage has its own workspace, and so its own state, and a file of variables.

    With `shown`, Terraform's output goes to the terminal; otherwise `say` gets its summary.
    """

    root: Path
    stage: str
    environment: Mapping[str, str]
    variables: Mapping[str, str] = field(factory=dict)
    shown: bool = False
    say: Callable[[str], None] = lambda _line: None

    def init(self) -> None:
        """Download the providers, and select the stage's workspace."""
        commands.require("terraform", _HINT)
        self._run("init", "-input=false")
        self._run("workspace", "select", "-or-create=true", self.stage)

    def plan(self) -> bool:
        """Write the plan, and return whether it changes anything."""
        options = ["-input=false", "-detailed-exitcode", f"-out={_PLAN}", *self._variables()]
        return self._run("plan", *options, allowed=(0, _CHANGES)) == _CHANGES

    def apply(self) -> None:
        """Apply the plan."""
        self._run("apply", "-input=false", _PLAN)

    def destroy(self) -> None:
        """Destroy everything in the state."""
        self._run("destroy", "-input=false", "-auto-approve", *self._variables())

    def resources(self) -> frozenset[str]:
        """Return the addresses in the root's state, without those of modules."""
        # Not `state list`, which fails as long as there is no state.
        output = commands.run(self._command("show", "-json"), cwd=self.root, environment=self._environment())
        module = json.loads(output.stdout).get("values", {}).get("root_module", {})
        return frozenset(resource["address"] for resource in module.get("resources", []))

    def outputs(self) -> Mapping[str, Any]:
        """Return the root's outputs."""
        output = commands.run(self._command("output", "-json"), cwd=self.root, environment=self._environment())
        return {name: output["value"] for name, output in json.loads(output.stdout).items()}

    def _run(self, *arguments: str, allowed: tuple[int, ...] = (0,)) -> int:
        ended = commands.run(
            self._command(*arguments),
            cwd=self.root,
            environment=self._environment(),
            allowed=allowed,
            shown=self.shown,
        )
        for line in _ESSENCE.findall(ended.stdout or ""):
            self.say(line)
        return ended.returncode

    @staticmethod
    def _command(subcommand: str, *arguments: str) -> list[str]:
        return ["terraform", subcommand, *(["-no-color"] if subcommand in _COLOURFUL else []), *arguments]

    def _environment(self) -> dict[str, str]:
        return {**self.environment, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}

    def _variables(self) -> list[str]:
        file = f"{self.stage}.tfvars"
        given = [f"-var-file={file}"] if (self.root / file).exists() else []
        return given + [f"-var={name}={value}" for name, value in {"stage": self.stage, **self.variables}.items()]
