"""Validates parts of a file, and again those whose guessed entry was wrong."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import frozen

from chalicelib.validation.checking.key_entries import KeyEntries
from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.fast.native.engine import NativeChecker
from chalicelib.validation.fast.native.key_log import KeyFile
from chalicelib.validation.fast.native.keys import HandedKeys, Keys, PassedKeys
from chalicelib.validation.fast.native.library import library
from chalicelib.validation.fast.portable.engine import PortableChecker
from chalicelib.validation.parts.entries import Entries
from chalicelib.validation.parts.entry import guessed_entry
from chalicelib.validation.parts.keys import PartKeys
from chalicelib.validation.parts.plan import Plan
from chalicelib.validation.parts.reader import PartReader, Place
from chalicelib.validation.parts.report import MAX_ENTRIES, PartReport, Piece
from chalicelib.validation.parts.source import PartSource
from chalicelib.validation.reading.records import RECORD_BYTES
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.tally import ErrorTally

_LIMIT_BYTES = RECORD_BYTES + 2
"""How far a part whose entry is guessed is read beyond its end: enough for every record that is not too large."""

PartWatch = Callable[[int, Callable[[], int]], None]
"""Is called now and then with the number of bytes read of a part, and a function that returns that of its errors."""


@frozen(kw_only=True)
class Room:
    """How many errors of a part are listed."""

    errors: int
    entries: int
    """With their records, for a full report."""


class PartValidator:
    """Validates parts of a file, one after the other; the tables of the native engine are made once for all."""

    def __init__(
        self, source: PartSource, plan: Plan, *, sorts_keys: bool = False, files: Sequence[KeyFile] = ()
    ) -> None:
        """Validate parts of this file, which `plan` divides.

        With `sorts_keys`, the keys of a part are in partitions; otherwise those are made when the keys are absorbed.
        The native engine leaves keys in `files`, if there are any: those of `key_files`.
        """
        self._source = source
        self._plan = plan
        self._native: NativeChecker | None = None
        if plan.engine is Engine.NATIVE and (kernel := library()):
            columns, secret = plan.columns, plan.secret
            keys = (
                HandedKeys(kernel, columns, secret, files)
                if files
                else (Keys if sorts_keys else PassedKeys)(kernel, columns, secret)
            )
            self._keys = keys
            marks_rows = plan.marks_rows
            self._native = NativeChecker(kernel, columns, plan.dialect, keys=keys, marks_rows=marks_rows)

    def validate(
        self, index: int, entry: int | None = None, *, room: Room | None = None, watch: PartWatch | None = None
    ) -> PartReport:
        """Validate the records that start in one part, from `entry` on, as `validate_part` does.

        The report lists no more errors than there is room for, by default as many as the plan says.
        """
        plan = self._plan
        start, end = plan.range(index)
        is_guessed = entry is None and index > 0
        if entry is None:
            entry = guessed_entry(self._source, plan, start, end) if index else start
        if entry >= end:
            return PartReport(entry=entry, exit=entry, max_errors=plan.max_errors)
        if index == 0 and entry != start:
            raise ValueError("the first part begins below the header")
        limit = end + _LIMIT_BYTES if is_guessed else plan.size
        dialect = plan.numberless if index else plan.dialect
        place = Place(offset=entry) if index else plan.start
        reader = PartReader(self._source, dialect, place, end=end, size=plan.size, limit=limit)
        report = self._read(reader, place, room or Room(errors=plan.max_errors, entries=MAX_ENTRIES), watch)
        if report.exit == entry:  # the first record does not end before the limit
            return PartReport(entry=end, exit=end, max_errors=plan.max_errors)
        return report

    def _read(self, reader: PartReader, place: Place, room: Room, watch: PartWatch | None) -> PartReport:
        """Validate the records from a place on."""
        plan = self._plan
        entries = Entries(plan.columns.names, room.entries) if plan.lists_entries else None
        tally = ErrorTally(room.errors, entries)
        tally.faulty_rows = RowSet() if plan.marks_rows else None

        def noted(count_errors: Callable[[], int]) -> None:
            if watch:
                watch(reader.fetched - place.offset, count_errors)

        row_count, keys, pieces = self._check(reader, tally, noted)
        found = tally.report(row_count)
        piece = Piece(
            errors=found.errors,
            entries=entries.taken() if entries else (),
            faulty=tuple((8 * at, bits) for at, bits in tally.faulty_rows.pieces()) if tally.faulty_rows else (),
            keys=keys,
        )
        return PartReport(
            entry=place.offset,
            exit=reader.place.offset,
            records=reader.place.row,
            lines=reader.place.line - 1,
            row_count=row_count,
            counts=found.counts,
            pieces=(piece, *pieces),
            max_errors=plan.max_errors,
        )

    def _check(
        self, reader: PartReader, tally: ErrorTally, watch: Callable[[Callable[[], int]], None]
    ) -> tuple[int, Sequence[KeyEntries], Sequence[Piece]]:
        """Check the records of a part; return the number of rows, their keys, and pieces with keys."""
        plan = self._plan
        if self._native:
            self._native.begin(reader, tally)
            row_count = self._native.check((), lambda: reader.is_open, watch)
            passed = self._keys.scans if isinstance(self._keys, PassedKeys) else ()
            pieces = [Piece(rows=row, lines=line, keys=keys) for row, line, keys in passed]
            return row_count, self._keys.entries(), pieces
        keys = PartKeys(plan.columns, plan.secret)
        scans = plan.engine is Engine.PORTABLE
        reader.has_more()  # that engine chooses by the first line break
        # The rows that the dialect names by numbers concern the reader alone.
        portable = PortableChecker(plan.columns, plan.dialect, reader, tally, scans=scans, keys=keys)
        return portable.check((), lambda: reader.is_open, watch), keys.entries(), ()


def validate_part(
    source: PartSource, plan: Plan, index: int, entry: int | None = None, *, sorts_keys: bool = False
) -> PartReport:
    """Validate the records that start in one part of a file, from `entry` on.

    Without `entry` it is guessed, except for that of the first part. After a guess, a last record of more than
    RECORD_BYTES is left out: it may be the consequence of a wrong guess, and reach to the end of the file. If it is the
    first one as well, the report begins and ends at the end of the part.

    Raises ValueError if the first part has another entry than the plan, and TemporarySpaceFull.
    """
    return PartValidator(source, plan, sorts_keys=sorts_keys).validate(index, entry)


def chained(source: PartSource, plan: Plan, reports: Iterable[PartReport]) -> Iterator[PartReport]:
    """Yield the reports of all parts, in order, so that each begins where the one before it ends.

    A part that does not is read again, once at the most, and so is a record that is larger than a record may be. A part
    that lies inside of a record has no report.
    """
    at = plan.start.offset
    for index, report in enumerate(reports):
        while at < plan.ends[index]:
            following = report if report.entry == at else validate_part(source, plan, index, at)
            yield following
            at = following.exit
