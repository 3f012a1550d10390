"""Replay, trace and sweep uploads, and create tables: `python -m chalicelib.operations replay|trace|sweep|table`.

Runs where the database can be reached, with the functions' settings: `DATABASE_URL` or `DATABASE_SECRET_ARN`, and
`STATE_MACHINE_ARN`, which cannot be derived from a function's ARN here.
"""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Sequence
from contextlib import closing

from chalicelib import codec
from chalicelib.bootstrap import Services
from chalicelib.errors import AssayError, TableUnfit
from chalicelib.loading import ddl
from chalicelib.loading.table import Table
from chalicelib.settings import BUCKET, DATABASE, STATE_MACHINE_ARN, Settings
from chalicelib.telemetry import logs
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.messages import ReplayRequest
from chalicelib.uploads.queries import trace_upload
from chalicelib.uploads.read_models import Transition
from chalicelib.uploads.replay import replay_upload
from chalicelib.validation.schema.table_schema import compiled_schema

_NOT_A_FUNCTION = ""
"""Stands for the ARN of the running function, from which the state machine's is derived on AWS."""

_SETTINGS = f"""\
environment variables, besides AWS credentials and region:
  {DATABASE}
  {STATE_MACHINE_ARN}, for replay and sweep
  {BUCKET}, for sweep
  LOAD_DATABASE_URL or LOAD_DATABASE_SECRET_ARN, for tables in another database; SCHEMAS_URI, for schemas in S3
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code: 0 for success, 1 for failure, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    logs.configure()
    try:
        with closing(Services(Settings.from_environment(os.environ))) as services:
            return int(options.do(services, options))
    except AssayError as error:
        _print_error(error)
        return 1


def _print_error(error: AssayError, about: str = "") -> None:
    print(f"{about}{type(error).__name__}: {error}", file=sys.stderr)


def _replay(services: Services, options: argparse.Namespace) -> bool:
    """Begin the attempts, and return whether any failed; a failure does not stop the others."""
    request = codec.structure({"reason": options.reason, "attempt": options.attempt}, ReplayRequest)
    executions = services.executions(_NOT_A_FUNCTION)
    operator = f"operator:{options.operator or _login()}"
    failed = False
    for upload_id in options.upload_ids:
        try:
            upload = replay_upload(upload_id, request, actor=operator, uploads=services.uploads, executions=executions)
        except AssayError as error:
            failed = True
            _print_error(error, about=f"{upload_id}  ")
        else:
            print(f"{upload_id}  attempt {upload.attempt}  {upload.status}  {upload.execution_name}")
    return failed


def _trace(services: Services, options: argparse.Namespace) -> bool:
    for step in trace_upload(options.upload_id, uploads=services.uploads):
        print(json.dumps(codec.unstructure(step), ensure_ascii=False) if options.json else _line(step))
    return False


def _sweep(services: Services, _options: argparse.Namespace) -> bool:
    with logs.invocation("sweep", "operations"):
        services.sweep(_NOT_A_FUNCTION).run()
    return False


def _table(services: Services, options: argparse.Namespace) -> bool:
    """Print the DDL of a dataset's table; with `--apply`, create it, or compare it with the schema."""
    descriptor = services.schemas.load(options.name)
    load = compiled_schema(descriptor).options.load
    if load is None:
        raise TableUnfit(f'the schema {options.name} asks for no load: add "assay": {{"load": {{"table": "…"}}}} to it')
    table = Table.of(descriptor, load)
    print(";\n".join(ddl.statements(table)) + ";")
    if options.apply:
        created = services.create_table(table)
        print(f"-- {table.written} was created" if created else f"-- {table.written} exists, and fits the schema")
    return False


def _login() -> str:
    """Return the user's name, or their number if the system has no name for it, as in many containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # KeyError before Python 3.13
        return f"uid {os.getuid()}"


def _line(step: Transition) -> str:
    transition = f"{step.from_status or '-'} -> {step.to_status}"
    # The execution name leads to the history and the logs of an attempt.
    execution = f"  in {step.execution_name}" if step.to_status is Status.VALIDATING and step.execution_name else ""
    errors = "" if step.error_count is None else f"  {step.error_count} error{'s' * (step.error_count != 1)}"
    because = f": {step.reason}" if step.reason else ""
    step_text = f"attempt {step.attempt}  {transition}{execution}{errors}  by {step.actor or '-'}"
    return f"{step.occurred_at.isoformat()}  {step_text}{because}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m chalicelib.operations",
        description="Replay, trace and sweep uploads, and create the tables that they are loaded into.",
        epilog=_SETTINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True)

    replaying = commands.add_parser("replay", help="begin another attempt at uploads")
    replaying.add_argument("upload_ids", nargs="+", metavar="UPLOAD_ID")
    replaying.add_argument("--reason", required=True, help="why, for the audit")
    replaying.add_argument(
        "--attempt", type=int, help="only if this is the current attempt; repeating the command is then harmless"
    )
    replaying.add_argument("--operator", help="your name, for the audit; by default that of the login")
    replaying.set_defaults(do=_replay)

    tracing = commands.add_parser("trace", help="print every transition of an upload")
    tracing.add_argument("upload_id", metavar="UPLOAD_ID")
    tracing.add_argument("--json", action="store_true", help="print one JSON object a line")
    tracing.set_defaults(do=_trace)

    tabling = commands.add_parser("table", help="print the DDL of the table that a dataset is loaded into")
    tabling.add_argument("name", metavar="NAME", help="the name of the schema")
    tabling.add_argument("--apply", action="store_true", help="create the table, or compare the one that exists")
    tabling.set_defaults(do=_table)

    sweeping = commands.add_parser("sweep", help="run a sweep now")
    sweeping.set_defaults(do=_sweep)
    return parser


if __name__ == "__main__":
    sys.exit(main())
