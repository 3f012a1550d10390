"""Look for columns of random schemas in which a repair does what it must not.

`python -m tests.fuzz.repair` prints such columns; the exit code is then 1.
"""

import argparse
import re
import sys
import time
from collections.abc import Iterator, Sequence
from random import Random

from attrs import frozen

from chalicelib.errors import SchemaInvalid
from chalicelib.validation.checking.cells import faults_of
from chalicelib.validation.mendable import LONGEST
from chalicelib.validation.repair.changes import Mender, Repair
from chalicelib.validation.repair.column_cells import CountedTexts
from chalicelib.validation.repair.columns import NONE, column_repairs
from chalicelib.validation.schema.table_schema import Field, Schema
from tests.fuzz.schemas import table

_MOST_CELLS = 40


@frozen(kw_only=True)
class Finding:
    """A column, and what is wrong with its repairs."""

    seed: int
    descriptor: object
    reason: str


def find(seed: int) -> tuple[int, list[Finding]]:
    """Return how many suggestions the columns of a random schema get, and what is wrong with any."""
    rng = Random(seed)
    made = table(rng)
    suggested, findings = 0, []
    try:
        schema = Schema.from_descriptor(made.descriptor) if made.descriptor else None
    except SchemaInvalid:
        schema = None
    for field, column in zip(schema.fields if schema else (), made.columns, strict=False):
        right = [cell for cell in column.right if not faults_of(cell, field)]
        broken = [_broken(cell, rng) for cell in [*right, *column.wrong]]
        wrong = [cell for cell in (*column.wrong, *broken) if len(cell) <= LONGEST and faults_of(cell, field)]
        rng.shuffle(wrong)
        count, reasons = _reasons(field, wrong[:_MOST_CELLS], right[:_MOST_CELLS])
        suggested += count
        findings += [Finding(seed=seed, descriptor=column.descriptor, reason=reason) for reason in reasons]
    return suggested, findings


def _reasons(field: Field, wrong: Sequence[str], right: Sequence[str]) -> tuple[int, list[str]]:
    """Return the number of suggestions for the wrong cells of a column, and what must not be."""
    found = column_repairs(1, field.name, field, CountedTexts.of(filter(None, wrong)), right)
    suggestions = {cell: found.suggestion(cell) for cell in wrong if cell}
    reasons = [
        f"{text!r} is proposed for {cell!r}, and is not valid"
        for cell, suggestion in suggestions.items()
        for text in filter(None, (suggestion.text, *suggestion.choices))
        if faults_of(text, field)
    ]
    certain = [each for each in found.repairs if each.certain]
    mender = Mender(certain, [*wrong, *right])
    reasons += [
        f"the valid cell {cell!r} becomes {mended[0]!r}"
        for cell in right
        if (mended := mender.mend(cell)) and not _swaps(certain)
    ]
    for cell in wrong:
        mended = mender.mend(cell)
        if mended and faults_of(mended[0], field):
            reasons.append(f"{cell!r} becomes {mended[0]!r}, which is not valid")
        expected = suggestions.get(cell)
        if mended and (expected is None or expected.text != mended[0]):
            reasons.append(f"{cell!r} becomes {mended[0]!r}, which was not proposed")
    return len([each for each in suggestions.values() if each is not NONE]), reasons


def _swaps(repairs: Sequence[Repair]) -> bool:
    """Return whether valid cells are to be changed, because the column is written in another order."""
    return any(change.valid_too for repair in repairs for change in repair.changes)


def _broken(cell: str, rng: Random) -> str:
    """Return a cell as another program or person may have written it."""
    at = rng.randint(0, len(cell))
    ways = (
        f" {cell}\xa0",
        f"'{cell}",
        f"\u201c{cell}\u201d",
        cell.replace(".", ","),
        f"{cell} EUR",
        f"{cell} %",
        cell.swapcase(),
        f"{int(cell):,}" if re.fullmatch("[0-9]{1,40}", cell) else cell.upper(),
        "/".join(reversed(cell.split("-"))),
        cell[:at] + rng.choice("x.,- ") + cell[at:],
    )
    return rng.choice(ways)


def search(seed: int, schemas: int, seconds: float) -> Iterator[tuple[int, list[Finding]]]:
    """Yield what the random schemas from a seed on show, until the time is over."""
    due = time.monotonic() + seconds
    for number in range(seed, seed + schemas):
        yield find(number)
        if time.monotonic() > due:
            return


def main() -> int:
    """Search, and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.repair", description=__doc__.partition("\n")[0])
    parser.add_argument("--schemas", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    schemas = suggestions = faults = 0
    for suggested, findings in search(options.seed, options.schemas, options.seconds):
        schemas, suggestions, faults = schemas + 1, suggestions + suggested, faults + len(findings)
        for found in findings:
            print(f"seed {found.seed}: {found.descriptor}: {found.reason}")
    print(f"{schemas:,} schemas, {suggestions:,} suggestions, {faults:,} findings")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
