"""Finds what is wrong with the labels of a header."""

from collections.abc import Iterator, Sequence

from chalicelib.validation.checking.label_matching import (
    Fold,
    Label,
    LabelMatch,
    folding,
    is_needed,
    is_reordered,
    match_labels,
)
from chalicelib.validation.checking.label_text import difference_of
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import Record
from chalicelib.validation.report import ErrorCode, Fault, ValidationError
from chalicelib.validation.schema.table_schema import Schema

_BLANK = Fault(ErrorCode.BLANK_LABEL, "the label is empty: every column needs a name")
_DUPLICATE = Fault(ErrorCode.DUPLICATE_LABEL, "an earlier column has the same label")
_EXTRA = Fault(ErrorCode.EXTRA_LABEL, "the schema has no such column")
_EXTRA_BLANK = Fault(
    ErrorCode.EXTRA_LABEL, "an extra column without a label: remove the delimiter, here and in the rows below"
)
_NONE = Fault(ErrorCode.MISSING_LABEL, "the header has none of the schema's columns")
_SHOWN_LABELS = 8
"""How many labels a message lists."""
_SHOWN_CHARACTERS = 40
"""How many characters of a label a message shows."""

_LabelFault = tuple[int | None, str | None, Fault]
"""The 1-based position of a column, its name, and the fault of its label."""


def label_errors(header: Record, schema: Schema | None, dialect: Dialect) -> Iterator[ValidationError]:
    """Iterate over the errors of the header, each of which is one mistake.

    Without a schema, labels must be present and different.
    """
    if schema is None:
        found = _by_themselves(header, dialect)
    else:
        match = match_labels(header.cells, schema, dialect)
        find = _by_name if schema.fields_match.by_name else _by_position
        found = find(header.cells, match, schema, dialect)
    for position, name, fault in found:
        yield fault.at(row=header.row, line=header.line, field=position, column=name or None)


def _by_themselves(header: Record, dialect: Dialect) -> Iterator[_LabelFault]:
    seen: set[str] = set()
    fold = folding(match_case=dialect.header_case)
    for position, label in enumerate(header.cells, start=1):
        if fault := _label_fault(label, seen, fold):
            yield position, _text(label), fault


def _by_position(
    labels: Sequence[str | Fault], match: LabelMatch, schema: Schema, dialect: Dialect
) -> Iterator[_LabelFault]:
    names = [field.name for field in schema.fields]
    found: list[_LabelFault] = []
    if order := _other_order(labels, match, names):
        found.append(order)
    seen: set[str] = set()
    fold = folding(match_case=dialect.header_case)
    for column, label in enumerate(labels):
        field = match.fields.get(column, match.by_position.get(column))
        if field is None:
            found.append((column + 1, _text(label), _EXTRA_BLANK if label == "" else _EXTRA))
            continue
        fault = _label_fault(label, set() if column in match.fields else seen, fold)
        if fault is None and (column in match.misspelt or column not in match.fields):
            fault = _incorrect(str(label), names[field], match)
        seen.add(fold(str(label)))
        if fault:
            found.append((column + 1, names[field], fault))
    present = {*match.columns, *match.by_position.values()}
    found += [(at + 1, name, _missing(name)) for at, name in enumerate(names) if at not in present]
    yield from sorted(found, key=lambda each: each[0] or 0)


def _other_order(labels: Sequence[str | Fault], match: LabelMatch, names: Sequence[str]) -> _LabelFault | None:
    """Return the fault of a header whose columns are in another order than the fields, at the first such column."""
    if not is_reordered(match.fields):
        return None
    columns = sorted(match.fields)
    fields = [match.fields[column] for column in columns]
    expected = sorted(fields)
    first = next(at for at, pair in enumerate(zip(fields, expected, strict=True)) if pair[0] != pair[1])
    found = _listed([str(labels[column]) for column in columns[first:]])
    wanted = _listed([names[field] for field in expected[first:]])
    fault = Fault(ErrorCode.INCORRECT_LABEL, f"the columns are in another order: expected {wanted}; found {found}")
    return columns[first] + 1, names[expected[first]], fault


def _by_name(
    labels: Sequence[str | Fault], match: LabelMatch, schema: Schema, dialect: Dialect
) -> Iterator[_LabelFault]:
    rule = schema.fields_match
    missing = [at for at in range(len(schema.fields)) if at not in match.columns]
    if rule.allows_fewer:
        if len(missing) == len(schema.fields):
            yield None, None, _NONE
        missing = [at for at in missing if is_needed(schema, at)]
    seen: set[str] = set()
    fold = folding(match_case=dialect.header_case)
    for column, label in enumerate(labels):
        fault = _label_fault(label, seen, fold)
        field = match.fields.get(column)
        if not fault and field is None and not rule.allows_more:
            fault = _EXTRA
        elif not fault and field is not None and column in match.misspelt:
            fault = _incorrect(str(label), schema.fields[field].name, match)
        if fault:
            yield column + 1, _text(label), fault
    for offset, at in enumerate(missing, start=1):
        name = schema.fields[at].name
        yield len(labels) + offset, name, _missing(name)


def _label_fault(label: str | Fault, seen: set[str], fold: Fold) -> Fault | None:
    """Return the fault of a label by itself, and add the label to those seen."""
    if isinstance(label, Fault):
        return label
    if not label:
        return _BLANK
    if fold(label) in seen:
        return _DUPLICATE
    seen.add(fold(label))
    return None


def _text(label: Label) -> str | None:
    return label if isinstance(label, str) else None


def _missing(name: str) -> Fault:
    return Fault(ErrorCode.MISSING_LABEL, f"the header lacks the column {_shown(name)}")


def _incorrect(found: str, expected: str, match: LabelMatch) -> Fault:
    if not match.fields:  # it may be a row of values: these are not repeated
        return Fault(ErrorCode.INCORRECT_LABEL, f"expected the label {_shown(expected)}")
    difference = difference_of(found, expected)
    reason = f": it differs by {difference} only" if difference else ""
    return Fault(ErrorCode.INCORRECT_LABEL, f"expected the label {_shown(expected)}, found {_shown(found)}{reason}")


def _shown(label: str) -> str:
    text = label if len(label) <= _SHOWN_CHARACTERS else f"{label[:_SHOWN_CHARACTERS]}…"
    return f'"{text}"'


def _listed(labels: Sequence[str]) -> str:
    rest = ", …" if len(labels) > _SHOWN_LABELS else ""
    return ", ".join(map(_shown, labels[:_SHOWN_LABELS])) + rest
