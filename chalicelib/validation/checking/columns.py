"""The columns of a file: compares its header with the schema."""

from collections.abc import Callable, Iterator, Sequence

from attrs import evolve, frozen

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import Record
from chalicelib.validation.report import ErrorCode, Fault, ValidationError
from chalicelib.validation.schema.table_schema import Field, ForeignKey, Key, Schema

_BLANK = Fault(ErrorCode.BLANK_LABEL, "the label is empty: every column needs a name")
_DUPLICATE = Fault(ErrorCode.DUPLICATE_LABEL, "an earlier column has the same label")
_EXTRA = Fault(ErrorCode.EXTRA_LABEL, "the schema has no such column")
_NONE = Fault(ErrorCode.MISSING_LABEL, "none of the schema's columns is here")


@frozen(kw_only=True)
class Columns:
    """The name and the field of each position of a record."""

    names: tuple[str | None, ...]
    fields: tuple[Field | None, ...]
    """None where cells are not checked."""
    keys: tuple[Key, ...] = ()
    """With positions of columns, not of fields."""
    foreign_keys: tuple[ForeignKey, ...] = ()

    @classmethod
    def of(cls, header: Record, schema: Schema | None, dialect: Dialect) -> "Columns":
        """Return the columns of the schema, or else of the first record, which may be the header."""
        labels = [label if dialect.header and isinstance(label, str) and label else None for label in header.cells]
        if schema is None:
            return cls(names=tuple(labels), fields=(None,) * len(labels))
        fields = [_with_null(field, dialect.null_sequence) for field in schema.fields]
        column_map = _ColumnMap(labels, schema, match_case=dialect.header_case)
        if schema.fields_match.by_name and dialect.header:
            names = tuple(labels)
        else:
            names = tuple(field.name for field in fields)
            column_map.go_by_position(labels)
        keys = [evolve(key, fields=at) for key in schema.keys if (at := column_map.of(key.fields))]
        foreign_keys = [
            evolve(key, fields=at, reference=referred)
            for key in schema.foreign_keys
            if (at := column_map.of(key.fields)) and (referred := column_map.of(key.reference))
        ]
        matched = [column_map.field_at(position) for position in range(len(names))]
        return cls(
            names=names,
            fields=tuple(None if position is None else fields[position] for position in matched),
            keys=tuple(keys),
            foreign_keys=tuple(foreign_keys),
        )


def _with_null(field: Field, null_sequence: str | None) -> Field:
    if null_sequence is None:
        return field
    return evolve(field, missing_values=field.missing_values | {null_sequence})


class _ColumnMap:
    """Which column holds which field."""

    def __init__(self, labels: Sequence[str | Fault | None], schema: Schema, *, match_case: bool) -> None:
        """Find each field by its name."""
        self._fold = _folding(match_case=match_case)
        self._names = [self._fold(field.name) for field in schema.fields]
        # Of equal names the first counts, among fields and among labels.
        fields = {name: field for field, name in reversed(list(enumerate(self._names)))}
        self._columns: dict[int, int] = {}
        for column, label in enumerate(labels):
            if isinstance(label, str) and (field := fields.get(self._fold(label))) is not None:
                self._columns.setdefault(field, column)
        self._fields = {column: field for field, column in self._columns.items()}

    def go_by_position(self, labels: Sequence[str | Fault | None]) -> None:
        """Match each field to its own position, unless the label there is a different one.

        Cells under a wrong label are not checked: they would repeat the error of the label in every row.
        """
        labels = [*labels, *[None] * (len(self._names) - len(labels))]
        self._fields = {
            position: position
            for position, name in enumerate(self._names)
            if not isinstance(label := labels[position], str) or self._fold(label) == name
        }
        self._columns = dict(self._fields)

    def of(self, fields: Sequence[int]) -> tuple[int, ...]:
        """Return the columns of these fields; none if one of them is missing."""
        columns = tuple(self._columns[field] for field in fields if field in self._columns)
        return columns if len(columns) == len(fields) else ()

    def field_at(self, column: int) -> int | None:
        """Return the field of a column."""
        return self._fields.get(column)

    def has(self, field: int) -> bool:
        """Return whether a column has the field."""
        return field in self._columns


def label_errors(header: Record, schema: Schema | None, dialect: Dialect) -> Iterator[ValidationError]:
    """Iterate over the errors of the header, label by label, and then over the missing labels.

    Without a schema, labels must be present and different.
    """
    if schema and schema.fields_match.by_name:
        found = _by_name(header, schema, dialect)
    else:
        found = _by_position(header, schema, dialect)
    for position, name, fault in found:
        yield fault.at(row=header.row, line=header.line, field=position, column=name or None)


_LabelFault = tuple[int | None, str | None, Fault]
"""The 1-based position of a column, its name, and the fault of its label."""


def _by_position(header: Record, schema: Schema | None, dialect: Dialect) -> Iterator[_LabelFault]:
    names = [field.name for field in schema.fields] if schema else []
    fold = _folding(match_case=dialect.header_case)
    seen: set[str] = set()
    for position in range(max(len(header.cells), len(names))):
        label = header.cells[position] if position < len(header.cells) else None
        name = names[position] if position < len(names) else None
        fault = None
        if label is None:
            fault = Fault(ErrorCode.MISSING_LABEL, f"the header ends before this column; expected the label {name}")
        elif schema and name is None:
            fault = _EXTRA
        else:
            fault = _label_fault(label, seen, fold)
            if not fault and name is not None and fold(str(label)) != fold(name):
                fault = Fault(ErrorCode.INCORRECT_LABEL, f"expected the label {name}")
        if fault:
            yield position + 1, name or (label if isinstance(label, str) else None), fault


def _by_name(header: Record, schema: Schema, dialect: Dialect) -> Iterator[_LabelFault]:
    column_map = _ColumnMap(header.cells, schema, match_case=dialect.header_case)
    fold = _folding(match_case=dialect.header_case)
    match = schema.fields_match
    missing = [index for index in range(len(schema.fields)) if not column_map.has(index)]
    if match.allows_fewer:
        if len(missing) == len(schema.fields):
            yield None, None, _NONE
        primary = {index for key in schema.keys if key.incomplete for index in key.fields}
        missing = [index for index in missing if schema.fields[index].required or index in primary]
    seen: set[str] = set()
    for position, label in enumerate(header.cells):
        fault = _label_fault(label, seen, fold)
        if not fault and column_map.field_at(position) is None and not match.allows_more:
            fault = _EXTRA
        if fault:
            yield position + 1, label if isinstance(label, str) else None, fault
    for offset, index in enumerate(missing, start=1):
        name = schema.fields[index].name
        yield len(header.cells) + offset, name, Fault(ErrorCode.MISSING_LABEL, f"the header lacks the label {name}")


def _label_fault(label: str | Fault, seen: set[str], fold: "_Fold") -> Fault | None:
    """Return the fault of a label by itself, and add the label to those seen."""
    if isinstance(label, Fault):
        return label
    if not label:
        return _BLANK
    if fold(label) in seen:
        return _DUPLICATE
    seen.add(fold(label))
    return None


_Fold = Callable[[str], str]


def _folding(*, match_case: bool) -> _Fold:
    """Return the function that labels are compared by."""
    return str if match_case else str.casefold
