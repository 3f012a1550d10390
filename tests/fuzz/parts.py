"""Validate random files as a whole and in parts, and compare the reports, to the page, and the rows that are split.

The exit code is 1 if they differ; then what reproduces it is printed.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from attrs import evolve

from chalicelib.errors import PartsUnsupported, SchemaInvalid
from chalicelib.validation.fast.engines import Engine
from tests.fuzz import cases
from tests.validation.parts.trial import Trial
from tests.validation.splitting.in_segments import splits_alike

_PAUSE = 10.0
"""Seconds between two lines of progress."""
_SHARE_LOCAL = 0.5
"""The share of divisions into parts that are read from an open file."""
_SHARE_IN_PROCESSES = 0.1
"""The share of files that processes validate, too. Starting processes takes longer than validating most files."""
_SHARE_IN_KEY_SHARES = 0.3
"""The share of divisions into parts whose keys are compared in shares, too."""
_SHARE_NATIVE = 0.7
"""The share of divisions into parts that the native engine splits. The reference splits the others."""
_CELLS = (
    "1",
    "22",
    "a",
    "é",
    '"q"',
    '"a""b"',
    '"\n"',
    '"\r\n1,2,3\n"',
    '"1,""2"",3\n"',
    '""""',
    '"',
    'x"',
    '"x"y',
    "\0",
    "",
    " ",
)


TREE = {
    "fields": [{"name": name, "type": "integer"} for name in ("id", "above", "beside", "amount")],
    "foreignKeys": [{"fields": name, "reference": {"resource": "", "fields": "id"}} for name in ("above", "beside")],
    "assay": {"tolerance": {"rows": "50%"}},
}
"""A schema by which rows that refer only to faulty rows are faulty, too."""


def trial(seed: int, records: int | None = None) -> Trial:
    """Generate a file with its schema and dialect, and how it is checked; with `records`, it has about that many."""
    rng = Random(seed)
    case = cases.Trial.of(seed, records or rng.choice((3, 10, 10, 30, 100, 400))).case
    if rng.random() < 0.3 and records is None:
        case = evolve(case, data=_quoted(rng), schema=_keyed(rng), dialect=None)
    elif rng.random() < 0.2:
        case = evolve(case, data=_linked(rng, records or rng.choice((5, 20, 60, 150))), schema=TREE, dialect=None)
    return Trial(
        data=case.data,
        schema=case.schema,
        dialect=case.dialect,
        engine=rng.choice((Engine.NATIVE, Engine.NATIVE, Engine.PORTABLE, Engine.REFERENCE)),
        max_errors=rng.choice((0, 1, 7, 100)),
        marks_rows=case.marks,
    )


def _quoted(rng: Random) -> bytes:
    """Write a file full of quotes and line breaks in cells."""
    end = rng.choice(("\n", "\r\n", "\r"))
    rows = range(rng.choice((2, 5, 20, 60)))
    body = end.join(",".join(rng.choices(_CELLS, k=rng.choice((3, 3, 3, 2)))) for _ in rows)
    last = rng.choice(("", end, end + "\x1a", end + "\x1a\x1a\r\n"))
    return f"{rng.choice(('', chr(0xFEFF)))}a,b,c{end}{body}{last}".encode()


def _linked(rng: Random, records: int) -> bytes:
    """Write rows that refer to others, mostly to the one before, and some faulty ones: chains and trees of orphans."""
    nearest = rng.choice((1, 1, 2, records))
    rows = []
    for at in range(records):
        above = at if at < 1 or rng.random() < 0.05 else at - rng.randint(1, min(at, nearest))
        other = rng.choice(("", str(rng.randrange(records))))
        rows.append(f"{rng.choice((at, at, at, at, at // 2))},{above},{other},{rng.choices(('1', 'x'), (30, 1))[0]}")
    if rng.random() < 0.5:
        rng.shuffle(rows)
    return "\n".join(["id,above,beside,amount", *rows]).encode()


