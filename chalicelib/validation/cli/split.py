"""The command `split`: writes the accepted and the rejected rows of a file to two files."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from chalicelib.errors import AssayError, FieldInvalid
from chalicelib.validation.cli.inputs import STANDARD_INPUT, FileState, load_compiled_schema, load_dialect
from chalicelib.validation.cli.outcome import ExitCode
from chalicelib.validation.cli.replaced_files import replaced
from chalicelib.validation.cli.terminal import printable
from chalicelib.validation.reading.content import Content, is_gzip
from chalicelib.validation.reading.source import BLOCK_BYTES, chunks
from chalicelib.validation.report import ValidationReport
from chalicelib.validation.reporting.wording import counted
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.dataset_options import refuse_unsplittable
from chalicelib.validation.splitting.splitter import split
from chalicelib.validation.validator import validate

ACCEPTED, REJECTED = "accepted.csv", "rejected.csv"


def split_file(options: argparse.Namespace) -> ExitCode:
    """Split a file, print how many rows are where, and return whether it is valid."""
    try:
        report = _split(options.file, Path(options.output), options)
    except BrokenPipeError:
        raise
    except AssayError as error:
        print(f"could not split {options.file}: {error}", file=sys.stderr)
        return ExitCode.NOT_CHECKED
    except OSError as error:
        named = f"{error.filename}: " if error.filename not in {None, options.file} else ""
        print(f"could not split {options.file}: {named}{error.strerror or error}", file=sys.stderr)
        return ExitCode.NOT_CHECKED
    for line in _lines(options.file, Path(options.output), report):
        print(line)
    return ExitCode.VALID if report.valid else ExitCode.INVALID


def _split(file: str, directory: Path, options: argparse.Namespace) -> ValidationReport:
    """Validate a file, write its two parts unless an error concerns the header or the file, and return the report."""
    schema = load_compiled_schema(options.schema)
    dialect = load_dialect(options.dialect, schema)
    refuse_unsplittable(dialect)
    outputs = [directory / name for name in (ACCEPTED, REJECTED)]
    if file == STANDARD_INPUT:
        raise FieldInvalid("FILE", "standard input cannot be read twice: write it to a file first")
    if any(each.exists() and each.samefile(file) for each in outputs):
        raise FieldInvalid("--output", "a part would be written over the file itself")
    faulty = RowSet()
    with Path(file).open("rb") as source:
        state = FileState(source.fileno())
        report = validate(source, schema, dialect=dialect, gzipped=is_gzip(file), faulty_rows=faulty)
        if report.rejected_rows is None:
            return report
        source.seek(0)
        directory.mkdir(parents=True, exist_ok=True)
        with replaced(*outputs) as (accepted, rejected), state.unchanged():
            content = Content(chunks(source, BLOCK_BYTES), gzipped=is_gzip(file))
            split(content, dialect, faulty, accept=accepted.write, reject=rejected.write)
    return report


def _lines(file: str, directory: Path, report: ValidationReport) -> Iterator[str]:
    verdict = "valid" if report.valid else "invalid"
    if report.rejected_rows is None:
        error = report.errors[0]
        yield f"{file}: {verdict}, and not split: {error.code}, {printable(error.message)}"
        return
    yield f"{file}: {verdict}, {report.rejected_rows:,} of {counted(report.row_count, 'row')} rejected"
    yield f"  {directory / ACCEPTED}: {counted(report.row_count - report.rejected_rows, 'row')}"
    yield f"  {directory / REJECTED}: {counted(report.rejected_rows, 'row')}"
