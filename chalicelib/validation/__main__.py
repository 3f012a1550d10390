"""Run the command line: `python -m chalicelib.validation` is `assay`."""

import sys

from chalicelib.validation.cli.main import main

if __name__ == "__main__":
    sys.exit(main(program="python -m chalicelib.validation"))
