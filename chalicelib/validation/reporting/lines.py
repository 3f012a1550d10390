"""Errors as JSON lines."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.validation.json_names import json_object
from chalicelib.validation.repair.columns import NONE, Suggestion
from chalicelib.validation.report import Excerpt, NeighbouringRow, ReportedError, SharedKey, ValidationError


def begun_line(
    error: ValidationError,
    excerpt: Excerpt | None,
    key: SharedKey | None = None,
    neighbours: Sequence[NeighbouringRow] = (),
) -> bytes:
    """Return the line of an error and the excerpt of its record, without what a suggestion adds at its end."""
    line = json_object(error) | {"record": None if excerpt is None else json_object(excerpt)}
    line |= {"key": None if key is None else json_object(key), "neighbours": list(map(json_object, neighbours))}
    return _encode(line)[:-1].encode()


def ended_line(begun: bytes, suggestion: Suggestion) -> bytes:
    """Return the complete line, a `ReportedError` to the codec."""
    return begun + (_NOTHING if suggestion is NONE else _end(suggestion))


def read_line(line: bytes) -> ReportedError:
    """Return the error of a line that this version has written."""
    members = json.loads(line)
    excerpt, key = members["record"], members["key"]
    return ReportedError(
        **{**members, "choices": tuple(members["choices"])}
        | {
            "record": None if excerpt is None else Excerpt(**_tuples(excerpt)),
            "neighbours": tuple(NeighbouringRow(**_tuples(each)) for each in members["neighbours"]),
            "key": None if key is None else _shared_key(**_tuples(key)),
        }
    )


def row_of(line: bytes) -> int | None:
    """Return the row of the error of a line; None for an error of the whole file."""
    found = _ROW.match(line)
    return None if found is None else int(found[1])


def _shared_key(*, rowCount: int, **members: Any) -> SharedKey:  # noqa: N803 - as in JSON
    return SharedKey(row_count=rowCount, **members)


def _tuples(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in members.items()}


def _end(suggestion: Suggestion) -> bytes:
    members = {"suggestion": suggestion.text, "rule": suggestion.rule, "choices": suggestion.choices}
    return f",{_encode(members)[1:]}\n".encode(errors="replace")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_NOTHING = _end(NONE)
_ROW = re.compile(rb'\{"row":(\d+),')
LINE_END_BYTES = len(_NOTHING)
"""The length of the end of a line without a suggestion."""
