"""Validates one part of a file, and again those whose guessed entry was wrong."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.fast.native.engine import NativeChecker
from chalicelib.validation.fast.native.library import library
from chalicelib.validation.fast.portable.engine import PortableChecker
from chalicelib.validation.parts.entries import Entries
from chalicelib.validation.parts.entry import guessed_entry
from chalicelib.validation.parts.keys import PartKeys
from chalicelib.validation.parts.plan import Plan
from chalicelib.validation.parts.reader import PartReader, Place
from chalicelib.validation.parts.report import PartReport, Piece
from chalicelib.validation.parts.source import PartSource
from chalicelib.validation.reading.records import RECORD_BYTES
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.tally import ErrorTally

if TYPE_CHECKING:
    from chalicelib.validation.checking.key_entries import KeyEntries
    from chalicelib.validation.reading.dialect import Dialect

_LIMIT_BYTES = RECORD_BYTES + 2
"""How far a part whose entry is guessed is read beyond its end: enough for every record that is not too large."""


def validate_part(source: PartSource, plan: Plan, index: int, entry: int | None = None) -> PartReport:
    """Validate the records that start in one part of a file, from `entry` on.

    By default the entry is guessed, unless it is known. Then a last record that is larger than a record may be is left
    out: it may be the consequence of a wrong guess, and reach to the end of the file.
    """
    start, end = plan.range(index)
    is_guessed = entry is None and index > 0
    if entry is None:
        entry = guessed_entry(source, plan, start, end) if index else start
    if entry >= end:
        return PartReport(entry=entry, exit=entry, max_errors=plan.max_errors)
    if index == 0 and entry != start:
        raise ValueError("the first part begins below the header")
    limit = end + _LIMIT_BYTES if is_guessed else plan.size
    place = Place(offset=entry) if index else plan.start
    return _read(source, plan, place, end, limit, is_first=index == 0)


def _read(  # noqa: PLR0913 - the part, and how far it is read
    source: PartSource, plan: Plan, place: Place, end: int, limit: int, *, is_first: bool
) -> PartReport:
    """Validate the records from a place on."""
    dialect = plan.dialect if is_first else plan.numberless
    entries = Entries(plan.columns.names) if plan.lists_entries else None
    tally = ErrorTally(plan.max_errors, entries)
    tally.faulty_rows = RowSet() if plan.marks_rows else None
    reader = PartReader(source, dialect, place, end=end, size=plan.size, limit=limit)
    reader.has_more()  # the portable engine chooses by the first line break
    row_count, keys = _check(plan, dialect, reader, tally)
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
        pieces=(piece,),
        max_errors=plan.max_errors,
    )


def _check(
    plan: Plan, dialect: "Dialect", reader: PartReader, tally: ErrorTally
) -> "tuple[int, tuple[KeyEntries, ...]]":
    """Check the records of a part; return the number of rows, and their keys."""
    if plan.engine is Engine.NATIVE and (kernel := library()):
        native = NativeChecker(kernel, plan.columns, dialect, reader, tally, threads=1, secret=plan.secret)
        return native.check((), lambda: reader.is_open), native.keys.entries()
    keys = PartKeys(plan.columns, plan.secret)
    scans = plan.engine is Engine.PORTABLE
    portable = PortableChecker(plan.columns, dialect, reader, tally, scans=scans, keys=keys)
    return portable.check((), lambda: reader.is_open), keys.entries()


def repaired(source: PartSource, plan: Plan, reports: Iterable[PartReport]) -> Iterator[PartReport]:
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
