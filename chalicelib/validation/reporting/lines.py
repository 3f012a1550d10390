"""Errors as JSON lines."""

import json

from chalicelib.validation.json_names import json_object
from chalicelib.validation.report import Excerpt, ValidationError


def json_line(error: ValidationError, excerpt: Excerpt | None) -> bytes:
    """Return an error and the excerpt of its record as one line, a `ReportedError` to the codec."""
    line = json_object(error) | {"record": None if excerpt is None else json_object(excerpt)}
    return _encode(line).encode() + b"\n"


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
