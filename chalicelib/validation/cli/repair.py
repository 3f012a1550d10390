"""The command `repair`: writes a mended copy of a file, and prints what was changed by which rule."""

import argparse
import gzip
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from io import BufferedWriter
from pathlib import Path

from chalicelib.errors import AssayError, FieldInvalid
from chalicelib.validation.cli.inputs import STANDARD_INPUT, FileState, load_compiled_schema, load_dialect
from chalicelib.validation.cli.outcome import ExitCode
from chalicelib.validation.cli.replaced_files import replaced
from chalicelib.validation.cli.terminal import printable
from chalicelib.validation.reading.content import Content, is_gzip
from chalicelib.validation.reading.source import BLOCK_BYTES, blocks, chunks
from chalicelib.validation.repair.changes import LayoutRepair, Repair
from chalicelib.validation.repair.mending import Plan, RepairRefusedError, Tally, mended
from chalicelib.validation.repair.planning import Planned, plan_repairs
from chalicelib.validation.report import ValidationReport
from chalicelib.validation.reporting.wording import counted
from chalicelib.validation.validator import validate


def repair(options: argparse.Namespace) -> ExitCode:
    """Mend a file, print what was changed, and return whether the result is valid."""
    file, output = options.file, options.output
    try:
        schema = load_compiled_schema(options.schema)
        dialect = load_dialect(options.dialect, schema)
        _refuse_overwriting(file, output)
        state = FileState(file)
        with state.unchanged():
            planned = plan_repairs(lambda: _blocks(file), schema, dialect, options.rules)
        plan, tally = _write(file, output, planned.plan, state)
        report = validate(_blocks(output), schema, dialect=dialect)
    except BrokenPipeError:
        raise
    except AssayError as error:
        print(f"could not repair {file}: {error}", file=sys.stderr)
        return ExitCode.NOT_CHECKED
    except OSError as error:
        named = f"{error.filename}: " if error.filename not in {None, file} else ""
        print(f"could not repair {file}: {named}{error.strerror or error}", file=sys.stderr)
        return ExitCode.NOT_CHECKED
    for line in _lines(planned, plan, tally):
        print(line)
    print(_verdict(output, report, options.schema))
    if not report.valid:
        print(f"  list them with: {_listing(options)}")
    return ExitCode.VALID if report.valid else ExitCode.INVALID


def _refuse_overwriting(file: str, output: str) -> None:
    """Raise FieldInvalid if the output is the file itself, or if one of the two cannot be read twice."""
    if file == STANDARD_INPUT:
        raise FieldInvalid("FILE", "standard input cannot be read twice: write it to a file first")
    if Path(output).exists() and not Path(output).is_file():
        raise FieldInvalid("--output", "expected the name of a file")
    if Path(output).exists() and Path(output).samefile(file):
        raise FieldInvalid("--output", "it would be written over the file itself")


def _blocks(file: str) -> Iterator[bytes]:
    """Iterate over the bytes of a file, decompressed; raises FieldInvalid if that is impossible."""
    with Path(file).open("rb") as source:
        content = Content(chunks(source, BLOCK_BYTES), gzipped=is_gzip(file))
        yield from blocks(content, BLOCK_BYTES)
        if content.fault:
            raise FieldInvalid("FILE", content.fault.message)


def _write(file: str, output: str, plan: Plan, state: FileState) -> tuple[Plan, Tally]:
    """Write the mended file; return what was done. A change that a cell of the file forbids is left out.

    Raises OSError if the file is no longer in this state.
    """
    with replaced(Path(output)) as (target,), state.unchanged():
        while True:
            tally = Tally()
            try:
                _write_once(file, target, plan, tally, gzipped=is_gzip(output))
            except RepairRefusedError as refusal:
                plan = plan.without(refusal.refused)
                target.seek(0)
                target.truncate()
            else:
                return plan, tally


def _write_once(file: str, target: BufferedWriter, plan: Plan, tally: Tally, *, gzipped: bool) -> None:
    with ExitStack() as stack:
        writer = stack.enter_context(gzip.GzipFile(fileobj=target, mode="wb", mtime=0)) if gzipped else target
        for block in mended(_blocks(file), plan, tally):
            writer.write(block)


def _lines(planned: Planned, plan: Plan, tally: Tally) -> Iterator[str]:
    """Yield what was changed, and what is left to a person, one rule a line."""
    for each in plan.layout:
        if tally.layout[each.rule] or each.rule == "encoding":
            yield f"  the file: {_described(each, tally.layout[each.rule])}"
    for (rule, column), count in tally.cells.most_common():
        example = tally.examples[rule, column]
        shown = f"{printable(example.before)} -> {printable(example.after)}"
        yield f"  {printable(column or '')}: {rule}, {counted(count, 'cell')}, such as {shown}"
    if not (tally.layout or tally.cells or plan.layout):
        yield "  nothing to change"
    for offer in planned.offered:
        yield f"  {printable(offer.column or '')}: {_offered(offer)}"


def _described(each: LayoutRepair, times: int) -> str:
    if each.found is not None and each.expected is not None:
        return f"{each.rule}, {each.found!r} -> {each.expected!r}"
    if each.columns:
        return f"{each.rule}, {', '.join(map(printable, each.labels))}"
    return f"{each.rule}, {counted(times, 'row')}"


def _offered(offer: Repair) -> str:
    name = offer.rule if offer.variant is None else f"{offer.rule}:{offer.variant}"
    shown = f"{printable(offer.example.before)} -> {printable(offer.example.after)}"
    return f"left as it is; --rules {name} would change {counted(offer.count, 'cell')}, such as {shown}"


def _verdict(output: str, report: ValidationReport, schema: str) -> str:
    rows = counted(report.row_count, "row")
    if report.valid:
        return f"{output}: valid, {rows}, by schema {schema}"
    return f"{output}: invalid, {counted(report.error_count, 'error')} in {rows}, by schema {schema}"


def _listing(options: argparse.Namespace) -> str:
    """Return the command that lists the errors of the copy."""
    dialect = [] if options.dialect is None else ["--dialect", options.dialect]
    return shlex.join(["assay", "validate", options.output, "--schema", options.schema, *dialect])
