"""Bring a database up to date: `python -m chalicelib.postgres.migrations [DATABASE_URL]`."""

import argparse
import os
import sys
from collections.abc import Sequence

from chalicelib.errors import AssayError
from chalicelib.postgres import migrations


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print the missing migrations, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m chalicelib.postgres.migrations", description="Bring a database up to date."
    )
    parser.add_argument(
        "dsn", nargs="?", default=os.environ.get("DATABASE_URL"), help="its URL; by default that in DATABASE_URL"
    )
    options = parser.parse_args(arguments)
    if not options.dsn:
        parser.error("name the database's URL, here or in DATABASE_URL")
    try:
        applied = migrations.apply(options.dsn)
    except AssayError as error:
        print(f"could not migrate: {error}", file=sys.stderr)
        return 1
    print("\n".join(f"applied {name}" for name in applied) or "up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
