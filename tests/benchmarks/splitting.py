"""Measures splitting a file beside validating it alone: `python -m tests.benchmarks.splitting`.

The two take turns in processes of their own. Times are of the processor, the least of several runs, so that other
programs on the machine matter less. The two parts are written to the null device.
"""

import argparse
import multiprocessing
import os
import resource
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from chalicelib import schemas
from chalicelib.validation import Dialect, validate
from chalicelib.validation.reading.source import BLOCK_BYTES, chunks
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.splitting.splitter import split
from tests.benchmarks.data import MEGABYTE, made

_RECIPES = ("clean", "dirty", "halfbad")

Work = Callable[[Path], None]


def check(path: Path) -> None:
    """Validate a file."""
    with path.open("rb") as file:
        validate(file, schemas.load(schemas.DEFAULT), processes=1)


def check_and_split(path: Path) -> None:
    """Validate a file, and split it, as `csv_validator` does."""
    faulty_rows = RowSet()
    with path.open("rb") as file, Path(os.devnull).open("wb") as accepted, Path(os.devnull).open("wb") as rejected:
        validate(file, schemas.load(schemas.DEFAULT), processes=1, faulty_rows=faulty_rows)
        file.seek(0)
        split(chunks(file, BLOCK_BYTES), Dialect(), faulty_rows, accept=accepted.write, reject=rejected.write)


def _measure(work: Work, path: Path, sender: Connection) -> None:
    began = time.process_time()
    work(path)
    sender.send((time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


def measured(work: Work, path: Path) -> tuple[float, int]:
    """Return the processor time of a run in seconds, and the most memory that its process took, in KiB."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_measure, args=(work, path, sender))
    process.start()
    seconds, kibibytes = receiver.recv()
    process.join()
    return float(seconds), int(kibibytes)


def main() -> None:
    """Measure, and print a row for each kind of file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100, help="of each file (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="of each (default: %(default)s)")
    parser.add_argument("--data", type=Path, default=Path(".local/benchmarks"), help="where the files are kept")
    options = parser.parse_args()
    print("| file | validate | and split | speed | memory |\n| --- | --- | --- | --- | --- |")
    for recipe in _RECIPES:
        path = made(recipe, options.megabytes, options.data)
        pairs = [(measured(check, path), measured(check_and_split, path)) for _ in range(options.runs)]
        alone, both = (min(pair[at][0] for pair in pairs) for at in range(2))
        memory = max(pair[1][1] for pair in pairs) * 1024 / MEGABYTE
        print(f"| {recipe} | {alone:.2f} s | {both:.2f} s | {alone / both:.2f} | {memory:.0f} MB |", flush=True)


if __name__ == "__main__":
    main()
