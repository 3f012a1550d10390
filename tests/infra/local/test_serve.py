"""The functions' warnings that `make serve` prints."""

from io import StringIO

import pytest

from chalicelib.telemetry import logs
from chalicelib.telemetry.log_fields import LogFields
from infra.local.progress import Progress
from infra.local.serve import _print_warnings_to


@pytest.mark.parametrize(
    "fields",
    [
        LogFields(key="uploads/none.csv", reason="it is none"),
        LogFields(uploadId="uploads/none.csv", reason="it is none"),
    ],
)
def test_warning_is_printed_with_its_subject(fields: LogFields) -> None:
    """The subject is an object, or else an upload."""
    out = StringIO()
    with _print_warnings_to(Progress(out)):
        logs.warn("object rejected", **fields)
    assert "object rejected: uploads/none.csv: it is none\n" == out.getvalue()
