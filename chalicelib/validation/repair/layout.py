"""Rules for the file as a whole: its encoding, its delimiter, what stands above its header, and its columns."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from attrs import evolve

from chalicelib.validation.checking.label_matching import LabelMatch, match_labels
from chalicelib.validation.checking.label_text import loose
from chalicelib.validation.inference.encoding import detect_encoding
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.encodings import detect_other_encoding, python_encoding
from chalicelib.validation.reading.file_format import detect_non_csv
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import Record
from chalicelib.validation.reading.source import in_utf8
from chalicelib.validation.repair.changes import LayoutRepair
from chalicelib.validation.repair.words import is_near
from chalicelib.validation.report import ErrorCode, Fault
from chalicelib.validation.schema.table_schema import Schema
from chalicelib.validation.sink import Beginning

MAX_ROWS_ABOVE = 20
"""The most rows above the header."""
_DELIMITERS = (",", ";", "\t", "|")
_SEP = re.compile(r"sep=(.?)", re.IGNORECASE)


def sampled_records(beginning: Beginning, *, is_whole: bool = False) -> Iterator[Record]:
    """Iterate over the records in the first bytes of a file, but the last one, which may be cut off.

    If these bytes are the whole file, it is not.
    """
    return _records(beginning.sample, beginning.dialect, is_whole=is_whole)


def layout_repairs(beginning: Beginning, counts: Mapping[str, int]) -> tuple[LayoutRepair, ...]:
    """Return what would mend a file as a whole, in the order in which it is to be applied.

    `counts` are the numbers of errors by code. Of a file whose header is right, only what they show is looked for.
    """
    if counts.keys() & _OF_LAYOUT:
        return beginning_repairs(beginning)
    return of_counts(counts)


def of_counts(counts: Mapping[str, int]) -> tuple[LayoutRepair, ...]:
    """Return what the numbers of errors by code show."""
    rows = [LayoutRepair(rule="empty-rows")] if ErrorCode.BLANK_ROW in counts else []
    cells = [LayoutRepair(rule="empty-cells")] if ErrorCode.EXTRA_CELL in counts else []
    return (*rows, *cells)


_OF_LAYOUT = frozenset(
    {ErrorCode.FORMAT_ERROR, ErrorCode.ENCODING_ERROR} | {code for code in ErrorCode if code.endswith("-label")}
)


def beginning_repairs(beginning: Beginning) -> tuple[LayoutRepair, ...]:
    """Return what the first bytes of a file show; nothing if it is laid out as declared."""
    schema, dialect = beginning.schema, beginning.dialect
    repairs: list[LayoutRepair] = []
    encoding = _other_encoding(beginning)
    if encoding:
        repairs.append(LayoutRepair(rule="encoding", found=encoding, expected=dialect.encoding))
        dialect = evolve(dialect, encoding=python_encoding(encoding) or dialect.encoding)
    elif _is_no_text(beginning):
        return ()
    if schema is None or not dialect.header or tuple(dialect.header_rows) != (1,):
        return tuple(repairs)
    header, above = _header(beginning.sample, schema, dialect)
    if header is None:
        return tuple(repairs)
    record, found = header
    if above:
        rule = "separator-line" if _SEP.fullmatch(above[0]) and len(above) == 1 else "title-rows"
        repairs.append(LayoutRepair(rule=rule, rows=len(above)))
    if found != dialect.delimiter:
        repairs.append(LayoutRepair(rule="delimiter", found=found, expected=dialect.delimiter))
    if columns := _columns(record, schema, dialect):
        repairs.append(columns)
    return tuple(repairs)


def _records(sample: bytes, dialect: Dialect, *, is_whole: bool = False) -> Iterator[Record]:
    text = b"".join(in_utf8(iter([sample]), dialect.encoding))
    held: Record | None = None
    for record in RecordReader([text], evolve(dialect, encoding="utf-8")):
        if held is not None:
            yield held
        held = record if isinstance(record, Record) else None
    if held is not None and is_whole:
        yield held


def _other_encoding(beginning: Beginning) -> str | None:
    """Return the encoding of a file that is not in the declared one; None if it is, or if it cannot be detected."""
    dialect = beginning.dialect
    faults = (
        detect_non_csv(beginning.sample, dialect),
        detect_other_encoding(beginning.sample, dialect.encoding),
    )
    if not any(fault is not None and fault.code is ErrorCode.ENCODING_ERROR for fault in faults):
        return None
    found = detect_encoding((beginning.sample,), is_whole=False)
    return None if found is None or python_encoding(found) == dialect.encoding else found


def _is_no_text(beginning: Beginning) -> bool:
    dialect = beginning.dialect
    fault: Fault | None = detect_non_csv(beginning.sample, dialect)
    return fault is not None or detect_other_encoding(beginning.sample, dialect.encoding) is not None


def _header(sample: bytes, schema: Schema, dialect: Dialect) -> tuple[tuple[Record, str] | None, Sequence[str]]:
    """Find the header: the first of the first records, by any delimiter, that has most of the schema's names.

    Return it with its delimiter, and the first cells of the rows above it.
    """
    names = [loose(field.name) for field in schema.fields]
    best: tuple[int, Record, str, Sequence[str]] | None = None
    for delimiter in dict.fromkeys((dialect.delimiter, *_DELIMITERS)):
        if delimiter in {dialect.quote_char, dialect.escape_char}:
            continue
        above: list[str] = []
        # The delimiter is tried on one more row, because the last record of a sample is left out.
        for record in islice(_records(sample + b"\n\n", evolve(dialect, delimiter=delimiter)), MAX_ROWS_ABOVE + 1):
            known = len({loose(cell) for cell in record.cells if isinstance(cell, str)} & set(names))
            if 2 * known > len(names) and (len(names) > 1 or len(record.cells) == 1):
                if best is None or known > best[0]:
                    best = (known, record, delimiter, tuple(above))
                break
            first = record.cells[0]
            above.append(first if isinstance(first, str) else "")
    return (None, ()) if best is None else ((best[1], best[2]), best[3])


def _columns(header: Record, schema: Schema, dialect: Dialect) -> LayoutRepair | None:
    """Return how the columns are to be ordered and named; None if that is right, or if one is missing."""
    labels = [label if isinstance(label, str) else None for label in header.cells]
    match = match_labels(labels, schema, dialect)
    columns = {**match.columns, **_misspelt(labels, schema, match)}
    names = [field.name for field in schema.fields]
    if schema.fields_match.by_name:
        return _spelling(labels, names, columns, match)
    if len(columns) < len(names):
        return None
    extra = [at for at in range(len(labels)) if at not in set(columns.values())]
    if any(labels[at] for at in extra):
        return None  # the column may hold data that is needed
    order = tuple(columns[field] + 1 for field in range(len(names)))
    is_ordered = list(order) == sorted(order)
    if is_ordered and not extra:
        return _spelling(labels, names, columns, match)
    rule = "empty-columns" if is_ordered else "column-order"
    return LayoutRepair(rule=rule, columns=order, labels=tuple(names))


def _spelling(
    labels: Sequence[str | None], names: Sequence[str], columns: dict[int, int], match: LabelMatch
) -> LayoutRepair | None:
    """Return which labels are to be spelt in another way; None if all are right."""
    fields = {column: field for field, column in columns.items()}
    wrong = match.misspelt | (fields.keys() - match.fields.keys())
    if not wrong or None in labels:
        return None
    spelt = tuple(names[fields[at]] if at in wrong else str(label) for at, label in enumerate(labels))
    return LayoutRepair(rule="label-spelling", columns=tuple(range(1, len(labels) + 1)), labels=spelt)


def _misspelt(labels: Sequence[str | None], schema: Schema, match: LabelMatch) -> dict[int, int]:
    """Return the columns of fields whose name is one letter away from one label, and from no other."""
    free = [at for at, label in enumerate(labels) if label and at not in match.fields]
    found: dict[int, int] = {}
    for field in range(len(schema.fields)):
        if field in match.columns:
            continue
        name = loose(schema.fields[field].name)
        near = [at for at in free if is_near(loose(str(labels[at])), name)]
        if len(near) == 1 and near[0] not in found.values():
            found[field] = near[0]
    return found
