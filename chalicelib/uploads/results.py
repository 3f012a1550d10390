"""Where an execution writes its accepted and rejected rows: under a prefix whose objects start no execution."""

from enum import StrEnum

from attrs import frozen

PREFIX = "results/"


class ResultFile(StrEnum):
    """The files of a result, by name."""

    ACCEPTED = "accepted.csv"
    """The header and the accepted rows, byte by byte as in the upload. Only if the dataset is split."""
    REJECTED = "rejected.csv"
    """The header and the rejected rows, likewise."""
    REJECTED_ROWS = "rejected.rows"
    """The numbers of the rejected rows (`validation/splitting/row_numbers.py`). Only if rows were rejected, and the
    dataset is split, or loaded and valid."""


@frozen(kw_only=True)
class ResultLocation:
    """Where one execution writes its results, and no other execution does."""

    bucket: str
    upload_id: str
    execution_name: str

    @property
    def prefix(self) -> str:
        """The prefix of the keys of all files."""
        return f"{PREFIX}{self.upload_id}/{self.execution_name}/"

    def key(self, file: ResultFile) -> str:
        """Return the key of a file."""
        return f"{self.prefix}{file}"
