"""Errors as lines of JSON, in the names of the wire."""

import json

import attrs

from chalicelib.validation.full_report.excerpt import Excerpt
from chalicelib.validation.report import ValidationError


def json_line(error: ValidationError, excerpt: Excerpt | None) -> bytes:
    """Write an error and what is shown of its record as one line; without a record, that is null."""
    line = {
        "row": error.row,
        "line": error.line,
        "field": error.field,
        "column": error.column,
        "code": error.code,
        "message": error.message,
        "record": None if excerpt is None else attrs.asdict(excerpt),
    }
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
