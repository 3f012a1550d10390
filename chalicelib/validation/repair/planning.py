"""Plans the repair of a file: what its beginning shows, and then what its errors show."""

from collections.abc import Callable, Collection, Iterator

from attrs import evolve, frozen

from chalicelib.errors import FieldInvalid
from chalicelib.validation.checking.cells import faults_of
from chalicelib.validation.opening import SAMPLE_BYTES
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.file_format import detect_non_csv
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.repair.changes import LayoutRepair, Repair
from chalicelib.validation.repair.layout import beginning_repairs, of_counts
from chalicelib.validation.repair.listed import ListedErrors
from chalicelib.validation.repair.mending import Plan, RepairRefusedError, Tally, mended
from chalicelib.validation.report import ErrorCode, ValidationError, ValidationReport
from chalicelib.validation.schema.table_schema import Field, Schema
from chalicelib.validation.sink import Beginning, FileColumns
from chalicelib.validation.validator import validate

MOST_ERRORS = 20_000
"""How many errors decide what is to be done; the rules then apply to all cells."""

ALL = "all"

Blocks = Callable[[], Iterator[bytes]]
"""Opens a file, and returns its blocks from the beginning."""


@frozen(kw_only=True)
class Choice:
    """Which rules a person wants."""

    rules: Collection[str] = (ALL,)
    """Names, `name:variant` of what no column proves, or `all` that is certain."""

    def takes(self, repair: Repair | LayoutRepair) -> bool:
        """Return whether a repair is wanted."""
        variant = repair.variant if isinstance(repair, Repair) else None
        if variant is not None:
            return f"{repair.rule}:{variant}" in self.rules
        return ALL in self.rules or repair.rule in self.rules


@frozen(kw_only=True)
class Planned:
    """The plan for a file, and what is left to a person."""

    plan: Plan
    offered: tuple[Repair, ...]
    """What is not certain, and was not chosen."""


class _Collector:
    """A sink that collects the errors of a file."""

    def __init__(self) -> None:
        self.room = MOST_ERRORS
        self.errors = ListedErrors()
        self.beginning = Beginning()
        self.columns = FileColumns(names=())

    def begin(self, beginning: Beginning) -> None:
        self.beginning = beginning

    def set_columns(self, columns: FileColumns) -> None:
        self.columns = columns

    def take(self, error: ValidationError, record: Record | UnreadableRecord | None) -> None:
        self.room -= 1
        self.errors.add(error, record)


def plan_repairs(blocks: Blocks, schema: Schema, dialect: Dialect, choice: Choice) -> Planned:
    """Return what is to be done to a file. Reads it once; a file with a wrong layout is mended while it is read.

    Raises FieldInvalid if the file is not CSV, such as a workbook.
    """
    beginning = Beginning(sample=_sample(blocks()), schema=schema, dialect=dialect)
    plan = Plan(dialect=dialect, layout=tuple(filter(choice.takes, beginning_repairs(beginning))))
    if not plan.layout:  # UTF-16 without a mark may look like binary data until it is decoded
        _refuse_other_formats(beginning)
    while True:
        collector = _Collector()
        try:
            source = mended(blocks(), plan, Tally()) if plan.layout else blocks()
            report = validate(source, schema, dialect=dialect, max_errors=0, sink=collector)
        except RepairRefusedError as refusal:
            plan = plan.without(refusal.refused)
        else:
            return _planned(plan, collector, report, choice)


def _refuse_other_formats(beginning: Beginning) -> None:
    fault = detect_non_csv(beginning.sample, beginning.dialect)
    if fault is not None and fault.code is ErrorCode.FORMAT_ERROR:
        raise FieldInvalid("FILE", fault.message)


def _planned(plan: Plan, collector: _Collector, report: ValidationReport, choice: Choice) -> Planned:
    found = collector.errors.repairs(collector.beginning, collector.columns, report.counts, as_data=False)
    rest = (each for each in of_counts(report.counts_by_code) if choice.takes(each))
    columns = {at - 1: tuple(filter(choice.takes, each.repairs)) for at, each in found.columns.items()}
    columns = {at: repairs for at, repairs in columns.items() if repairs}
    fields = collector.columns.fields
    accepts = {at: _acceptance(field) for at in columns if (field := fields[at]) is not None}
    return Planned(
        plan=evolve(plan, layout=(*plan.layout, *rest), columns=columns, accepts=accepts),
        offered=tuple(each for each in found.all if not choice.takes(each)),
    )


def _acceptance(field: Field) -> Callable[[str], bool]:
    return lambda text: not faults_of(text, field)


def _sample(blocks: Iterator[bytes]) -> bytes:
    sample = b""
    while len(sample) < SAMPLE_BYTES and (block := next(blocks, b"")):
        sample += block
    return sample[:SAMPLE_BYTES]
