"""What was agreed about a file: its schema as a table that a person reads, and an empty file to fill in."""

import csv
import io

from attrs import frozen


@frozen(kw_only=True)
class AgreedLimit:
    """A condition on the values of a column."""

    name: str
    """As in a Table Schema: `minimum`, `maxLength`, `pattern`."""
    limit: str


@frozen(kw_only=True)
class AgreedColumn:
    """One column of the file."""

    name: str
    title: str | None
    description: str | None
    type: str
    """As in a Table Schema: `integer`, `date`."""
    format: str | None
    """None for the usual format of the type."""
    decimal_char: str | None
    """What separates the decimals of a number; None for other types."""
    required: bool
    unique: bool
    """Whether no two rows may have the same value in this column alone."""
    allowed: tuple[str, ...]
    """The first allowed values; empty if any value is allowed."""
    allowed_count: int
    limits: tuple[AgreedLimit, ...]
    examples: tuple[str, ...]
    """Texts that a cell may have."""


@frozen(kw_only=True)
class Agreement:
    """What a file has to be."""

    name: str
    """The name of the schema."""
    title: str | None
    description: str | None
    columns: tuple[AgreedColumn, ...]
    any_order: bool
    allows_more: bool
    """Whether a file may have further columns."""
    allows_fewer: bool
    """Whether a file may lack columns that are not required."""
    keys: tuple[tuple[str, ...], ...]
    """The columns of each key with several columns: no two rows may have the same values in all of them."""
    delimiter: str
    encoding: str

    def template(self) -> bytes:
        """Return an empty file with the agreed columns, as CSV in the agreed delimiter and UTF-8."""
        names = [it.name for it in self.columns]
        if len(self.delimiter) > 1:  # csv knows no such delimiter
            quoted = ('"{}"'.format(it.replace('"', '""')) for it in names)
            return (self.delimiter.join(quoted) + "\r\n").encode(errors="replace")
        written = io.StringIO(newline="")
        csv.writer(written, delimiter=self.delimiter, lineterminator="\r\n").writerow(names)
        return written.getvalue().encode(errors="replace")
