"""Chalice's command line, with the stage's settings for which Chalice has none.

It is run by its path, in a project's directory: `python -P chalice_command.py 3.13 deploy --stage dev`.
"""

import sys
from typing import Final

from chalice.cli import main as chalice
from chalice.config import Config

NO_RESERVED_CONCURRENCY: Final = "--no-reserved-concurrency"


def main() -> int:
    """Run Chalice with the rest of the command line."""
    _program, python, *arguments = sys.argv
    # Chalice itself takes the Python that it runs on, whatever the stage's functions are to have.
    Config.lambda_python_version = property(lambda _config: f"python{python}")
    if NO_RESERVED_CONCURRENCY in arguments:
        arguments.remove(NO_RESERVED_CONCURRENCY)
        Config.reserved_concurrency = property(lambda _config: None)
    sys.argv = ["chalice", *arguments]
    return int(chalice())


if __name__ == "__main__":
    sys.exit(main())
