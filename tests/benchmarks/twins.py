"""Broken twins of a generated file, and how much of what was broken a repair restores.

`python -m tests.benchmarks.twins` prints the table of `docs/repair.md`.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from tempfile import gettempdir
from typing import Final

from attrs import frozen

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import Record
from chalicelib.validation.repair.mending import RepairRefusedError, Tally, mended
from chalicelib.validation.repair.planning import Choice, plan_repairs
from chalicelib.validation.schema.field_types import canonical
from chalicelib.validation.schema.table_schema import Field, Schema
from tests.benchmarks.data import made
from tests.benchmarks.tables import TEN_KINDS

MEGABYTES: Final = 5
_WIDTH: Final = len(TEN_KINDS)
_NAMES: Final = [kind.name for kind in TEN_KINDS]
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Break = Callable[[str, Random], str]
"""Returns how a cell is written in the twin."""


@frozen(kw_only=True)
class Twin:
    """A way to break a file."""

    name: str
    column: str | None = None
    """The column that is broken; None if it is the file as a whole."""
    broken: Break | None = None
    share: float = 1.0
    """Of the cells."""
    layout: Callable[[Sequence[Sequence[str]]], bytes] | None = None


@frozen(kw_only=True)
class Result:
    """What became of the cells of a twin."""

    broken: int
    restored: int
    wrong: int
    """Cells that have a value now which is neither the original nor the broken one."""
    harmed: int
    """Cells that were right, and are not any more."""
    seconds: float

    @property
    def share(self) -> float:
        """The share of broken cells that have their original value back."""
        return self.restored / self.broken if self.broken else 1.0


def _grouped(cell: str, marks: str) -> str:
    """Return a number with these marks between thousands and before its decimals."""
    number = f"{int(cell):,}" if cell.isdecimal() else f"{float(cell):,.2f}"
    return number.translate(str.maketrans(",.", marks))


def _date(order: str) -> Break:
    def broken(cell: str, _: Random) -> str:
        year, month, day = cell.split("-")
        return order.format(y=year, m=month, d=day, name=_MONTHS[int(month) - 1], day=int(day))

    return broken


def _typo(cell: str, rng: Random) -> str:
    """Leave out, repeat or replace a letter; words of three letters are too short to be mended."""
    if len(cell) < len("blue"):
        return cell
    at = rng.randrange(len(cell))
    return rng.choice((cell[:at] + cell[at + 1 :], cell[:at] + cell[at] + cell[at:], cell[:at] + "x" + cell[at + 1 :]))


def _written(delimiter: str, rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> bytes:
    lines = (delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in row) for row in rows)
    return ("\r\n".join(lines) + "\r\n").encode(encoding, errors="replace")


def _ended(rows: Sequence[Sequence[str]]) -> bytes:
    return _written(",", [*([*row, "", ""] for row in rows), [""]])


_ORDER: Final = (3, 0, 9, 1, 5, 2, 8, 4, 7, 6)
_OF_CELLS: Final[Sequence[tuple[str, str, float, Break]]] = (
    ("decimal commas, thousands by points", "decimal", 1, lambda cell, _: _grouped(cell, ".,")),
    ("thousands by commas", "decimal", 1, lambda cell, _: _grouped(cell, ",.")),
    ("thousands by apostrophes", "decimal", 1, lambda cell, _: _grouped(cell, "'.")),
    ("currency after the number, in half of the cells", "decimal", 0.5, lambda cell, _: f"{cell} EUR"),
    ("currency before the number, in a third", "decimal", 0.3, lambda cell, _: f"\u20ac {cell}"),
    ("decimal commas and exponents", "number", 1, lambda cell, _: cell.replace(".", ",")),
    ("whole numbers with points", "integer", 1, lambda cell, _: _grouped(cell, ".,")),
    ("whole numbers as 12.00", "integer", 1, lambda cell, _: f"{cell}.00"),
    ("apostrophes before numbers", "integer", 1, lambda cell, _: f"'{cell}"),
    ("no-break spaces", "integer", 1, lambda cell, _: f"{cell}\xa0"),
    ("31/12/2024", "date", 1, _date("{d}/{m}/{y}")),
    ("12/31/2024", "date", 1, _date("{m}/{d}/{y}")),
    ("31.12.2024, in a tenth", "date", 0.1, _date("{d}.{m}.{y}")),
    ("2024/12/31", "date", 1, _date("{y}/{m}/{d}")),
    ("2024-12-31 00:00:00", "date", 1, lambda cell, _: f"{cell} 00:00:00"),
    ("31 Dec 2024", "date", 1, _date("{day} {name} {y}")),
    ("20241231", "date", 1, _date("{y}{m}{d}")),
    ("2024-12-31 12:30:00+0000", "datetime", 1, lambda cell, _: cell.replace("T", " ").replace("Z", "+0000")),
    ("yes and no", "boolean", 1, lambda cell, _: "yes" if cell == "true" else "no"),
    ("TRUE and FALSE", "boolean", 1, lambda cell, _: cell.upper()),
    ("capital letters in an enumeration", "colour", 1, lambda cell, _: cell.title()),
    ("a wrong letter in words of an enumeration, in a tenth", "colour", 0.1, _typo),
    ("spaces before", "part", 1, lambda cell, _: f" {cell}"),
    ("quotes around", "part", 1, lambda cell, _: f"\u201c{cell}\u201d"),
    ("invisible characters", "email", 1, lambda cell, _: f"\ufeff{cell}\u200b"),
)
_OF_FILES: Final[Sequence[tuple[str, Callable[[Sequence[Sequence[str]]], bytes]]]] = (
    ("semicolons and windows-1252", lambda rows: _written(";", rows, "windows-1252")),
    ("a line sep=;", lambda rows: b"sep=;\r\n" + _written(";", rows)),
    ("two lines above the header", lambda rows: b"Export\r\n\r\n" + _written(",", rows)),
    ("columns in another order", lambda rows: _written(",", [[row[at] for at in _ORDER] for row in rows])),
    ("labels in capital letters", lambda rows: _written(",", [[label.upper() for label in rows[0]], *rows[1:]])),
    ("empty columns and rows at the end", _ended),
)
TWINS: Final = (
    *(Twin(name=name, column=column, share=share, broken=broken) for name, column, share, broken in _OF_CELLS),
    *(Twin(name=name, layout=layout) for name, layout in _OF_FILES),
)


def tables(megabytes: int, directory: Path) -> list[list[str]]:
    """Return the header and the rows of a generated file, of ten columns of different kinds."""
    data = made("wide", megabytes, directory).read_bytes()
    records = (record for record in RecordReader([data], Dialect()) if isinstance(record, Record))
    rows = [list(map(str, record.cells[:_WIDTH])) for record in records]
    latin = str.maketrans(dict.fromkeys("čČ", "c"))
    return [_NAMES, *([cell.translate(latin) for cell in row] for row in rows[1:])]


def schema() -> Schema:
    """Return the schema of the ten columns."""
    fields = [{"name": kind.name, **kind.type, "constraints": dict(kind.constraints)} for kind in TEN_KINDS]
    return Schema.from_descriptor({"fields": fields})


def measure(twin: Twin, rows: Sequence[Sequence[str]]) -> Result:
    """Break a file, mend it, and compare."""
    rules = schema()
    rng = Random(1)
    at = _NAMES.index(twin.column) if twin.column else None
    changed = [list(rows[0]), *(_broken(row, at, twin, rng) for row in rows[1:])]
    data = twin.layout(rows) if twin.layout else _written("\t", changed)
    dialect = Dialect() if twin.layout else Dialect(delimiter="\t")
    started = time.process_time()
    restored = _mended(data, rules, dialect)
    seconds = time.process_time() - started
    if twin.layout:
        return _compared(rows, None, restored, rules.fields, seconds)
    return _compared(rows, changed, restored, rules.fields, seconds)


def _broken(row: Sequence[str], at: int | None, twin: Twin, rng: Random) -> list[str]:
    cells = list(row)
    if at is not None and twin.broken and rng.random() < twin.share:
        cells[at] = twin.broken(cells[at], rng)
    return cells


def _mended(data: bytes, rules: Schema, dialect: Dialect) -> list[list[str]]:
    blocks = [data[at : at + 2**20] for at in range(0, len(data), 2**20)]
    plan = plan_repairs(lambda: iter(blocks), rules, dialect, Choice()).plan
    while True:
        try:
            result = b"".join(mended(iter(blocks), plan, Tally()))
        except RepairRefusedError as refusal:
            plan = plan.without(refusal.refused)
        else:
            records = RecordReader([result], dialect)
            return [list(map(str, record.cells)) for record in records if isinstance(record, Record)]


def _compared(
    originals: Sequence[Sequence[str]],
    broken: Sequence[Sequence[str]] | None,
    results: Sequence[Sequence[str]],
    fields: Sequence[Field],
    seconds: float,
) -> Result:
    """Compare cell by cell; if the file as a whole was broken, all its cells were."""
    counts = dict.fromkeys(("broken", "restored", "wrong", "harmed"), 0)
    for number, original in enumerate(originals[1:], start=1):
        result = results[number] if number < len(results) else [""] * _WIDTH
        for at in range(_WIDTH):
            same = _value(fields[at], original[at]) == _value(fields[at], result[at] if at < len(result) else "")
            was = None if broken is None else broken[number][at]
            if was == original[at]:
                counts["harmed"] += not same
                continue
            counts["broken"] += 1
            counts["restored"] += same
            counts["wrong"] += not same and was is not None and result[at] != was
    return Result(seconds=seconds, **counts)


def _value(field: Field, text: str) -> str:
    value = field.type.parse(text)
    return f"?{text}" if value is None else canonical(value)


def lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the table, one twin a line."""
    yield "| broken | cells | restored | share | another value | right cells harmed |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for twin in TWINS:
        result = measure(twin, rows)
        counts = f"{result.broken:,} | {result.restored:,} | {result.share:.2%} | {result.wrong:,} | {result.harmed:,}"
        yield f"| {twin.name} | {counts} |"


def main() -> None:
    """Print the table."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES
    for line in lines(tables(megabytes, Path(gettempdir()) / "assay-benchmarks")):
        print(line)


if __name__ == "__main__":
    main()
