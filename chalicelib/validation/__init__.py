r"""Bytes in, report out: exact verdicts on CSV files, knowing nothing of where they come from.

>>> from chalicelib.validation import validate
>>> schema = {"fields": [{"name": "id", "type": "integer"}]}
>>> report = validate([b"id\n1\nx\n"], schema)
>>> report.valid, report.error_count, report.row_count
(False, 1, 2)
>>> error = report.errors[0]
>>> error.row, error.line, error.field, error.column, error.code, error.message
(3, 3, 1, 'id', 'type-error', 'expected an integer')
"""

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.report import FILE, Fault, ValidationError, ValidationReport
from chalicelib.validation.schema.table_schema import Schema
from chalicelib.validation.verdict import MAX_ERRORS, validate

__all__ = ["FILE", "MAX_ERRORS", "Dialect", "Fault", "Schema", "ValidationError", "ValidationReport", "validate"]
