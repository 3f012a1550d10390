"""Where an execution writes its accepted and rejected rows: under a prefix whose objects start no execution."""

from enum import StrEnum

from attrs import frozen

from chalicelib.errors import ResultUnavailable
from chalicelib.uploads.outputs import OutputLocation
from chalicelib.uploads.read_models import Upload

PREFIX = "results/"


class ResultPart(StrEnum):
    """The part of a split file that is asked for."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"

    @property
    def file(self) -> "ResultFile":
        """The file with these rows."""
        return ResultFile.ACCEPTED if self is ResultPart.ACCEPTED else ResultFile.REJECTED


@frozen(kw_only=True)
class ResultQuery:
    """Asks for one part of a split file."""

    part: ResultPart = ResultPart.ACCEPTED


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
class ResultLocation(OutputLocation[ResultFile]):
    """Where one execution writes its accepted and rejected rows."""

    ROOT = PREFIX


def current_result_location(upload: Upload) -> ResultLocation:
    """Return the location of the results of the current attempt; raises ResultUnavailable before its verdict.

    An execution may write results and fail afterwards: nothing vouches for these.
    """
    if upload.execution_name is None or not upload.status.is_verdict or upload.rejected_rows is None:
        raise ResultUnavailable(f"upload {upload.upload_id} has no verdict by which its rows were divided")
    return ResultLocation(bucket=upload.bucket, upload_id=upload.upload_id, execution_name=upload.execution_name)
