"""The files that `validate` writes beside its verdict: the page, lists of the errors, and the rows with them."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from io import BufferedWriter
from pathlib import Path

from attrs import frozen

from chalicelib.errors import FieldInvalid
from chalicelib.validation.cli.inputs import STANDARD_INPUT, FileState, load_compiled_schema, load_dialect, load_schema
from chalicelib.validation.cli.replaced_files import replaced
from chalicelib.validation.reading.content import Content, is_gzip
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.reading.source import BLOCK_BYTES, chunks
from chalicelib.validation.report import ReportedError, ValidationReport
from chalicelib.validation.reporting.files.error_table import error_table
from chalicelib.validation.reporting.files.marked_rows import marked_csv, rows_of_file
from chalicelib.validation.reporting.files.workbook import marked_workbook
from chalicelib.validation.reporting.lines import read_line
from chalicelib.validation.reporting.report import FullReport
from chalicelib.validation.reporting.schema_agreement import agreement_of
from chalicelib.validation.reporting.subject import ReportSubject
from chalicelib.validation.sink import ErrorSink

WORKBOOK = ".xlsx"


@frozen(kw_only=True)
class ReportFiles:
    """Where the files are written; None for those that are not asked for."""

    page: Path | None
    errors: Path | None
    marked: Path | None

    @classmethod
    def of(cls, options: argparse.Namespace) -> "ReportFiles":
        """Return the files that the arguments name."""
        named = (options.report, options.errors, options.marked)
        page, errors, marked = (None if path is None else Path(path) for path in named)
        return cls(page=page, errors=errors, marked=marked)

    @property
    def listing(self) -> Path | None:
        """The JSON lines beside the page."""
        return self.page.with_suffix(".jsonl") if self.page else None

    @property
    def paths(self) -> tuple[Path, ...]:
        """All paths, in the order in which the files are put in place."""
        return tuple(path for path in (self.listing, self.page, self.errors, self.marked) if path)


def write_reports(
    files: ReportFiles,
    file: str,
    schema: str,
    options: argparse.Namespace,
    check: Callable[[ErrorSink | None], ValidationReport],
) -> ValidationReport:
    """Check a file by `check`, and write what is asked for; all of it, or nothing if anything fails."""
    if not files.paths:
        return check(None)
    if Path(file).resolve() in {path.resolve() for path in files.paths}:
        raise FieldInvalid("--report", "it would be written over the file itself")
    if files.marked and file == STANDARD_INPUT:
        raise FieldInvalid("--marked", "standard input cannot be read twice: write it to a file first")
    state = FileState(file)
    with replaced(*files.paths) as drafts, state.unchanged():
        targets = dict(zip(files.paths, drafts, strict=True))
        lines: list[bytes] = []
        keepers: list[Callable[[bytes], object]] = [targets[files.listing].write] if files.listing else []
        if files.errors or files.marked:
            keepers.append(lines.append)
        full = FullReport(lambda line: [keep(line) for keep in keepers])
        if file != STANDARD_INPUT:
            full.reread = partial(_content, file)
        report = check(full)
        name = "standard input" if file == STANDARD_INPUT else Path(file).name
        listing = files.listing.name if files.listing else ""
        agreement = None if options.structure_only else agreement_of(schema, load_schema(options.schema))
        subject = ReportSubject(
            name=name, schema=schema, checked_at=datetime.now(UTC), listing=listing, agreement=agreement
        )
        finished = full.finish(report, subject)
        if files.page:
            targets[files.page].writelines(finished.page_pieces())
        _write_tables(files, file, options, targets, list(map(read_line, lines)))
    return report


def _write_tables(
    files: ReportFiles,
    file: str,
    options: argparse.Namespace,
    targets: Mapping[Path, BufferedWriter],
    errors: Sequence[ReportedError],
) -> None:
    """Write the table of the errors, and the rows of the file, which is read again."""
    if files.errors:
        targets[files.errors].writelines(error_table(errors))
    if files.marked:
        table = rows_of_file(_records(file, options), errors)
        if files.marked.suffix == WORKBOOK:
            marked_workbook(table, targets[files.marked])
        else:
            targets[files.marked].writelines(marked_csv(table))


def _records(file: str, options: argparse.Namespace) -> Iterator[Record | UnreadableRecord]:
    """Read a file again."""
    schema = None if options.structure_only else load_compiled_schema(options.schema)
    return iter(RecordReader(_content(file), load_dialect(options.dialect, schema)))


def _content(file: str) -> Iterator[bytes]:
    """Read a file again, decompressed."""
    with Path(file).open("rb") as source:
        yield from Content(chunks(source, BLOCK_BYTES), gzipped=is_gzip(file))
