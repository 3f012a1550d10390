"""The formats that verdicts are printed in."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import metadata
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree as ET

from chalicelib.validation.cli.outcome import Outcome
from chalicelib.validation.cli.terminal import error_table, printable
from chalicelib.validation.json_names import json_object
from chalicelib.validation.report import ValidationError, ValidationReport
from chalicelib.validation.reporting.advice import ADVICE
from chalicelib.validation.reporting.files.formulas import without_formula
from chalicelib.validation.reporting.wording import counted

Format = Callable[[Iterable[Outcome]], Iterator[str]]
"""Turns outcomes into lines. Files that could not be checked are named on standard error as well."""


def version() -> str:
    """Return the version of the installed package."""
    try:
        return metadata.version("assay")
    except metadata.PackageNotFoundError:
        return "unknown: not installed as a package"


def _text(outcomes: Iterable[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.report:
            yield from _text_of(outcome, outcome.report)


def _text_of(outcome: Outcome, report: ValidationReport) -> Iterator[str]:
    yield f"{outcome.file}: {_verdict(outcome, report)}"
    if not report.valid:
        most_first = sorted(report.counts_by_code.items(), key=lambda item: -item[1])
        yield ", ".join(f"{code} {count:,}" for code, count in most_first)
        yield ""
        yield error_table(report.errors, report.error_count)
    yield from _unchecked(outcome)


def _json(outcomes: Iterable[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if report := outcome.report:
            yield json.dumps(
                {
                    "file": outcome.file,
                    "schema": outcome.schema,
                    "valid": report.valid,
                    "errorCount": report.error_count,
                    "errors": [json_object(error) for error in report.errors],
                    "rowCount": report.row_count,
                    "countsByCode": dict(report.counts_by_code),
                    "countsByColumn": dict(report.counts_by_column),
                    "unchecked": report.unchecked,
                },
                ensure_ascii=False,
            )


def _csv(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield one record for each listed error, safe to open in a spreadsheet."""
    yield _csv_record(["file", "schema", "row", "line", "field", "column", "code", "message"])
    for outcome, error in _errors(outcomes):
        places = (error.row, error.line, error.field, error.column)
        yield _csv_record([outcome.file, outcome.schema, *places, error.code, error.message])


def _csv_record(cells: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow([without_formula(cell) for cell in cells])
    return buffer.getvalue()


def _junit(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield a test suite with a test case for each file."""
    suite = ET.Element("testsuite", name="assay")
    seen = list(outcomes)
    for outcome in seen:
        case = ET.SubElement(suite, "testcase", classname=_xml(outcome.schema), name=_xml(outcome.file))
        if outcome.report is None:
            ET.SubElement(case, "error", message=_xml(outcome.reason))
        elif not outcome.report.valid:
            failure = ET.SubElement(case, "failure", message=_xml(_verdict(outcome, outcome.report)))
            failure.text = _xml("\n".join(map(_line, outcome.report.errors)))
        if unchecked := list(_unchecked(outcome)):
            ET.SubElement(case, "system-out").text = _xml("\n".join(unchecked))
    suite.set("tests", str(len(seen)))
    suite.set("failures", str(sum(bool(each.report and not each.report.valid) for each in seen)))
    suite.set("errors", str(sum(each.report is None for each in seen)))
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield ET.tostring(suite, encoding="unicode")


def _xml(text: str) -> str:
    """Return text without the characters that XML forbids."""
    return "\n".join(map(printable, text.split("\n")))


def _sarif(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield a SARIF 2.1.0 log, as code scanning reads it."""
    seen = list(outcomes)
    failures = [_notification("error", each, each.reason) for each in seen if each.reason]
    notes = [_notification("note", each, _verdict(each, each.report)) for each in seen if each.report]
    warnings = [_notification("warning", each, sentence) for each in seen for sentence in _unchecked(each)]
    run = {
        "tool": {
            "driver": {
                "name": "Assay",
                "version": version(),
                "rules": [{"id": code, "help": {"text": advice}} for code, advice in ADVICE.items()],
            }
        },
        "invocations": [
            {"executionSuccessful": not failures, "toolExecutionNotifications": [*failures, *warnings, *notes]}
        ],
        "results": [_sarif_result(outcome, error) for outcome, error in _errors(seen)],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    yield json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, ensure_ascii=False)


def _notification(level: str, outcome: Outcome, text: str) -> Mapping[str, Any]:
    return {"level": level, "message": {"text": f"{outcome.file}: {text}"}}


def _sarif_result(outcome: Outcome, error: ValidationError) -> Mapping[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": outcome.file}}
    if error.line:
        location["region"] = {"startLine": error.line}
    return {
        "ruleId": error.code,
        "level": "error",
        "message": {"text": _line(error)},
        "locations": [{"physicalLocation": location}],
        "properties": {"schema": outcome.schema, "row": error.row, "field": error.field, "column": error.column},
    }


def _github(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield workflow commands, which annotate the lines of the files."""
    for outcome in outcomes:
        file = f"file={_property(outcome.file)}"
        if outcome.report is None:
            yield f"::error {file}::{_data(outcome.reason)}"
            continue
        for error in outcome.report.errors:
            line = f",line={error.line}" if error.line else ""
            yield f"::error {file}{line},title={_property(error.code)}::{_data(_line(error))}"
        yield from (f"::warning {file}::{_data(sentence)}" for sentence in _unchecked(outcome))
        yield f"::notice {file}::{_data(_verdict(outcome, outcome.report))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _errors(outcomes: Iterable[Outcome]) -> Iterator[tuple[Outcome, ValidationError]]:
    for outcome in outcomes:
        for error in outcome.report.errors if outcome.report else ():
            yield outcome, error


def _unchecked(outcome: Outcome) -> Iterator[str]:
    """Yield what the schema requires and was not checked, each in one line."""
    for sentence in outcome.report.unchecked if outcome.report else ():
        yield f"not checked: {printable(sentence)}"


def _verdict(outcome: Outcome, report: ValidationReport) -> str:
    """Return the verdict in one line: `invalid, 3 errors in 8 rows, by schema orders`."""
    rows = counted(report.row_count, "row")
    if report.valid and report.rejected_rows:
        rows = f"{report.rejected_rows:,} of {rows} rejected"
    verdict = f"valid, {rows}" if report.valid else f"invalid, {counted(report.error_count, 'error')} in {rows}"
    return f"{verdict}, by schema {outcome.schema}"


def _line(error: ValidationError) -> str:
    """Return an error in one line: `row 5, total: expected a number`."""
    places = [] if error.row is None else [f"row {error.row}"]
    places += [printable(error.column)] if error.column and error.row is not None else []
    return f"{', '.join(places)}: {printable(error.message)}" if places else printable(error.message)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {"text": _text, "json": _json, "csv": _csv, "junit": _junit, "sarif": _sarif, "github": _github}
)
