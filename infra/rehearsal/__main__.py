"""The command line of rehearsals."""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from infra.deploy import steps
from infra.deploy.commands import CommandFailed, CommandMissing
from infra.local import child_processes
from infra.rehearsal.cloud import CloudFailed
from infra.rehearsal.provider import ProviderUnavailable
from infra.rehearsal.rehearsal import RehearsalFailed, rehearse

_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rehearsal, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.rehearsal", description="Deploy Assay to an emulated AWS, use it, and remove it."
    )
    parser.add_argument(
        "--quick", action="store_true", help="do not try what breaks without each statement of the policies"
    )
    options = parser.parse_args(arguments)
    child_processes.handle_signals()
    try:
        rehearse(steps.printer(sys.stdout), permissions=not options.quick)
    except (RehearsalFailed, CloudFailed, CommandFailed, CommandMissing, ProviderUnavailable) as failure:
        steps.printer(sys.stderr)(f"\nThe rehearsal failed: {failure}")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
