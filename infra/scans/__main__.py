"""The command line of the scans: `python -m infra.scans secrets|advisories [FILE ...]`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.scans import advisories, secrets


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for, and give the exit code: 0 if nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m infra.scans", description=__doc__)
    parser.add_argument("scan", choices=["secrets", "advisories"])
    parser.add_argument("files", nargs="*", type=Path, help="by default all that are tracked, or requirements.txt")
    options = parser.parse_args(arguments)
    if options.scan == "secrets":
        return secrets.scan(options.files or secrets.tracked())
    return advisories.scan(options.files or [Path("requirements.txt")], strict=os.environ.get("AUDIT") == "strict")


if __name__ == "__main__":
    sys.exit(main())
