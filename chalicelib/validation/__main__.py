"""Check a CSV file from the command line, without any AWS.

usage: python -m chalicelib.validation FILE [--schema NAME|PATH] [--json] [--report PAGE.html]
       python -m chalicelib.validation --infer FILE
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from chalicelib import schemas
from chalicelib.errors import AssayError, FieldInvalid
from chalicelib.validation import MAX_ERRORS, ValidationReport, validate
from chalicelib.validation.cli.named_file import overwrite
from chalicelib.validation.cli.progress import WatchedFile, erasable, size_of
from chalicelib.validation.cli.terminal import error_table
from chalicelib.validation.inference import infer
from chalicelib.validation.reading.content import is_gzip
from chalicelib.validation.reporting.report import FullReport
from chalicelib.validation.reporting.subject import ReportSubject
from chalicelib.validation.reporting.wording import counted
from chalicelib.validation.sink import ErrorSink

VALID, INVALID, NOT_CHECKED, INTERRUPTED = 0, 1, 2, 130
"""The exit codes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the file, print the verdict and give the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.infer:
            return _propose(options.file)
        report = _full_report(options) if options.report else _report(options)
    except KeyboardInterrupt:
        return _not_checked(options, "interrupted", code=INTERRUPTED)
    except AssayError as error:
        return _not_checked(options, str(error))
    except OSError as error:
        return _not_checked(options, error.strerror, path=error.filename)
    print(_json(report) if options.json else _text(options.file, report))
    return VALID if report.valid else INVALID


def _full_report(options: argparse.Namespace) -> ValidationReport:
    """Check the file, and write the page of the report, with the errors as lines of JSON beside it."""
    page, listing = _parts(options.report)
    if Path(options.file).resolve() in {page.resolve(), listing.resolve()}:
        raise FieldInvalid("--report", "it would be written over the file itself")
    with overwrite(listing) as lines:
        full = FullReport(lines.write)
        report = _report(options, full)
        schema = "none, the structure alone" if options.structure_only else options.schema
        subject = ReportSubject(
            name=Path(options.file).name, schema=schema, checked_at=datetime.now(UTC), listing=listing.name
        )
        with overwrite(page) as file:
            file.write(full.finish(report, subject))
    return report


def _parts(report: str) -> tuple[Path, Path]:
    """Give where the page of the report goes, and the lines."""
    page = Path(report)
    return page, page.with_suffix(".jsonl")


def _report(options: argparse.Namespace, sink: ErrorSink | None = None) -> ValidationReport:
    """Check the file, and meanwhile show on a terminal how far that is."""
    schema = None if options.structure_only else _schema(options.schema)
    with (
        Path(options.file).open("rb") as file,
        WatchedFile(file, size_of(file), terminal=erasable(sys.stderr, os.environ), clock=time.monotonic) as watched,
    ):
        return validate(
            watched,
            schema,
            max_errors=options.max_errors,
            threads=options.threads,
            watch=watched.note_errors,
            sink=sink,
            gzipped=is_gzip(options.file),
            max_bytes=options.max_bytes,
        )


def _propose(file: str) -> int:
    """Print a schema to start from."""
    with Path(file).open("rb") as sample:
        print(json.dumps(infer(sample, gzipped=is_gzip(file)), indent=2, ensure_ascii=False))
    return VALID


def _not_checked(
    options: argparse.Namespace, reason: str | None, *, path: str | None = None, code: int = NOT_CHECKED
) -> int:
    """Say what could not be done, and with which path if that is not the file's own; give the exit code."""
    task = f"check {options.file}"
    if path is not None and options.report and Path(path) in _parts(options.report):
        task = f"write the report {path}"
    elif path is not None and Path(path) != Path(options.file):
        reason = f"{path}: {reason}"
    print(f"could not {task}: {reason}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m chalicelib.validation",
        description="Check a CSV file against a Table Schema. Exit code: 0 valid, 1 invalid, 2 could not check, "
        "130 interrupted.",
    )
    parser.add_argument("file", metavar="FILE", help="the CSV file; it is decompressed if its name ends in .gz")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--schema",
        metavar="NAME|PATH",
        default=schemas.DEFAULT,
        help=f"a schema that comes with Assay ({', '.join(schemas.names())}), or a descriptor's .json file",
    )
    which.add_argument("--infer", action="store_true", help="do not check: propose a schema from the file")
    which.add_argument("--structure-only", action="store_true", help="check the structure alone, against no schema")
    parser.add_argument("--max-errors", type=_at_least(0), default=MAX_ERRORS, metavar="N", help="list so many errors")
    parser.add_argument(
        "--threads", type=_at_least(1), metavar="N", help="scan in so many threads, whatever the number of processors"
    )
    parser.add_argument(
        "--report",
        type=_page,
        metavar="PAGE.html",
        help="write a page with each error and its record, and all errors as lines of JSON beside it, in PAGE.jsonl",
    )
    parser.add_argument(
        "--max-bytes",
        type=_at_least(1),
        metavar="N",
        help="refuse a file of more bytes, decompressed; any will do else",
    )
    parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")
    return parser


def _at_least(minimum: int) -> Callable[[str], int]:
    """Give what reads an option that is a number."""

    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < minimum:
            raise argparse.ArgumentTypeError(f"expected a number, {minimum} or more")
        return int(text)

    return number


def _page(text: str) -> str:
    if Path(text).suffix != ".html":
        raise argparse.ArgumentTypeError("expected a name that ends in .html")
    return text


def _schema(name_or_path: str) -> Mapping[str, Any]:
    """Load the schema that is meant: a file's, or one that comes with Assay."""
    if schemas.is_path(name_or_path):
        return schemas.read(Path(name_or_path).read_bytes(), name_or_path)
    return schemas.load(name_or_path)


def _json(report: ValidationReport) -> str:
    return json.dumps(
        {
            "valid": report.valid,
            "errorCount": report.error_count,
            "errors": [attrs.asdict(error) for error in report.errors],
            "rowCount": report.row_count,
            "countsByCode": dict(report.counts_by_code),
            "countsByColumn": dict(report.counts_by_column),
        },
        ensure_ascii=False,
    )


def _text(file: str, report: ValidationReport) -> str:
    rows = counted(report.row_count, "row")
    if report.valid:
        return f"{file}: valid, {rows}"
    summary = f"{file}: invalid, {counted(report.error_count, 'error')} in {rows}"
    table = error_table(report.errors, report.error_count)
    return f"{summary}\n{_counts(report.counts_by_code)}\n\n{table}"


def _counts(counts: Mapping[str, int]) -> str:
    """List what there is most of first."""
    most_first = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{code} {count:,}" for code, count in most_first)


if __name__ == "__main__":
    sys.exit(main())
