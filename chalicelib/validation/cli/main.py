"""The commands of the command line: `assay`, and `python -m chalicelib.validation`."""

import argparse
import glob
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

from chalicelib.errors import AssayError, SchemaInvalid
from chalicelib.validation.cli.arguments import make_parser, parse
from chalicelib.validation.cli.completion import script
from chalicelib.validation.cli.formats import FORMATS
from chalicelib.validation.cli.inputs import load_compiled_schema, load_dialect, load_schema, opened
from chalicelib.validation.cli.outcome import ExitCode, Outcome
from chalicelib.validation.cli.progress import ProgressLine, erasable, size_of
from chalicelib.validation.cli.repair import repair
from chalicelib.validation.cli.report_files import ReportFiles, write_reports
from chalicelib.validation.cli.split import split_file
from chalicelib.validation.inference import propose
from chalicelib.validation.reading.content import is_gzip
from chalicelib.validation.report import ValidationReport
from chalicelib.validation.reporting.wording import counted
from chalicelib.validation.schema.table_schema import compiled_schema
from chalicelib.validation.sink import ErrorSink
from chalicelib.validation.validator import validate

NO_SCHEMA = "none, the structure alone"


def main(arguments: Sequence[str] | None = None, program: str = "assay") -> int:
    """Run a command and return its exit code."""
    options = parse(sys.argv[1:] if arguments is None else arguments, program)
    try:
        code = _run(options, program)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would fail again when it flushes standard output at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OUTPUT_CLOSED
    except KeyboardInterrupt:
        print(f"could not {_task(options)}: interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED
    return code


def _run(options: argparse.Namespace, program: str) -> ExitCode:
    match options.command:
        case "repair":
            return repair(options)
        case "split":
            return split_file(options)
        case "infer":
            return _infer(options.file)
        case "schema":
            return _check_schema(options.schema)
        case "completion":
            print(script(make_parser(program), options.shell))
            return ExitCode.VALID
    return _validate(options)


def _task(options: argparse.Namespace) -> str:
    if options.command == "validate":
        return f"check {', '.join(options.files)}"
    return f"{options.command} {getattr(options, 'file', None) or getattr(options, 'schema', '')}"


def _validate(options: argparse.Namespace) -> ExitCode:
    """Check all files, print their verdicts, and return the worst exit code."""
    codes = [ExitCode.VALID]
    if not options.structure_only:
        _print_warnings(options.schema)

    def outcomes() -> Iterator[Outcome]:
        for file in _expanded(options.files):
            outcome = _outcome(file, options)
            codes.append(outcome.exit_code)
            yield outcome

    for line in FORMATS[options.format](outcomes()):
        print(line)
    return max(codes)


def _print_warnings(schema: str) -> None:
    """Print what is probably wrong with a schema on standard error, once for all files."""
    with suppress(AssayError, OSError):  # each file says that it cannot be checked
        for warning in load_compiled_schema(schema).warnings:
            print(f"warning: the schema {schema}: {warning}", file=sys.stderr)


def _expanded(files: Sequence[str]) -> Iterator[str]:
    """Yield the files, with those that match in place of a pattern that the shell has left."""
    for file in files:
        is_pattern = glob.has_magic(file) and not Path(file).exists()
        yield from (sorted(glob.glob(file, recursive=True)) if is_pattern else ()) or [file]  # noqa: PTH207


def _outcome(file: str, options: argparse.Namespace) -> Outcome:
    """Check one file; if that fails, say so on standard error."""
    schema = NO_SCHEMA if options.structure_only else options.schema
    try:
        report = write_reports(ReportFiles.of(options), file, schema, options, partial(_report, file, options))
    except BrokenPipeError:
        raise
    except AssayError as error:
        reason = _not_checked(f"check {file}", str(error))
    except OSError as error:
        reason = _not_checked(*_failure(error, file, options))
    else:
        return Outcome(file=file, schema=schema, report=report)
    return Outcome(file=file, schema=schema, reason=reason)


def _not_checked(task: str, reason: str) -> str:
    reason = f"could not {task}: {reason}"
    print(reason, file=sys.stderr)
    return reason


def _failure(error: OSError, file: str, options: argparse.Namespace) -> tuple[str, str]:
    """Return which task failed and why, with the path if that is not the file's own."""
    reason, path = error.strerror or str(error), error.filename
    if path is not None and Path(path) in ReportFiles.of(options).paths:
        return f"write the report {path}", reason
    if path is not None and Path(path) != Path(file):
        reason = f"{path}: {reason}"
    return f"check {file}", reason


def _report(file: str, options: argparse.Namespace, sink: ErrorSink | None = None) -> ValidationReport:
    """Check a file, and show the progress on a terminal meanwhile."""
    schema = None if options.structure_only else load_compiled_schema(options.schema)
    terminal = erasable(sys.stderr, os.environ)
    with ExitStack() as stack:
        source, watch = opened(file, stack), None
        if terminal:
            line = ProgressLine(size_of(source), terminal=terminal, clock=time.monotonic)
            watch = stack.enter_context(line).update
        return validate(
            source,
            schema,
            dialect=load_dialect(options.dialect, schema),
            max_errors=options.max_errors,
            processes=options.processes,
            watch=watch,
            sink=sink,
            gzipped=is_gzip(file),
            max_bytes=options.max_bytes,
        )


def _infer(file: str) -> ExitCode:
    """Print a schema for a file, and on standard error what to know about both."""
    try:
        with ExitStack() as stack:
            proposal = propose(opened(file, stack), gzipped=is_gzip(file))
    except AssayError as error:
        _not_checked(f"check {file}", str(error))
        return ExitCode.NOT_CHECKED
    except OSError as error:
        _not_checked(f"check {file}", error.strerror or str(error))
        return ExitCode.NOT_CHECKED
    print(json.dumps(proposal.schema, indent=2, ensure_ascii=False))
    for note in proposal.notes:
        print(f"{file}: {note}", file=sys.stderr)
    if proposal.refusal:
        print(f"{file}: no schema fits this file: {proposal.refusal}", file=sys.stderr)
        return ExitCode.INVALID
    return ExitCode.VALID


def _check_schema(name_or_path: str) -> ExitCode:
    """Check a schema without a file."""
    try:
        schema = compiled_schema(load_schema(name_or_path))
    except SchemaInvalid as error:
        print(f"{name_or_path}: invalid: {error}")
        return ExitCode.INVALID
    except AssayError as error:
        _not_checked(f"check {name_or_path}", str(error))
        return ExitCode.NOT_CHECKED
    except OSError as error:
        _not_checked(f"check {name_or_path}", error.strerror or str(error))
        return ExitCode.NOT_CHECKED
    print(f"{name_or_path}: valid, {counted(len(schema.fields), 'field')}")
    for warning in schema.warnings:
        print(f"warning: {warning}")
    for sentence in schema.unchecked:
        print(f"not checked: {sentence}")
    return ExitCode.VALID
