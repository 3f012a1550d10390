"""The portable engine of one file, and the reference: what checks a file without the kernel."""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING

from chalicelib.validation.checking.checker import RecordChecker, late_errors
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import KeyChecker
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import CleanRun, Record, UnreadableRecord
from chalicelib.validation.report import Fault
from chalicelib.validation.tally import ErrorTally

if TYPE_CHECKING:
    from chalicelib.validation.fast.portable.keys import RunKeys

_MAX_COLUMNS = 1_000
"""An automaton of more columns is too large to be worth compiling."""


class PortableChecker:
    """Checks the rest of a file, of which the header has been read."""

    def __init__(  # noqa: PLR0913 - one argument for each part of the validation
        self,
        columns: Columns,
        dialect: Dialect,
        reader: RecordReader,
        tally: ErrorTally,
        *,
        scans: bool,
        keys: KeyChecker | None = None,
    ) -> None:
        """Check what the reader has not read yet; unless it `scans` for clean records, by the reference alone.

        The keys of all rows are added to `keys`, by default a checker of its own.
        """
        self._columns = columns
        self._tally = tally
        self._keys = keys or KeyChecker(columns)
        self._records: Iterable[Record | UnreadableRecord | CleanRun] = reader
        self._run_keys: RunKeys | None = None
        if scans and 0 < len(columns.fields) <= _MAX_COLUMNS:
            self._scan(dialect, reader)

    def _scan(self, dialect: Dialect, reader: RecordReader) -> None:
        """Scan for clean records, if an automaton can recognize them."""
        from chalicelib.validation.fast.portable.keys import RunKeys  # noqa: PLC0415 - the reference does without
        from chalicelib.validation.fast.portable.records import Break, language_of  # noqa: PLC0415
        from chalicelib.validation.fast.portable.scanner import scanner_of  # noqa: PLC0415

        language = language_of(self._columns.fields, dialect, Break.of(reader.ahead, dialect))
        if language and (scanner := scanner_of(language)):
            self._records = reader.runs(scanner)
            self._run_keys = RunKeys(self._columns, language, self._keys)

    def check(
        self,
        begun: Iterable[Record | UnreadableRecord],
        is_cut: Callable[[], bool],
        watch: Callable[[Callable[[], int]], None] | None = None,
    ) -> int:
        """Check the records in `begun`, which have been read, and all that follow; return the number of rows.

        If `is_cut` returns True, the record that was read last is incomplete and is not checked. `watch` is called
        after each record or run of records, with a function that returns the number of errors.
        """
        checker, row_count = RecordChecker(self._columns, self._keys), 0
        for record in chain(begun, self._records):
            if is_cut():
                break
            if isinstance(record, CleanRun):
                row_count += record.rows
                if self._run_keys:
                    self._run_keys.add(record)
            else:
                row_count += 1
                self._tally.add(checker.errors(record, explains=not self._tally.is_full), record)
            if watch:
                watch(self._error_count)
        return row_count

    def _error_count(self) -> int:
        """Return the number of errors so far."""
        return self._tally.error_count

    def add_late(self) -> Fault | None:
        """Add the errors that depend on several records; call it once, after the last record.

        Return the fault of a file whose faulty rows cannot be determined.
        """
        self._tally.add_late(late_errors(self._columns, self._keys, self._tally.faulty_rows))
        return self._keys.fault
