"""The lines of a whole file: from its bytes, by the same reader as the validator's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from attrs import frozen

from chalicelib.errors import LoadInconsistent
from chalicelib.loading.copy_format import CopyFormat, LoadedColumn
from chalicelib.loading.lines import CopyLines
from chalicelib.loading.table import ActualTable, Table
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.opening import read_header
from chalicelib.validation.reading.content import Content
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import Record
from chalicelib.validation.schema.table_schema import compiled_schema


@frozen(kw_only=True)
class FileLines:
    """The lines of one file, which can be read once."""

    content: Content
    lines: CopyLines
    names: Sequence[str]
    """The columns behind the upload and the row."""
    rejected: Iterable[int]

    @classmethod
    def of(  # noqa: PLR0913 - a file, its table, and where it is from
        cls,
        content: Content,
        *,
        descriptor: Mapping[str, Any],
        table: Table,
        actual: ActualTable,
        upload_id: str,
        rejected: Iterable[int],
    ) -> Self:
        """Read the header of a valid file; raises LoadInconsistent if it has none."""
        schema = compiled_schema(descriptor)
        dialect = schema.dialect or Dialect()
        reader = RecordReader(content, dialect)
        records = iter(reader)
        header = read_header(records, dialect) if dialect.header else next(records, None)
        if not isinstance(header, Record):
            raise LoadInconsistent("the file is valid, and has no header that can be read: replay the upload")
        columns = Columns.of(header, schema, dialect)
        by_name = {column.name: column for column in table.columns}
        loaded = tuple(
            LoadedColumn(position=at, field=field, type=table.column_type(by_name[field.name], actual))
            for at, field in enumerate(columns.fields)
            if field is not None
        )
        lines = CopyLines(
            reader=reader,
            begun=[] if dialect.header else [header],
            dialect=dialect,
            columns=columns,
            loaded=loaded,
            upload_id=upload_id,
        )
        names = tuple(column.field.name for column in loaded)
        return cls(content=content, lines=lines, names=names, rejected=rejected)

    @property
    def form(self) -> CopyFormat:
        """How the lines are written."""
        return self.lines.form

    def blocks(self) -> Iterator[tuple[bytes, int]]:
        """Yield blocks of lines, and how many rows each has; raises LoadInconsistent if the file is cut."""
        yield from self.lines.blocks(self.rejected)
        if self.content.fault:
            raise LoadInconsistent("the file is valid, and cannot be read to its end: replay the upload")
