"""Write the results of one execution: which rows were rejected, and the rows in two files if the dataset is split."""

from collections.abc import Callable, Iterable
from functools import partial

from attrs import frozen

from chalicelib.errors import ObjectVanished
from chalicelib.uploads.messages import ValidationRequest
from chalicelib.uploads.provenance import HashedContent
from chalicelib.uploads.results import ResultFile, ResultLocation
from chalicelib.uploads.storage_ports import ResultDraft, ResultStore
from chalicelib.validation.reading.content import Content, is_gzip
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.report import ValidationReport
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.table_schema import Schema
from chalicelib.validation.splitting.row_numbers import written_row_numbers
from chalicelib.validation.splitting.splitter import split


@frozen(kw_only=True)
class ValidatedObject:
    """An object that was validated, and can be read again."""

    report: ValidationReport
    schema: Schema
    faulty_rows: RowSet
    sha256: str | None
    reopen: Callable[[], Iterable[bytes]] | None
    """Return its content once more; raises ObjectVanished, ObjectForbidden or StorageUnavailable.

    None if its rows are split in parts, by other functions.
    """


def write_results(request: ValidationRequest, validated: ValidatedObject, results: ResultStore) -> None:
    """Write and publish what a dataset asks for; raises ObjectForbidden, ObjectVanished or StorageUnavailable.

    Unlike a report, a result is not left out if it cannot be written: what follows depends on it.
    """
    options, report = validated.schema.options, validated.report
    is_divided = options.split or (options.load is not None and report.valid)
    if request.execution_name is None or report.rejected_rows is None or not is_divided:
        return
    draft = results.draft(
        ResultLocation(bucket=request.bucket, upload_id=request.upload_id, execution_name=request.execution_name)
    )
    try:
        if options.split and validated.reopen:
            _write_parts(request, validated, HashedContent(validated.reopen()), draft)
        for lines in written_row_numbers(validated.faulty_rows):
            draft.write(ResultFile.REJECTED_ROWS, lines)
        draft.publish()
    except BaseException:
        draft.discard()
        raise


def _write_parts(
    request: ValidationRequest, validated: ValidatedObject, content: HashedContent, draft: ResultDraft
) -> None:
    """Write accepted and rejected rows. Without versions the object may have been replaced since it was validated."""
    split(
        Content(content, gzipped=is_gzip(request.key)),
        validated.schema.dialect or Dialect(),
        validated.faulty_rows,
        accept=partial(draft.write, ResultFile.ACCEPTED),
        reject=partial(draft.write, ResultFile.REJECTED),
    )
    if content.sha256 != validated.sha256:
        raise ObjectVanished(f"s3://{request.bucket}/{request.key} was replaced while it was split")
