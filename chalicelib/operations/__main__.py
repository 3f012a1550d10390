"""Look after uploads: `python -m chalicelib.operations replay|trace|sweep`.

Works wherever the database can be reached, by the settings that the functions have (`DATABASE_URL` or
`DATABASE_SECRET_ARN`, and `STATE_MACHINE_ARN`, which no function's ARN tells here).
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
from chalicelib.errors import AssayError
from chalicelib.settings import BUCKET, DATABASE, STATE_MACHINE_ARN, Settings
from chalicelib.telemetry import logs
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.messages import ReplayRequest
from chalicelib.uploads.queries import trace_upload
from chalicelib.uploads.read_models import Transition
from chalicelib.uploads.replay import replay_upload

_NOT_A_FUNCTION = ""
"""There is no function here beside which the state machine would be: the settings must have its ARN."""

_SETTINGS = f"""\
what it reads from the environment, besides the credentials and the region of AWS:
  {DATABASE}
  {STATE_MACHINE_ARN}, for replay and sweep
  {BUCKET}, for sweep
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and give the exit code: 0 done, 1 could not, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    logs.configure()
    try:
        with closing(Services(Settings.from_environment(os.environ))) as services:
            return int(options.do(services, options))
    except AssayError as error:
        _complain(error)
        return 1


def _complain(error: AssayError, about: str = "") -> None:
    print(f"{about}{type(error).__name__}: {error}", file=sys.stderr)


def _replay(services: Services, options: argparse.Namespace) -> bool:
    """Begin the attempts, and say whether any could not be; one that cannot be keeps no other from it."""
    request = codec.structure({"reason": options.reason, "attempt": options.attempt}, ReplayRequest)
    executions = services.executions(_NOT_A_FUNCTION)
    operator = f"operator:{options.operator or _login()}"
    failed = False
    for upload_id in options.upload_ids:
        try:
            upload = replay_upload(upload_id, request, actor=operator, uploads=services.uploads, executions=executions)
        except AssayError as error:
            failed = True
            _complain(error, about=f"{upload_id}  ")
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


def _login() -> str:
    """Name whoever runs this; by number where the system knows no name, as in many a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # KeyError before Python 3.13
        return f"uid {os.getuid()}"


def _line(step: Transition) -> str:
    way = f"{step.from_status or '-'} -> {step.to_status}"
    # Where an attempt begins, all that is known of it elsewhere is found by its execution.
    execution = f"  in {step.execution_name}" if step.to_status is Status.VALIDATING and step.execution_name else ""
    errors = "" if step.error_count is None else f"  {step.error_count} errors"
    because = f": {step.reason}" if step.reason else ""
    whose = f"attempt {step.attempt}  {way}{execution}{errors}  by {step.actor or '-'}"
    return f"{step.occurred_at.isoformat()}  {whose}{because}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m chalicelib.operations",
        description="Look after uploads.",
        epilog=_SETTINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True)

    replaying = commands.add_parser("replay", help="begin another attempt at uploads")
    replaying.add_argument("upload_ids", nargs="+", metavar="UPLOAD_ID")
    replaying.add_argument("--reason", required=True, help="why, for the audit")
    replaying.add_argument("--attempt", type=int, help="replace only this attempt, so that saying it twice begins one")
    replaying.add_argument("--operator", help="who, for the audit; by default, whoever is logged in")
    replaying.set_defaults(do=_replay)

    tracing = commands.add_parser("trace", help="tell every step that an upload has taken")
    tracing.add_argument("upload_id", metavar="UPLOAD_ID")
    tracing.add_argument("--json", action="store_true", help="print a line of JSON a step")
    tracing.set_defaults(do=_trace)

    sweeping = commands.add_parser("sweep", help="look for what nobody has told of, now")
    sweeping.set_defaults(do=_sweep)
    return parser


if __name__ == "__main__":
    sys.exit(main())
