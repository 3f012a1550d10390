"""The command line of deployments."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.deploy import deploying, destroying, policies, steps
from infra.deploy.deployment import Deployment
from infra.deploy.packaging import package
from infra.deploy.stages import (
    PROJECT_ROOT,
    EventBusMalformed,
    IamUserMalformed,
    KmsKeyMalformed,
    PythonUnsupported,
    SettingReplaced,
    Stage,
    StageUnknown,
)
from infra.deploy.steps import Refused, Say, Step

_USAGE_PROBLEM: Final = 2
_INTERRUPTED: Final = 130
_CONFIGURATION_PROBLEMS: Final = (
    StageUnknown,
    IamUserMalformed,
    EventBusMalformed,
    KmsKeyMalformed,
    PythonUnsupported,
    SettingReplaced,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and return the exit code."""
    options = _parser().parse_args(arguments)
    say = steps.printer(sys.stdout)
    try:
        code: int = options.do(options, say)
    except _CONFIGURATION_PROBLEMS as problem:
        steps.printer(sys.stderr)(str(problem))
        return _USAGE_PROBLEM
    except KeyboardInterrupt:
        steps.printer(sys.stderr)("\nBroken off. What was done is done; run it again, and it goes on from there.")
        return _INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description="Deploy Assay to AWS, or remove it.")
    commands = parser.add_subparsers(required=True)

    writing = commands.add_parser("policies", help="write the functions' policies from .chalice/config.json")
    writing.set_defaults(do=_policies)

    choosing = commands.add_parser("stage", help="check that the configuration has a stage")
    choosing.add_argument("stage")
    choosing.set_defaults(do=_stage)

    packaging = commands.add_parser("package", help="build and inspect a stage's deployment package")
    packaging.add_argument("stage")
    packaging.set_defaults(do=_package)

    for name, do, help_ in (
        ("deploy", _deploy, "deploy a stage to AWS"),
        ("destroy", _destroy, "remove a stage from AWS"),
    ):
        going = commands.add_parser(name, help=help_)
        going.add_argument("stage")
        going.add_argument("--yes", action="store_true", help="do not ask before applying a plan")
        going.set_defaults(do=do)
        if name == "destroy":
            going.add_argument("--with-bucket", action="store_true", help="the uploads bucket too, with all uploads")
            going.add_argument(
                "--with-database", action="store_true", help="the database too, if infra/database made it"
            )
    return parser


def _policies(_options: argparse.Namespace, say: Say) -> int:
    changed = policies.write()
    say("\n".join(f"wrote {path.relative_to(PROJECT_ROOT)}" for path in changed) or "up to date")
    return 0


def _stage(options: argparse.Namespace, say: Say) -> int:
    say(Stage.read(options.stage).project)
    return 0


def _package(options: argparse.Namespace, say: Say) -> int:
    stage = Stage.read(options.stage)
    step = Step(
        title=f"Build and inspect the deployment package of {stage.name}",
        remedy="a requirement without a wheel for Lambda needs another version, or a place in vendor/.",
        do=lambda: _packaged(stage),
    )
    return 0 if steps.run([step], say) else 1


def _packaged(stage: Stage) -> str:
    built = package.build(stage)
    return f"{Path(os.path.relpath(built.path))}: {built}"


def _deploy(options: argparse.Namespace, say: Say) -> int:
    stage = Stage.read(options.stage)
    if not steps.run(deploying.steps(_deployment(stage, options, say)), say):
        return 1
    say(f"\n{stage.project} is deployed.")
    return 0


def _destroy(options: argparse.Namespace, say: Say) -> int:
    stage = Stage.read(options.stage)
    deployment = _deployment(stage, options, say)
    removed = {"with_bucket": options.with_bucket, "with_database": options.with_database}
    if not steps.run(destroying.steps(deployment, **removed), say):
        return 1
    kept = [] if options.with_bucket else [f"the bucket {stage.bucket}"]
    kept += [] if options.with_database else ["the database"]
    kept += ["the functions' logs until their retention ends"]
    say(f"\n{stage.project} is removed, except for {', '.join(kept)}.")
    return 0


def _deployment(stage: Stage, options: argparse.Namespace, say: Say) -> Deployment:
    return Deployment(stage=stage, environment=os.environ, confirm=_agreed if options.yes else _ask, say=say)


def _agreed(_question: str) -> bool:
    return True


def _ask(question: str) -> bool:
    if not sys.stdin.isatty():
        raise Refused(f"{question} There is no terminal to ask on; confirm beforehand with ARGS=--yes.")
    return input(f"  {question} [y/N] ").strip().lower() in {"y", "yes"}


if __name__ == "__main__":
    sys.exit(main())
