"""Measures splitting a file beside validating it alone.

The two take turns in processes of their own. Times are of the processor, the least of several runs, so that other
programs on the machine matter less. The two parts are written to the null device.
"""

import multiprocessing
import os
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from chalicelib import schemas
from chalicelib.validation import Dialect, validate
from chalicelib.validation.reading.source import BLOCK_BYTES, chunks
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.splitting.splitter import split
from tests.benchmarks.data import made
from tests.benchmarks.measure import peak_bytes
from tests.benchmarks.results import Splitting

CASES: Final = ("clean", "dirty", "halfbad")

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


def measure(case: str, megabytes: int, rounds: int, directory: Path) -> Splitting:
    """Measure on a file of that size, which is made in the directory."""
    path = made(case, megabytes, directory)
    pairs = [(_measured(check, path), _measured(check_and_split, path)) for _ in range(rounds)]
    alone, both = (min(pair[at][0] for pair in pairs) for at in range(2))
    return Splitting(
        case=case,
        bytes=path.stat().st_size,
        seconds=alone,
        split_seconds=both,
        peak_bytes=max(split[1] for _, split in pairs),
    )


def _measured(work: Work, path: Path) -> tuple[float, int]:
    """Return the processor time of a run in seconds, and the most memory that its process took, in bytes."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(work, path, sender))
    process.start()
    sender.close()
    seconds, size = receiver.recv()
    process.join()
    return float(seconds), int(size)


def _run(work: Work, path: Path, sender: Connection) -> None:
    began = time.process_time()
    work(path)
    sender.send((time.process_time() - began, peak_bytes()))
