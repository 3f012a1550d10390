r"""Validates CSV files against Table Schemas: bytes in, report out.

>>> from chalicelib.validation import validate
>>> schema = {"fields": [{"name": "id", "type": "integer"}]}
>>> report = validate([b"id\n1\nx\n"], schema)
>>> report.valid, report.error_count, report.row_count
(False, 1, 2)
>>> error = report.errors[0]
>>> error.row, error.line, error.field, error.column, error.code, error.message
(3, 3, 1, 'id', 'type-error', 'expected an integer, as in 42')

The names below are imported on first use, so that `chalicelib.validation.report` can be imported without the engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what `__getattr__` returns, for type checkers
    from chalicelib.validation.inference import infer
    from chalicelib.validation.reading.dialect import Dialect
    from chalicelib.validation.report import FILE, MAX_ERRORS, ErrorCode, Fault, ValidationError, ValidationReport
    from chalicelib.validation.schema.table_schema import Schema
    from chalicelib.validation.validator import validate

__all__ = [
    "FILE",
    "MAX_ERRORS",
    "Dialect",
    "ErrorCode",
    "Fault",
    "Schema",
    "ValidationError",
    "ValidationReport",
    "infer",
    "validate",
]

_MODULES = {
    "Dialect": "reading.dialect",
    "Schema": "schema.table_schema",
    "infer": "inference",
    "validate": "validator",
}
"""Where each name is defined, unless in `report`."""


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES.get(name, 'report')}"), name)
    globals()[name] = value
    return value
