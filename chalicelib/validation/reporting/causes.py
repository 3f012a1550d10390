"""What is wrong with a file, by column and code: each counted in full, with its first error as an example."""

import json
from collections.abc import Iterable, Mapping
from typing import Self

from attrs import frozen

from chalicelib.validation.json_names import json_object
from chalicelib.validation.report import Excerpt, ValidationError, ValidationReport

MAX_CAUSES = 200
"""How many causes are listed, those with the most errors."""

_Key = tuple[str | None, str]


@frozen(kw_only=True)
class ErrorCause:
    """All errors of one column and code. The other members but `count` are those of the first error."""

    code: str
    column: str | None
    """None where the column has no name, or where the errors concern whole rows."""
    count: int
    row: int | None
    line: int | None
    field: int | None
    message: str
    cell: str | None
    """The text of the cell, shortened; None if there is none, or if it is not known."""

    @classmethod
    def of(cls, error: ValidationError, count: int, cell: str | None = None) -> Self:
        """Return the cause of errors like this one."""
        return cls(
            code=error.code,
            column=error.column,
            count=count,
            row=error.row,
            line=error.line,
            field=error.field,
            message=error.message,
            cell=cell,
        )


class Examples:
    """The first error of each column and code, with its cell."""

    def __init__(self) -> None:
        """Start without examples."""
        self._first: dict[_Key, tuple[ValidationError, str | None]] = {}

    def take(self, error: ValidationError, excerpt: Excerpt | None) -> None:
        """Keep an error if it is the first of its column and code."""
        key = (error.column, error.code)
        if key not in self._first:
            self._first[key] = (error, _cell(error, excerpt))

    def causes(self, counts: Mapping[_Key, int], errors: Iterable[ValidationError]) -> tuple[ErrorCause, ...]:
        """Return the causes of these counts, the most frequent first; `errors` are further examples."""
        for error in errors:
            self.take(error, None)
        ranked = sorted(counts.items(), key=lambda each: -each[1])[:MAX_CAUSES]
        return tuple(
            ErrorCause.of(self._first[key][0], count, self._first[key][1])
            for key, count in ranked
            if key in self._first
        )


def causes_json(report: ValidationReport, causes: Iterable[ErrorCause]) -> bytes:
    """Return the causes as JSON, an `ErrorCauses` to the codec."""
    content = {
        "causes": [json_object(cause) for cause in causes],
        "causeCount": len(report.counts),
        "errorCount": report.error_count,
        "counted": report.error_count,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _cell(error: ValidationError, excerpt: Excerpt | None) -> str | None:
    if excerpt is None or error.field not in excerpt.fields:
        return None
    return excerpt.cells[excerpt.fields.index(error.field)]
