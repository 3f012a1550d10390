"""Verdicts in short: what a test compares of a report."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.validation import ValidationReport, validate

Place = tuple[int | None, int | None, int | None, str | None, str]
"""An error's row, line, field, column and code."""


def places(report: ValidationReport) -> list[Place]:
    """Return the places and codes of a report's errors, in order."""
    return [(error.row, error.line, error.field, error.column, error.code) for error in report.errors]


def found(
    text: str | bytes | Iterable[bytes],
    schema: Mapping[str, Any] | None = None,
    *,
    dialect: Mapping[str, Any] | None = None,
) -> list[Place]:
    """Validate a file, and return the places and codes of all errors."""
    content = text.encode() if isinstance(text, str) else text
    report = validate([content] if isinstance(content, bytes) else content, schema, dialect=dialect, max_errors=10**9)
    assert report.error_count == len(report.errors)
    assert report.valid == (not report.errors)
    return places(report)


def schema_of(*fields: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    """Make a descriptor with these fields, named a, b, c … where they have no name."""
    named = [{"name": name, **field} for name, field in zip("abcdefgh", fields, strict=False)]
    return {"fields": named, **properties}


def one_column(cells: Iterable[str]) -> str:
    """Write a file whose only column is named a."""
    return "".join(f"{cell}\n" for cell in ("a", *cells))


def chopped(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    """Return the same bytes in chunks of these sizes, and the rest."""
    chunks = []
    for cut in cuts:
        chunks.append(data[:cut])
        data = data[cut:]
    return [*chunks, data]
