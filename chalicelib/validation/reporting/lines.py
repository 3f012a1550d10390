"""Errors as lines of JSON, in the names of the wire."""

import json
from collections.abc import Mapping

from chalicelib.validation.report import Excerpt, ValidationError


def json_line(error: ValidationError, excerpt: Excerpt | None) -> bytes:
    """Write an error and what is shown of its record as one line; without a record, that is null."""
    line = {
        "row": error.row,
        "line": error.line,
        "field": error.field,
        "column": error.column,
        "code": error.code,
        "message": error.message,
        "record": None if excerpt is None else _members(excerpt),
    }
    return _encode(line).encode() + b"\n"


def _members(excerpt: Excerpt) -> Mapping[str, object]:
    return {
        "fields": excerpt.fields,
        "columns": excerpt.columns,
        "cells": excerpt.cells,
        "beginning": excerpt.beginning,
    }


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
