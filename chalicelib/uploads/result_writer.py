"""Write the results of one execution: which rows were rejected, and the rows in two files if the dataset is split."""

from chalicelib.uploads.messages import ValidationRequest
from chalicelib.uploads.ports import ResultStore
from chalicelib.uploads.results import ResultFile, ResultLocation
from chalicelib.validation.report import ValidationReport
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.dataset_options import DatasetOptions
from chalicelib.validation.splitting.row_numbers import written_row_numbers


def write_results(
    request: ValidationRequest,
    report: ValidationReport,
    options: DatasetOptions,
    *,
    faulty_rows: RowSet,
    results: ResultStore,
) -> None:
    """Write and publish what a dataset asks for; raises ObjectForbidden, ObjectVanished or StorageUnavailable.

    Unlike a report, a result is not left out if it cannot be written: what follows depends on it.
    """
    is_divided = options.split or (options.load is not None and report.valid)
    if request.execution_name is None or report.rejected_rows is None or not is_divided:
        return
    draft = results.draft(
        ResultLocation(bucket=request.bucket, upload_id=request.upload_id, execution_name=request.execution_name)
    )
    try:
        for lines in written_row_numbers(faulty_rows):
            draft.write(ResultFile.REJECTED_ROWS, lines)
        draft.publish()
    except BaseException:
        draft.discard()
        raise
