"""Cases: a file, a schema and a dialect, generated from a seed, and the engines' reports on them."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Any
from unittest import mock

from attrs import asdict, evolve, field, frozen

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import ValidationReport, validate
from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.fast.native import scan_table, scanner
from chalicelib.validation.fast.native.scan_table import CELLS_BEFORE_PAIRS
from chalicelib.validation.fast.native.scanner import CHUNK
from chalicelib.validation.fast.portable.keys import RunKeys
from chalicelib.validation.reading.records import CleanRun
from chalicelib.validation.reading.source import BLOCK_BYTES
from chalicelib.validation.report import FILE
from chalicelib.validation.row_set import RowSet
from tests.fuzz.dialects import dialect, form_of
from tests.fuzz.files import file
from tests.fuzz.schemas import table

ALL = 10**9
"""More errors than a file has."""
_MAX_ERRORS = (0, 1, 7, 100, ALL)
_SMALL_BLOCKS = (1, 2, 3, 7)
_MOST_BLOCKS = 3_000
"""The maximum number of blocks of a file, which limits the time of small blocks."""


@frozen(kw_only=True)
class MarkedReport(ValidationReport):
    """A report, and the faulty rows; None if they were not asked for."""

    faulty_rows: tuple[int, ...] | None


Outcome = MarkedReport | str
"""A report, or the exception that prevented it."""


@frozen(kw_only=True)
class Setting:
    """How an engine checks a file, and how many errors it keeps."""

    engine: Engine = Engine.NATIVE
    chunk_bytes: int = CHUNK
    """How many bytes the kernel splits into records before it checks their cells."""

    cells_before_pairs: int = CELLS_BEFORE_PAIRS
    """How many cells of a column the kernel checks before it reads two bytes at once."""

    block_bytes: int | None = None
    max_errors: int = ALL

    def arguments(self) -> Mapping[str, Any]:
        """Return the validator's keyword arguments."""
        return {
            "max_errors": self.max_errors,
            "block_bytes": self.block_bytes or BLOCK_BYTES,
            "engine": self.engine.value,
        }


@frozen(kw_only=True)
class Case:
    """A file to be checked."""

    schema: Mapping[str, Any] | None
    dialect: Mapping[str, Any] | None
    data: bytes = field(repr=lambda data: f"<{len(data)} bytes>")
    marks: bool = False
    """Whether faulty rows are marked."""

    def outcome(self, setting: Setting) -> Outcome:
        """Check the file."""
        try:
            with (
                mock.patch.object(scanner, "CHUNK", setting.chunk_bytes),
                mock.patch.object(scan_table, "CELLS_BEFORE_PAIRS", setting.cells_before_pairs),
            ):
                return self._report(setting)
        except SchemaInvalid as error:
            return f"SchemaInvalid: {error}"
        except Exception as error:  # noqa: BLE001 - any exception is a finding
            return f"{_CRASH}{type(error).__name__}: {error}"

    def _report(self, setting: Setting) -> MarkedReport:
        rows = RowSet() if self.marks else None
        report = validate(
            io.BytesIO(self.data), self.schema, dialect=self.dialect, faulty_rows=rows, **setting.arguments()
        )
        return MarkedReport(**asdict(report, recurse=False), faulty_rows=None if rows is None else tuple(rows))

    def disagreement(self, setting: Setting) -> str | None:
        """Return how an engine and the reference disagree or crash; None if their reports are equal."""
        fast, exact = (self.outcome(each) for each in (setting, evolve(setting, engine=Engine.REFERENCE)))
        crashes = [crash for outcome in (fast, exact) if (crash := crash_of(outcome))]
        return ", ".join(crashes) or (None if fast == exact else "another verdict")


_CRASH = "crash: "


def crash_of(outcome: Outcome) -> str | None:
    """Return the name of an unexpected exception that ended a check."""
    is_crash = isinstance(outcome, str) and outcome.startswith(_CRASH)
    return str(outcome).split(": ")[1] if is_crash else None


