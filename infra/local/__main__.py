"""The command line of the local stack."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.local import child_processes
from infra.local.directories import DirectoryInUse
from infra.local.ports import PortInUse, require_free
from infra.local.postgres import database_in_background
from infra.local.request import Request, UsageProblem

_USAGE_PROBLEM: Final = 2
_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and return the exit code."""
    options = _parser().parse_args(arguments)
    child_processes.handle_signals()
    try:
        return _serve(options) if options.command == "serve" else _run(options)
    except (UsageProblem, DirectoryInUse) as problem:
        print(problem, file=sys.stderr)
        return _USAGE_PROBLEM
    except PortInUse as problem:
        option = "--aws-port" if problem.port == options.aws_port else "--http-port"
        print(f"{problem}; choose another with {option}", file=sys.stderr)
        return _USAGE_PROBLEM
    except KeyboardInterrupt:
        return _INTERRUPTED


def _run(options: argparse.Namespace) -> int:
    request = Request.of(options.files, options.schema)
    if not options.json:
        print("Starting PostgreSQL, S3, Lambda and Step Functions on this machine ...", flush=True)
    with database_in_background() as database:
        from infra.local.run import run  # noqa: PLC0415 - moto takes two seconds to import, PostgreSQL one to start

        return run(request, database, as_json=options.json, out=sys.stdout, err=sys.stderr)


def _serve(options: argparse.Namespace) -> int:
    for port in (options.aws_port, options.http_port):
        require_free(port)
    from infra.local.serve import serve  # noqa: PLC0415 - the same, and wrong usage needs none of it

    ports = {"aws_port": options.aws_port, "http_port": options.http_port}
    return serve(**ports, sign_in=options.sign_in, keep=options.keep, out=sys.stdout, err=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description="Run all of Assay on one machine.")
    commands = parser.add_subparsers(dest="command", required=True)

    running = commands.add_parser(
        "run",
        help="upload files and print their verdicts",
        description="Exit codes: 0 every file has a verdict; 3 the system failed one; 2 wrong usage.",
    )
    running.add_argument("files", nargs="*", type=Path, metavar="FILE", help="default: a good and a bad sample")
    running.add_argument("--schema", metavar="NAME|PATH", help="a dataset's name, or a .json file with its schema")
    running.add_argument("--json", action="store_true", help="print one line of JSON a verdict, and nothing else")

    serving = commands.add_parser("serve", help="leave it running until Ctrl-C")
    serving.add_argument("--aws-port", type=int, default=4566, help="default: %(default)s")
    serving.add_argument("--http-port", type=int, default=8000, help="default: %(default)s")
    keep = "keep files, uploads and verdicts in a directory, and continue with what is there"
    serving.add_argument("--keep", type=Path, metavar="DIR", help=keep)
    serving.add_argument("--sign-in", action="store_true", help="let people sign in, by an OpenID provider")
    return parser


if __name__ == "__main__":
    sys.exit(main())
