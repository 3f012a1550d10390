"""The columns of a file: the name and the field of each position of a record."""

from collections.abc import Sequence

from attrs import evolve, frozen

from chalicelib.validation.checking.label_matching import LabelMatch, match_labels
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import Record
from chalicelib.validation.report import Fault
from chalicelib.validation.schema.keys import ForeignKey, Key
from chalicelib.validation.schema.table_schema import Field, Schema


@frozen(kw_only=True)
class Columns:
    """The name and the field of each position of a record."""

    names: tuple[str | None, ...]
    fields: tuple[Field | None, ...]
    """None where cells are not checked."""
    keys: tuple[Key, ...] = ()
    """With positions of columns, not of fields."""
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def key_positions(self) -> Sequence[tuple[int, ...]]:
        """The positions of the columns of each key, then of both sides of each foreign key."""
        sides = [positions for key in self.foreign_keys for positions in (key.fields, key.reference)]
        return (*(key.fields for key in self.keys), *sides)

    @property
    def key_faults(self) -> Sequence[tuple[int | None, Fault]]:
        """For each key, then each foreign key: the position of its only column, and the fault of a row."""
        duplicates = [(only_column(key.fields), key.duplicate) for key in self.keys]
        return (*duplicates, *((only_column(key.fields), key.dangling) for key in self.foreign_keys))

    @property
    def orphan_faults(self) -> Sequence[tuple[int | None, Fault]]:
        """For each foreign key: the position of its only column, and the fault of an orphan."""
        return [(only_column(key.fields), key.orphaned) for key in self.foreign_keys]

    @classmethod
    def of(cls, header: Record, schema: Schema | None, dialect: Dialect) -> "Columns":
        """Return the columns of the header, which without one are the fields, or else the cells of the first record.

        A column that the header lacks is one error of the header. Rows have as many cells as the header has labels.
        """
        labels = [label if isinstance(label, str) and label else None for label in header.cells]
        if schema is None:
            names = tuple(labels) if dialect.header else (None,) * len(labels)
            return cls(names=names, fields=(None,) * len(labels))
        fields = [_with_null(field, dialect.null_sequence) for field in schema.fields]
        if not dialect.header:
            return cls._of_columns([field.name for field in fields], list(range(len(fields))), schema, fields)
        match = match_labels(labels, schema, dialect)
        if schema.fields_match.by_name:
            names_by_label = labels
        else:
            names_by_label = [_name(at, label, match, schema) for at, label in enumerate(labels)]
        # A label that says nothing does not say that its column is another one.
        unnamed = {column: field for column, field in match.by_position.items() if labels[column] is None}
        fields_at = [match.fields.get(column, unnamed.get(column)) for column in range(len(labels))]
        return cls._of_columns(names_by_label, fields_at, schema, fields)

    @classmethod
    def _of_columns(
        cls, names: Sequence[str | None], fields_at: Sequence[int | None], schema: Schema, fields: Sequence[Field]
    ) -> "Columns":
        """Return columns with these names and fields, and the keys whose fields are all there."""
        columns = {field: column for column, field in enumerate(fields_at) if field is not None}

        def find(wanted: Sequence[int]) -> tuple[int, ...]:
            return tuple(columns[field] for field in wanted) if columns.keys() >= set(wanted) else ()

        keys = [evolve(key, fields=at) for key in schema.keys if (at := find(key.fields))]
        foreign_keys = [
            evolve(key, fields=at, reference=referred)
            for key in schema.foreign_keys
            if (at := find(key.fields)) and (referred := find(key.reference))
        ]
        return cls(
            names=tuple(names),
            fields=tuple(None if field is None else fields[field] for field in fields_at),
            keys=tuple(keys),
            foreign_keys=tuple(foreign_keys),
        )


def only_column(positions: Sequence[int]) -> int | None:
    """Return the position of a key's only column; None if it has several."""
    return positions[0] if len(positions) == 1 else None


def _with_null(field: Field, null_sequence: str | None) -> Field:
    if null_sequence is None:
        return field
    return evolve(field, missing_values=field.missing_values | {null_sequence})


def _name(column: int, label: str | None, match: LabelMatch, schema: Schema) -> str | None:
    """Return the name of a column: that of the field in its place, or else its label."""
    field = match.fields.get(column, match.by_position.get(column))
    return label if field is None else schema.fields[field].name
