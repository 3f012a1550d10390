"""The table of a dataset: its columns, its keys, and what an existing table must be to take the rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from attrs import frozen

from chalicelib.errors import TableUnfit
from chalicelib.loading.column_types import ColumnType, column_types
from chalicelib.validation.report import ErrorCode
from chalicelib.validation.schema.dataset_options import Load, LoadMode
from chalicelib.validation.schema.table_schema import Schema, compiled_schema

UPLOAD_ID, ROW, LOADED_AT = "_upload_id", "_row", "_loaded_at"
"""Assay's columns: the upload, the row number of the file (the header is row 1), and the time of the transaction."""
LOADS = "_assay_loads"
"""The table beside it in which Assay records which attempt loaded what."""
_MOST_NAME_BYTES = 63
"""PostgreSQL cuts longer names."""
_MOST_COLUMNS = 1_600
_DEFAULT_SCHEMA = "public"


@frozen(kw_only=True)
class Column:
    """A column for the values of a field."""

    name: str
    types: tuple[ColumnType, ...]
    """First that of the DDL, then those that a table may have instead."""
    required: bool
    comment: str | None


@frozen(kw_only=True)
class Key:
    """Columns that are unique together."""

    columns: tuple[str, ...]
    is_primary: bool


@frozen(kw_only=True)
class ActualColumn:
    """A column of an existing table."""

    name: str
    type: str
    """As `format_type` writes it."""
    not_null: bool
    has_default: bool


@frozen(kw_only=True)
class ActualTable:
    """An existing table, as the catalog describes it to the user who loads."""

    columns: tuple[ActualColumn, ...]
    unique: tuple[frozenset[str], ...]
    """The columns of each unique index without a condition."""

    def column(self, name: str) -> ActualColumn | None:
        """Return the column of that name."""
        return next((column for column in self.columns if column.name == name), None)


@frozen(kw_only=True)
class Table:
    """What the table of a dataset must be."""

    schema: str
    name: str
    mode: LoadMode
    columns: tuple[Column, ...]
    """Those of the fields, in their order."""
    keys: tuple[Key, ...]
    comment: str | None

    @classmethod
    def of(cls, descriptor: Mapping[str, Any], load: Load) -> Self:
        """Return the table for a schema's descriptor; raises SchemaInvalid, or TableUnfit if there can be none."""
        schema = compiled_schema(descriptor)
        fields = descriptor["fields"]
        columns = tuple(
            Column(
                name=compiled.name,
                types=column_types(stated, compiled.type),
                required=compiled.required,
                comment=_comment(stated),
            )
            for stated, compiled in zip(fields, schema.fields, strict=True)
        )
        where, _, name = load.table.rpartition(".")
        _expect_names([column.name for column in columns], load.table)
        return cls(
            schema=where or _DEFAULT_SCHEMA,
            name=name,
            mode=load.mode,
            columns=columns,
            keys=tuple(_keys(schema, [column.name for column in columns], load.mode)),
            comment=_comment(descriptor),
        )

    @property
    def written(self) -> str:
        """The table's name, as messages show it."""
        return self.name if self.schema == _DEFAULT_SCHEMA else f"{self.schema}.{self.name}"

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns by which rows are merged."""
        return next(key.columns for key in self.keys if key.is_primary)

    def column_type(self, column: Column, actual: ActualTable) -> ColumnType:
        """Return how values are written for a column of a table that fits."""
        found = actual.column(column.name)
        return next(each for each in column.types if found and each.name == found.type)

    def expect_fit(self, actual: ActualTable) -> None:
        """Raise TableUnfit with every difference that would keep a row out, or change a value."""
        differences = [*self._differences(actual), *_unfilled(actual, [column.name for column in self.columns])]
        if self.mode is LoadMode.UPSERT and frozenset(self.primary_key) not in actual.unique:
            listed = ", ".join(self.primary_key)
            differences.append(f"no unique index on ({listed}), by which upsert merges rows: add a primary key")
        if differences:
            raise TableUnfit(
                f"the table {self.written} does not fit its schema: {'; '.join(differences)}. "
                "Nothing was loaded: alter the table, then replay the upload"
            )

    def _differences(self, actual: ActualTable) -> Iterator[str]:
        wanted = [(column.name, [each.name for each in column.types], column.required) for column in self.columns]
        for name, types, required in [*wanted, *_OWN]:
            found = actual.column(name)
            if found is None:
                yield f"column {name} is missing: expected {types[0]}"
            elif found.type not in types:
                yield f"column {name} is {found.type}: expected {' or '.join(types)}"
            elif found.not_null and not required:
                yield f"column {name} is NOT NULL, and its field is not required"
            elif name == LOADED_AT and not found.has_default:
                yield f"column {name} has no default: expected DEFAULT now()"


_OWN = (
    (UPLOAD_ID, ["text"], True),
    (ROW, ["bigint"], True),
    (LOADED_AT, ["timestamp with time zone"], True),
)


def _unfilled(actual: ActualTable, names: Sequence[str]) -> Iterator[str]:
    for column in actual.columns:
        if column.name not in {*names, UPLOAD_ID, ROW, LOADED_AT} and column.not_null and not column.has_default:
            yield f"column {column.name} is NOT NULL without a default, and no field fills it"


def _expect_names(names: Sequence[str], table: str) -> None:
    for name in names:
        if len(name.encode()) > _MOST_NAME_BYTES:
            raise TableUnfit(f"{table}: PostgreSQL's names have at most 63 bytes, and a field's name has more: {name}")
        if name in {UPLOAD_ID, ROW, LOADED_AT}:
            raise TableUnfit(f"{table}: a field is named {name}, which is a column of Assay's: rename the field")
        if names.count(name) > 1:
            raise TableUnfit(f"{table}: two fields are named {name}: a table has one column of a name")
    if len(names) + len(_OWN) > _MOST_COLUMNS:
        raise TableUnfit(f"{table}: PostgreSQL's tables have at most {_MOST_COLUMNS:,} columns")


def _keys(schema: Schema, names: Sequence[str], mode: LoadMode) -> Iterator[Key]:
    """Yield the keys of the table.

    A schema's keys hold within a file. Where the table has rows of several files side by side, the upload is part of
    each key.
    """
    prefix = (UPLOAD_ID,) if mode is LoadMode.APPEND else ()
    has_primary = False
    for key in schema.keys:
        columns = (*prefix, *(names[position] for position in key.fields))
        is_primary = key.duplicate.code is ErrorCode.PRIMARY_KEY
        has_primary = has_primary or is_primary
        if is_primary or mode is not LoadMode.UPSERT:
            yield Key(columns=columns, is_primary=is_primary)
    if not has_primary:
        yield Key(columns=(UPLOAD_ID, ROW), is_primary=True)


def _comment(described: Mapping[str, Any]) -> str | None:
    texts = [str(described[name]) for name in ("title", "description") if described.get(name)]
    return ": ".join(texts) or None
