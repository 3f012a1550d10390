"""Makes the report of a file from the reports of its parts."""

from collections.abc import Callable, Iterable, Sequence

from attrs import evolve

from chalicelib.validation.checking.checker import late_errors
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import KeyChecker
from chalicelib.validation.fast.native.findings import add_late, add_late_faults
from chalicelib.validation.fast.native.key_log import KeyFile
from chalicelib.validation.fast.native.keys import Keys
from chalicelib.validation.opening import Checked, file_fault
from chalicelib.validation.parts.key_shares import ComparedKeys, empty_keys, merged_late
from chalicelib.validation.parts.plan import Plan
from chalicelib.validation.parts.report import PartReport, Piece
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.reading.source import END_MARK
from chalicelib.validation.report import Fault, ValidationError, ValidationReport
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.sink import Beginning, ErrorSink
from chalicelib.validation.tally import ErrorTally


def finish(  # noqa: PLR0913 - keywords with defaults: a call names what it changes
    plan: Plan,
    reports: Iterable[PartReport],
    *,
    sink: ErrorSink | None = None,
    faulty_rows: RowSet | None = None,
    final_check: Callable[[int], Fault | None] | None = None,
    processes: int = 1,
    compared: Iterable[ComparedKeys] | None = None,
    files: Sequence[KeyFile] = (),
) -> ValidationReport:
    """Return the report of a file, which is that of `validate`, from the reports of its parts in order.

    The reports are held one at a time. Some or all of them may have been merged. Many keys are compared in `processes`
    processes. If all shares of the keys have been `compared`, the reports have no keys; `files` are those in which the
    validators of the parts left keys, if they did.

    Raises ValueError if a report does not begin where the one before it ends, or if `sink` or `faulty_rows` was not
    planned for, and TemporarySpaceFull.
    """
    if (sink and not plan.lists_entries) or (faulty_rows is not None and not plan.marks_rows):
        raise ValueError("the parts were not planned to list errors with records, or to mark faulty rows")
    if sink:
        sink.begin(Beginning(sample=plan.sample, schema=plan.schema, dialect=plan.dialect))
    if fault := file_fault(plan.sample, plan.dialect):
        return ValidationReport.from_file_fault(fault)
    tally = ErrorTally(plan.max_errors, sink)
    whole = _Whole(plan, tally, reports, final_check, processes=processes, compared=compared, files=files)
    return plan.opening.verdict(whole.check, tally, sink, faulty_rows)


class _Whole:
    """The parts of a file, put together."""

    def __init__(  # noqa: PLR0913 - the arguments of `finish`
        self,
        plan: Plan,
        tally: ErrorTally,
        reports: Iterable[PartReport],
        final_check: Callable[[int], Fault | None] | None,
        *,
        processes: int,
        compared: Iterable[ComparedKeys] | None,
        files: Sequence[KeyFile],
    ) -> None:
        self._plan = plan
        self._processes = processes
        self._files = files
        self._tally = tally
        self._reports = reports
        self._final_check = final_check
        self._compared = compared

    def check(self, columns: Columns) -> Checked:
        """Add the errors of all parts to the tally, and then those that depend on several records."""
        keys = empty_keys(self._plan, self._files)
        at, rows, lines, row_count = self._plan.start.offset, 0, 0, 0
        for report in self._reports:
            if report.entry != at:
                raise ValueError(f"no part begins at {at}, where the one before it ends")
            self._absorb(report, rows, lines, keys)
            at, rows, lines = report.exit, rows + report.records, lines + report.lines
            row_count += report.row_count
        if at < self._plan.size:
            raise ValueError(f"no part begins at {at}, where the one before it ends")
        fault = self._add_late(columns, keys, rows)
        final = self._final_check(row_count) if self._final_check else None
        faults = [fault, END_MARK if self._plan.has_end_mark else None, final]
        return Checked(row_count=row_count, faults=[each for each in faults if each])

    def _add_late(self, columns: Columns, keys: Keys | KeyChecker, last_row: int) -> Fault | None:
        """Add the errors of keys; return the fault of a file whose faulty rows cannot be determined."""
        tally = self._tally
        if self._compared is not None:
            found, fault = merged_late(columns, self._compared, tally.late_room, tally.faulty_rows)
            add_late_faults(columns, found, tally)
            return fault
        if isinstance(keys, Keys):
            return add_late(columns, keys, tally, last_row, self._processes)
        tally.add_late(late_errors(columns, keys, tally.faulty_rows))
        return keys.fault

    def _absorb(self, report: PartReport, rows: int, lines: int, keys: Keys | KeyChecker) -> None:
        """Add what was found in a part behind these records and lines."""
        pieces = [piece.moved(rows, lines) for piece in report.pieces]
        self._tally.absorb([error for piece in pieces for error in _errors(piece, piece.errors)], report.counts)
        for piece in pieces:
            for entry in piece.entries:
                record = _moved(entry.record, piece)
                for error in _errors(piece, entry.errors):
                    self._tally.pass_on(error, record)
            if self._tally.faulty_rows is not None:
                for first, bits in piece.faulty:
                    self._tally.faulty_rows.add_bits(first + piece.rows, bits)
            if piece.keys:
                keys.absorb_entries(piece.keys, piece.rows, piece.lines)


def _errors(piece: Piece, errors: Sequence[ValidationError]) -> Sequence[ValidationError]:
    """Return errors with their rows and lines in the file."""
    return [
        error
        if error.row is None or error.line is None
        else evolve(error, row=error.row + piece.rows, line=error.line + piece.lines)
        for error in errors
    ]


def _moved(record: Record | UnreadableRecord | None, piece: Piece) -> Record | UnreadableRecord | None:
    return record and evolve(record, row=record.row + piece.rows, line=record.line + piece.lines)
