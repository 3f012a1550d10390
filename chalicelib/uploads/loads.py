"""What a load is: which rows of which attempt go into which table."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from attrs import frozen

from chalicelib.loading.copy_format import CopyFormat
from chalicelib.loading.table import ActualTable, Table
from chalicelib.uploads.messages import StatusUpdate


@frozen(kw_only=True)
class PlannedLoad:
    """The load of one attempt."""

    upload_id: str
    execution_name: str
    table: Table
    expected_rows: int
    """The number of accepted rows."""
    content_sha256: str | None
    schema_sha256: str | None


@frozen(kw_only=True)
class Loaded:
    """What a load did."""

    rows: int
    """0 if a file that arrived later has replaced the rows before."""
    table: str


class Lines(Protocol):
    """The lines of COPY, which can be read once."""

    @property
    def form(self) -> CopyFormat:
        """How they are written."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """The columns behind the upload and the row."""
        ...

    def blocks(self) -> Iterator[tuple[bytes, int]]:
        """Yield blocks of lines, and how many rows each has."""
        ...


class RowSource(Protocol):
    """The accepted rows of a file."""

    def lines(self, actual: ActualTable) -> Lines:
        """Open the file, and return its lines for a table that fits."""
        ...


class Loads(Protocol):
    """Loads rows, and records the verdict VALIDATED with them."""

    def load(self, load: PlannedLoad, update: StatusUpdate, rows: RowSource) -> Loaded:
        """Load the rows of an attempt and record its verdict, both or neither; can be repeated without harm.

        Raises AttemptSuperseded or AttemptSettled if the attempt can have no verdict any more, TableUnfit,
        LoadForbidden, RowsRefused, LoadInconsistent, DatabaseFull or DatabaseUnavailable, and what `rows` raises.
        """
        ...
