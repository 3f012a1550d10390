"""The message that a cell of a field gets."""

from collections.abc import Mapping
from typing import Any

from chalicelib.validation.checking.cells import check_cell, with_cause
from chalicelib.validation.schema.table_schema import Schema


def messages(descriptor: Mapping[str, Any], cell: str) -> list[str]:
    """Return the messages of a cell's faults, each in two parts at most: what is expected, and the cause."""
    schema = Schema.from_descriptor({"fields": [{"name": "a", **descriptor}]})
    _, faults = check_cell(cell, schema.fields[0])
    return [with_cause(fault, cell).message for fault in faults]


def cause(descriptor: Mapping[str, Any], cell: str) -> str | None:
    """Return the cause that the only message of a cell names; None if it names none."""
    (message,) = messages(descriptor, cell)
    return message.partition("; ")[2] or None
