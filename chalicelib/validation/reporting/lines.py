"""Errors as JSON lines."""

import json
import re
from typing import Any

from chalicelib.validation.json_names import json_object
from chalicelib.validation.repair.columns import NONE, Suggestion
from chalicelib.validation.report import Excerpt, ReportedError, ValidationError


def begun_line(error: ValidationError, excerpt: Excerpt | None) -> bytes:
    """Return the line of an error and the excerpt of its record, without what a suggestion adds at its end."""
    line = json_object(error) | {"record": None if excerpt is None else json_object(excerpt)}
    return _encode(line)[:-1].encode()


def ended_line(begun: bytes, suggestion: Suggestion) -> bytes:
    """Return the complete line, a `ReportedError` to the codec."""
    return begun + (_NOTHING if suggestion is NONE else _end(suggestion))


def read_line(line: bytes) -> ReportedError:
    """Return the error of a line that this version has written."""
    members = json.loads(line)
    record = members["record"]
    excerpt = None if record is None else Excerpt(**{name: _tuple(value) for name, value in record.items()})
    return ReportedError(**{**members, "record": excerpt, "choices": tuple(members["choices"])})


def row_of(line: bytes) -> int | None:
    """Return the row of the error of a line; None for an error of the whole file."""
    found = _ROW.match(line)
    return None if found is None else int(found[1])


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _end(suggestion: Suggestion) -> bytes:
    members = {"suggestion": suggestion.text, "rule": suggestion.rule, "choices": suggestion.choices}
    return f",{_encode(members)[1:]}\n".encode(errors="replace")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_NOTHING = _end(NONE)
_ROW = re.compile(rb'\{"row":(\d+),')
LINE_END_BYTES = len(_NOTHING)
"""The length of the end of a line without a suggestion."""
