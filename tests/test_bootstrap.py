"""The composition root: a function imports only what it uses."""

import os
import subprocess
import sys

import pytest

ENGINE = "chalicelib.validation.fast"
DATABASE = "psycopg"
AWS = "boto3"

UPLOAD_STATUS = """
from contextlib import suppress
from types import SimpleNamespace
from chalicelib.errors import UploadNotFound
context = SimpleNamespace(function_name="upload_status", aws_request_id="1")
update = {"uploadId": "42", "status": "VALIDATED", "executionName": "42-0a"}
with suppress(UploadNotFound):
    app.upload_status(update, context)
"""
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:assay-dev-upload_sweep"
EXECUTIONS = f"app.services().uploads, app.services().bus, app.services().executions({ARN!r})"
SWEEP = f"app.services().sweep({ARN!r})"
CSV_VALIDATOR = """
import chalicelib.uploads.validate
app.services().objects, app.services().schemas, app.services().reports
"""

PART_VALIDATOR = """
import chalicelib.uploads.parts.part
app.services().objects, app.services().parts
"""

PART_MERGER = """
import chalicelib.uploads.parts.seams, chalicelib.uploads.parts.merging
app.services().objects, app.services().parts, app.services().segments, app.services().reports, app.services().results
"""

PART_SPLITTER = """
import chalicelib.uploads.splitting.segment, chalicelib.uploads.splitting.joining
app.services().objects, app.services().parts, app.services().segments, app.services().result_assembly
"""

ROW_LOADER = """
import chalicelib.uploads.load
app.services().objects, app.services().schemas, app.services().loads
"""


@pytest.mark.parametrize(
    ("code", "used", "unused"),
    [
        ("", set(), {ENGINE, DATABASE, AWS}),
        (UPLOAD_STATUS, {DATABASE}, {ENGINE, AWS}),
        (EXECUTIONS, {DATABASE, AWS}, {ENGINE}),
        (SWEEP, {DATABASE, AWS}, {ENGINE}),
        (CSV_VALIDATOR, {ENGINE, AWS}, {DATABASE}),
        (PART_VALIDATOR, {ENGINE, AWS}, {DATABASE}),
        (PART_MERGER, {ENGINE, AWS}, {DATABASE}),
        (PART_SPLITTER, {ENGINE, AWS}, {DATABASE}),
        (ROW_LOADER, {ENGINE, DATABASE, AWS}, set()),
    ],
    ids=[
        "import",
        "upload_status",
        "csv_orchestrator and execution_settler",
        "upload_sweep",
        "csv_validator",
        "part_validator",
        "seam_checker and part_merger",
        "part_splitter and split_joiner",
        "row_loader",
    ],
)
def test_function_imports_only_what_it_uses(code: str, used: set[str], unused: set[str], dsn: str) -> None:
    """Imports slow down cold starts: csv_validator alone loads the validation engine, and no database driver."""
    settings = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "DATABASE_URL": dsn,
        "STATE_MACHINE_NAME": "assay-csv-processing",
        "UPLOADS_BUCKET": "assay-uploads",
    }
    program = f"import sys, app\n{code}\nprint(*sys.modules)"
    done = subprocess.run(  # noqa: S603 - a constant of this module
        [sys.executable, "-c", program], env=os.environ | settings, check=True, capture_output=True, text=True
    )
    loaded = set(done.stdout.split())
    assert used == loaded & (used | unused)
