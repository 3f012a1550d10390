"""How rows are written for COPY: its options, and the columns of the file that are loaded."""

from attrs import frozen

from chalicelib.loading.column_types import ColumnType
from chalicelib.validation.schema.table_schema import Field


@frozen(kw_only=True)
class CopyFormat:
    """How the lines are written, for the options of COPY."""

    delimiter: str
    quote: str
    null: str
    """Empty, or `\\N`."""


@frozen(kw_only=True)
class LoadedColumn:
    """A column of the file that is loaded: where it is, what its cells are, and how they are written."""

    position: int
    field: Field
    type: ColumnType
