"""Send malformed payloads to functions and routes; `make fuzz-api`.

Then generate requests from the API's description, and compare the responses with it.
The exit code is 1 after a 500 or an exception that is not Assay's; then the payload is printed.
"""

import argparse
import sys
from collections.abc import Sequence

from chalicelib.postgres import migrations
from infra.local.postgres import PostgresServer
from tests.fuzz.api.targets import TARGETS, attempt, sending
from tests.fuzz.openapi.longer import hold_to_description


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="make fuzz-api", description=__doc__)
    parser.add_argument("--examples", type=int, default=1000, help="for each target (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the payloads (default: %(default)s)")
    parser.add_argument("--only", choices=TARGETS, help="one target")
    options = parser.parse_args(arguments)
    with PostgresServer() as server:
        dsn = server.create_database("assay")
        migrations.apply(dsn)
        for name in [options.only] if options.only else TARGETS:
            try:
                with sending(dsn) as ready:
                    attempt(TARGETS[name], ready, examples=options.examples, number=options.seed)
            except AssertionError as wrong:
                message = "\n".join([f"{name} did not take this: {wrong}", *getattr(wrong, "__notes__", ())])
                print(message.encode(errors="backslashreplace").decode())  # payloads may contain unpaired surrogates
                return 1
            print(f"{name}: {options.examples} payloads, seed {options.seed}: an answer or an error of ours each time")
    return 0 if options.only else hold_to_description(examples=options.examples, seed=options.seed)


if __name__ == "__main__":
    sys.exit(main())