def _keyed(rng: Random) -> dict[str, Any]:
    reference = {"resource": "", "fields": "b"}
    fields: list[dict[str, Any]] = [{"name": "a", "type": "integer"}, {"name": "b"}, {"name": "c"}]
    keys: Sequence[dict[str, Any]] = (
        {},
        {"primaryKey": "a"},
        {"uniqueKeys": [["b", "c"], ["a"]]},
        {"foreignKeys": [{"fields": "c", "reference": reference}]},
        {"foreignKeys": [{"fields": "c", "reference": reference}], "assay": {"tolerance": {"rows": "50%"}}},
    )
    return {"fields": fields, **rng.choice(keys)}


def difference(made: Trial, seed: int) -> str | None:
    """Return how the parts differ from the whole; None if they do not."""
    rng = Random(seed)
    try:
        whole = made.whole()
    except SchemaInvalid:
        return None
    for _ in range(2):
        part_bytes = rng.choice((1, 2, 3, 7, 64, 1000, len(made.data) // 2 + 1))
        part_bytes = max(part_bytes, len(made.data) // rng.choice((10, 30, 200)))
        block_bytes = rng.choice((1, 5, 64, 1 << 20))
        block_bytes = max(block_bytes, len(made.data) // 2000)
        try:
            found = made.in_parts(part_bytes, seed=seed, block_bytes=block_bytes, is_local=rng.random() < _SHARE_LOCAL)
        except PartsUnsupported:
            return None
        if found == whole and rng.random() < _SHARE_IN_KEY_SHARES:
            found = made.in_shares(part_bytes, rng.choice((1, 2, 7)), finer=rng.choice((1, 1, 2)))
        if found != whole:
            names = [
                name
                for name in ("report", "lines", "page", "causes", "repairs", "faulty_rows")
                if getattr(found, name) != getattr(whole, name)
            ]
            return f"parts of {part_bytes} bytes, blocks of {block_bytes}: {', '.join(names)} differ"
        if not splits_alike(made, part_bytes, native=rng.random() < _SHARE_NATIVE):
            return f"parts of {part_bytes} bytes: accepted or rejected rows differ"
    if rng.random() < _SHARE_IN_PROCESSES:
        part_bytes = max(part_bytes, len(made.data) // 30)
        if made.in_processes(rng.choice((2, 3)), part_bytes) != whole:
            return f"parts of {part_bytes} bytes, by several processes: they differ"
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="make fuzz-parts", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="stop after so long (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the cases' own seeds (default: %(default)s)")
    parser.add_argument("--records", type=int, metavar="N", help="of each file; small files have fewer than 400")
    parser.add_argument("--case", type=int, metavar="SEED", help="try this case alone")
    options = parser.parse_args(arguments)
    started, count, lines = time.monotonic(), 0, 0
    due = started + _PAUSE
    for seed in [options.case] if options.case is not None else _seeds(options.seed):
        made = trial(seed, options.records)
        count, lines = count + 1, lines + max(map(made.data.count, (b"\n", b"\r")))
        if found := difference(made, seed):
            size = f" --records {options.records}" if options.records else ""
            print(f"{found}\n{made}\nthe parts differ from the whole: again with --case {seed}{size}")
            return 1
        now = time.monotonic()
        if now - started > options.seconds:
            break
        if now > due:
            print(f"{_progress(count, lines, now - started)}; last case {seed}", flush=True)
            due = now + _PAUSE
    seconds = time.monotonic() - started
    print(f"the parts agree with the whole: seed {options.seed}, {_progress(count, lines, seconds)}")
    return 0


def _progress(count: int, lines: int, seconds: float) -> str:
    return f"{count:,} files, {lines:,} lines, {seconds:.0f} s"


def _seeds(seed: int) -> Iterator[int]:
    rng = Random(seed)
    while True:
        yield rng.getrandbits(40)


if __name__ == "__main__":
    sys.exit(main())
