"""Validates a file as a whole and in parts, and compares everything that is known of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial, reduce
from pathlib import Path
from random import Random
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Any
from unittest.mock import patch

from attrs import evolve, frozen

from chalicelib.validation import validate
from chalicelib.validation.checking import orphans
from chalicelib.validation.checking.key_entries import PARTITIONS, KeyEntries
from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.fast.native.keys import key_files
from chalicelib.validation.parts import (
    BytesSource,
    OpenFile,
    PartReport,
    Plan,
    chained,
    concurrent,
    finish,
    packed,
    plan,
    reader,
    unpacked,
    validate_part,
    wire,
)
from chalicelib.validation.parts.key_sections import (
    KeyShare,
    attached,
    index_bytes,
    key_count,
    sectioned,
    selected_keys,
)
from chalicelib.validation.parts.key_shares import ComparedKeys, compare_share, find_orphans, has_orphans
from chalicelib.validation.parts.validation import PartValidator
from chalicelib.validation.reading import source as source_module
from chalicelib.validation.reading.source import BLOCK_BYTES
from chalicelib.validation.report import MAX_ERRORS, ValidationReport
from chalicelib.validation.reporting.report import FullReport
from chalicelib.validation.reporting.subject import ReportSubject
from chalicelib.validation.row_set import RowSet

_SUBJECT = ReportSubject(name="a.csv", schema="a", checked_at=datetime(2024, 1, 1, tzinfo=UTC), listing="a.jsonl")


@frozen(kw_only=True)
class Known:
    """All that a validation returns and writes."""

    report: ValidationReport
    lines: Sequence[bytes]
    page: bytes
    causes: bytes
    repairs: bytes
    faulty_rows: Sequence[int] | None


@frozen(kw_only=True)
class Trial:
    """A file, and how it is validated."""

    data: bytes
    schema: Any
    dialect: Any = None
    engine: Engine | None = None
    max_errors: int = MAX_ERRORS
    marks_rows: bool = False

    def whole(self) -> Known:
        """Validate the file as a whole."""
        return self._known(partial(self._validated, [self.data]))

    def in_parts(
        self, part_bytes: int, *, seed: int = 0, block_bytes: int = BLOCK_BYTES, is_local: bool = False
    ) -> Known:
        """Validate the file in parts, some of which are merged before the others, and all of which are written.

        With `is_local` this is done as by processes of one machine: from an open file, and the reports refer to
        temporary files for their keys.
        """
        made = self.planned(part_bytes)
        files = key_files(made.columns) if is_local and made.engine is Engine.NATIVE and made.ends else ()
        with (
            TemporaryFile(buffering=0) if is_local else nullcontext() as file,
            patch.object(reader, "BLOCK_BYTES", block_bytes),
            patch.object(reader, "TAIL_BYTES", block_bytes),
        ):
            if file:
                file.write(self.data)
            source = OpenFile(file.fileno()) if file else BytesSource(self.data)
            validated = (
                PartValidator(source, made, files=files).validate if files else partial(validate_part, source, made)
            )
            reports = list(chained(source, made, [validated(at) for at in range(len(made.ends))]))
        reports = [unpacked(packed(report)) for report in merged(reports, seed)]
        return self._known(lambda sink, rows: finish(made, reports, sink=sink, faulty_rows=rows, files=files))

    def in_shares(self, part_bytes: int, shares: int, *, finer: int = 1) -> Known:
        """Validate the file in parts, whose keys are compared in shares of partitions, and all of which is written."""
        made = evolve(self.planned(part_bytes), key_partitions=PARTITIONS * finer)
        reports, sections, before = [], [], []
        rows = lines = 0
        for report in self._chain(made):
            without, section = sectioned(made, report)
            reports.append(unpacked(packed(without)))
            sections.append(b"".join(section))
            before.append((rows, lines))
            rows, lines = rows + report.records, lines + report.lines
        if not key_count(made):
            whole = [attached(made, report, section) for report, section in zip(reports, sections, strict=True)]
            return self._known(lambda sink, faulty: finish(made, whole, sink=sink, faulty_rows=faulty))

        def in_round(compare: Callable[..., ComparedKeys], **known: Any) -> Iterator[ComparedKeys]:
            """Yield what is found in each share."""
            for share in (KeyShare(number, shares) for number in range(shares)):
                keys = [_keys_of(made, section, share) for section in sections]
                parts = [(each, *at) for each, at in zip(keys, before, strict=True) if each]
                yield ComparedKeys.unpacked(compare(made, share, parts, rows, **known).packed())

        compared = list(in_round(compare_share))
        if has_orphans(made):
            faulty = _faulty_rows([packed(report) for report in reports], [row for row, _ in before], compared)
            for number in range(1, orphans.MOST_ROUNDS + 1):
                found = list(in_round(find_orphans, faulty=faulty, number=number))
                compared += found
                for each in found:
                    each.mark(faulty)
                if not any(each.total for each in found):
                    break
        return self._known(lambda sink, faulty: finish(made, reports, sink=sink, faulty_rows=faulty, compared=compared))

    def _chain(self, made: Plan) -> Iterator[PartReport]:
        """Yield the reports of all parts, each of which is entered at the right offset."""
        source, at = BytesSource(self.data), made.start.offset
        for index, end in enumerate(made.ends):
            while at < end:
                report = validate_part(source, made, index, at, sorts_keys=True)
                yield report
                at = report.exit

    def in_processes(self, processes: int, part_bytes: int) -> Known:
        """Validate the file from the disk, in forks of this process if it has one thread."""
        with NamedTemporaryFile() as file:
            file.write(self.data)
            file.flush()
            with in_parts_of(part_bytes):
                return self._known(partial(self._validated, Path(file.name), processes=processes))

    def _validated(
        self, source: Path | Sequence[bytes], sink: FullReport, rows: RowSet | None, *, processes: int = 1
    ) -> ValidationReport:
        return validate(
            source,
            self.schema,
            dialect=self.dialect,
            engine=self.engine,
            max_errors=self.max_errors,
            sink=sink,
            faulty_rows=rows,
            processes=processes,
        )

    def planned(self, part_bytes: int) -> Plan:
        """Plan how to validate the file in parts."""
        return plan(
            BytesSource(self.data),
            self.schema,
            dialect=self.dialect,
            part_bytes=part_bytes,
            engine=self.engine,
            max_errors=self.max_errors,
            lists_entries=True,
            marks_rows=self.marks_rows,
        )

    def _known(self, check: Callable[[FullReport, RowSet | None], ValidationReport]) -> Known:
        lines: list[bytes] = []
        full = FullReport(lines.append)
        rows = RowSet() if self.marks_rows else None
        report = check(full, rows)
        files = full.finish(report, _SUBJECT)
        return Known(
            report=report,
            lines=lines,
            page=files.page,
            causes=files.causes,
            repairs=files.repairs,
            faulty_rows=None if rows is None else tuple(rows),
        )


def _keys_of(made: Plan, section: bytes, share: KeyShare) -> Sequence[KeyEntries]:
    """Return the keys of a part that belong to a share."""
    if not section:
        return ()
    found = selected_keys(section[: index_bytes(key_count(made), made.key_partitions)], key_count(made), share)
    (first, end), (start, stop) = found.stretches_range, found.entries_range
    return found.keys(section[first:end], section[start:stop])


def _faulty_rows(reports: Sequence[bytes], rows: Sequence[int], compared: Sequence[ComparedKeys]) -> RowSet:
    """Return the rows that are faulty according to packed reports, before which are `rows`, and to compared keys."""
    faulty = RowSet()
    for report, before in zip(reports, rows, strict=True):
        for first, bits in wire.faulty_rows(report):
            faulty.add_bits(before + first, bits)
    for each in compared:
        each.mark(faulty)
    return faulty


@contextmanager
def in_parts_of(part_bytes: int) -> Iterator[None]:
    """Have files of any size validated in parts, of which the least has this size."""
    with (
        patch.object(source_module, "MIN_WHOLE_FILE_BYTES", 1),
        patch.multiple(concurrent, FIRST_PART_BYTES=part_bytes, LEAST_PART_BYTES=part_bytes),
    ):
        yield


def merged(reports: Sequence[PartReport], seed: int) -> Sequence[PartReport]:
    """Merge groups of reports that follow each other."""
    rng = Random(seed)  # noqa: S311 - not for cryptography
    found, at = [], 0
    while at < len(reports):
        size = rng.choice((1, 1, 2, 3, len(reports)))
        found.append(reduce(PartReport.merge, reports[at : at + size]))
        at += size
    return found
