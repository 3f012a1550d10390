"""The proposal of a schema: made from the sample, and corrected until the file is valid by it."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from attrs import frozen

from chalicelib.errors import SampleUnusable
from chalicelib.validation.inference.columns import Column
from chalicelib.validation.inference.header import Layout
from chalicelib.validation.inference.layout import detect_layout
from chalicelib.validation.inference.sample import Sample
from chalicelib.validation.reading.source import BinaryFile
from chalicelib.validation.report import ErrorCode, ValidationReport
from chalicelib.validation.validator import validate

SAMPLE_ROWS = 100_000
"""How many rows types are inferred from. The proposal is verified against the whole file."""
_MAX_CORRECTIONS = 20
"""How often a proposal is corrected."""
_MAX_ERRORS = 1_000

_KEY_LABEL = re.compile(r"(?:.*[^a-z])?(?:id|key|code|uuid|guid|nr|no|number|nummer|sku|isbn|ean|iban)", re.IGNORECASE)
"""The label of a column that identifies rows."""
_CAMEL_KEY = re.compile(r".*[a-z0-9](?:Id|ID|Key|Code|Nr|No)")
_KEY_TYPES = frozenset({"integer", "string"})
_MIN_KEYS = 10
"""From this number of rows on, a first column with different values is a key whatever its label is."""


@frozen(kw_only=True)
class Proposal:
    """A schema for a file, and what a person should know about both."""

    schema: Mapping[str, Any]
    """A Table Schema descriptor, with the dialect if it is not the default one."""
    notes: tuple[str, ...]
    report: ValidationReport
    """What is wrong with the file by this schema: nothing, unless the file is broken."""

    @property
    def refusal(self) -> str | None:
        """Why no schema fits the file; None if this one does."""
        if self.report.valid:
            return None
        first = self.report.errors[0]
        place = "" if first.row is None else f"row {first.row:,}, line {first.line:,}: "
        more = self.report.error_count - 1
        return f"{place}{first.message}" + (f" (and {more:,} more)" if more else "")


def infer(source: BinaryFile | Iterable[bytes], *, gzipped: bool = False) -> dict[str, Any]:
    """Return a Table Schema that a file is valid by; raises SampleUnusable if there is none, with the reason."""
    proposal = propose(source, gzipped=gzipped)
    if proposal.refusal:
        raise SampleUnusable(f"no schema fits the file: {proposal.refusal}")
    return dict(proposal.schema)


def propose(source: BinaryFile | Iterable[bytes], *, gzipped: bool = False) -> Proposal:
    """Propose a Table Schema for a file; raises SampleUnusable if the file is empty, or not CSV.

    A file that can be read again is verified to its end, any other as far as its first 64 MiB.
    """
    seekable: Any = source if _is_seekable(source) else None
    start = seekable.tell() if seekable else 0
    sample = Sample.of(source, gzipped=gzipped)
    layout = detect_layout(sample)
    delimiter = str(layout.dialect.get("delimiter", ","))
    columns = _read_columns(layout, sample)
    missing = frozenset[str]().union(*(column.missing_texts(delimiter) for column in columns))
    proposed = [column.propose(missing, delimiter) for column in columns]
    schema: dict[str, Any] = {"dialect": dict(layout.dialect)} if layout.dialect else {}
    schema["fields"] = [descriptor for descriptor, _ in proposed]
    if missing:
        schema["missingValues"] = ["", *sorted(missing)]
    if key := _key(columns, schema["fields"], missing):
        schema["primaryKey"] = [key]

    def check() -> ValidationReport:
        if seekable is not None and not sample.is_whole:
            seekable.seek(start)
            return validate(source, schema, gzipped=gzipped, max_errors=_MAX_ERRORS)
        report = validate(sample.blocks, schema, max_errors=_MAX_ERRORS)
        return report if sample.is_whole else _without_last_row(report)

    report = check()
    for _ in range(_MAX_CORRECTIONS):
        if report.valid or not _correct(schema, report):
            break
        report = check()
    notes = [*layout.notes, *(note for _, note in proposed if note)]
    return Proposal(schema=schema, notes=tuple(notes), report=report)


def _is_seekable(source: Any) -> bool:
    return hasattr(source, "seekable") and bool(source.seekable())


def _read_columns(layout: Layout, sample: Sample) -> list[Column]:
    columns = [Column(name) for name in layout.names]
    for record in islice(layout.records(sample), SAMPLE_ROWS):
        for position, column in enumerate(columns):
            column.add(record.cells[position] if position < len(record.cells) else None)
    return columns


def _key(columns: list[Column], fields: list[dict[str, Any]], missing: frozenset[str]) -> str | None:
    """Return the name of the column that identifies the rows: by its label, or the first one of many rows."""
    for at, (column, descriptor) in enumerate(zip(columns, fields, strict=True)):
        if descriptor["type"] not in _KEY_TYPES or not column.is_key(missing):
            continue
        name, rows = column.name, len(column.texts)
        is_named = bool(_KEY_LABEL.fullmatch(name) or _CAMEL_KEY.fullmatch(name))
        if (is_named and rows > 1) or (at == 0 and rows >= _MIN_KEYS and not any(" " in text for text in column.texts)):
            return name
    return None


def _without_last_row(report: ValidationReport) -> ValidationReport:
    """Return the report without the errors of the last row, which is incomplete."""
    last = report.row_count
    kept = [error for error in report.errors if error.row is not None and error.row <= last]
    if len(kept) == len(report.errors) or report.error_count > len(report.errors):
        return report
    counts: dict[tuple[str | None, str], int] = {}
    for error in kept:
        counts[error.column, error.code] = counts.get((error.column, error.code), 0) + 1
    return ValidationReport(error_count=len(kept), errors=tuple(kept), row_count=report.row_count, counts=counts)


def _correct(schema: dict[str, Any], report: ValidationReport) -> bool:
    """Widen a proposal where the file contradicts it; return whether anything has changed."""
    fields = {descriptor["name"]: descriptor for descriptor in schema["fields"]}
    changed = False
    for column, code in report.counts:
        if column in fields:
            changed |= _widen(fields[column], code)
    codes = {code for _, code in report.counts}
    if ErrorCode.BLANK_ROW in codes and not schema.get("dialect", {}).get("skipBlankRows"):
        schema.setdefault("dialect", {})["skipBlankRows"] = changed = True
    if codes & {ErrorCode.PRIMARY_KEY, ErrorCode.UNIQUE_ERROR} and schema.pop("primaryKey", None):
        changed = True
    return changed


def _widen(descriptor: dict[str, Any], code: str) -> bool:
    """Propose a wider type for a column, or fewer constraints; return whether there was one."""
    constraints = descriptor.get("constraints", {})
    if code == ErrorCode.CONSTRAINT_ERROR and constraints:
        constraints.popitem()  # the enumeration before `required`
        if not constraints:
            del descriptor["constraints"]
        return True
    if code == ErrorCode.TYPE_ERROR and (descriptor["type"] != "string" or "format" in descriptor):
        wider = {"type": "number", "format": "decimal"} if descriptor["type"] == "integer" else {"type": "string"}
        kept = {name: descriptor[name] for name in ("name", "constraints") if name in descriptor}
        descriptor.clear()
        descriptor.update(kept | wider)
        return True
    return False