@frozen(kw_only=True)
class Trial:
    """A case, and the settings in which it is checked."""

    case: Case
    settings: tuple[Setting, ...]

    @classmethod
    def of(cls, seed: int, most_records: int = ALL) -> "Trial":
        """Generate the trial with that seed, and a file of about `most_records` records at most."""
        rng = Random(seed)
        made = table(rng)
        form = dialect(rng)
        written = file(rng, made, form_of(form), most_records)
        case = Case(schema=made.descriptor, dialect=form, data=written.data, marks=seed % 2 == 0)
        if made.descriptor is not None and form is not None and rng.random() < 0.1:
            case = evolve(case, schema={**made.descriptor, "dialect": form}, dialect=None)
        settings = list(_settings(rng, len(written.data)))
        engines = [evolve(each, engine=Engine.PORTABLE) for each in settings]
        native = [
            evolve(
                each,
                chunk_bytes=rng.choice((64, 100, 128, 1000, 4096, CHUNK)),
                cells_before_pairs=rng.choice((0, 10, 100, CELLS_BEFORE_PAIRS)),
            )
            for each in settings
        ]
        return cls(case=case, settings=(*engines, *native))


def _settings(rng: Random, size: int) -> Iterator[Setting]:
    """Return the usual setting, and one whose small blocks cut records in two."""
    yield Setting(max_errors=rng.choice((*_MAX_ERRORS, ALL)))
    small = rng.choice(_SMALL_BLOCKS) if rng.random() < 0.5 else rng.choice((16, 64, 256, 1024, 4096, 32_768))
    yield Setting(block_bytes=max(small, size // _MOST_BLOCKS), max_errors=rng.choice(_MAX_ERRORS))


@frozen(kw_only=True)
class Finding:
    """The result of a trial."""

    seed: int
    records: int = 0
    """Records, as the reference counts them."""
    faulty: int = 0
    """Records with errors."""
    run: int = 0
    """Records that were part of a run of the portable engine in the usual setting."""
    checks: int = 0
    """Compared reports."""
    moody: int = 0
    """Reports that are equal for both engines, but differ from those with larger blocks."""
    refused: int = 0
    """1 if the schema was refused."""
    difference: Setting | None = None
    """The setting in which an engine and the reference disagree."""


def find(seed: int, most_records: int = ALL) -> Finding:
    """Check the case with that seed in all its settings."""
    return compared(Trial.of(seed, most_records), seed)


def compared(trial: Trial, seed: int) -> Finding:
    """Compare the engines with the reference."""
    case = trial.case
    exact = case.outcome(Setting(engine=Engine.REFERENCE))
    found = Finding(seed=seed)
    if isinstance(exact, str):
        found = evolve(found, refused=1)
    else:
        faulty = len({error.row for error in exact.errors if error.row} - {1})
        found = evolve(found, records=exact.row_count, faulty=min(faulty, exact.row_count))
    for number, setting in enumerate(trial.settings):
        with _counting() as count:
            fast = case.outcome(setting)
        found = evolve(found, checks=found.checks + 1, run=found.run + (count.rows if number == 0 else 0))
        if fast == _trimmed(exact, setting.max_errors) and not crash_of(fast):
            continue
        if case.disagreement(setting):
            return evolve(found, difference=setting)
        found = evolve(found, moody=found.moody + 1)
    return found


def _trimmed(outcome: Outcome, most: int) -> Outcome:
    """Return the report limited to that number of errors, unless its error concerns the file as a whole."""
    if isinstance(outcome, str) or [error.column for error in outcome.errors] == [FILE]:
        return outcome
    return evolve(outcome, errors=outcome.errors[:most])


class _Count:
    """The number of records in runs."""

    rows = 0


@contextmanager
def _counting() -> Iterator[_Count]:
    """Count the records of the runs that the portable engine finds."""
    count = _Count()
    add = RunKeys.add

    def counted(keys: RunKeys, run: CleanRun) -> None:
        count.rows += run.rows
        add(keys, run)

    with mock.patch.object(RunKeys, "add", counted):
        yield count
