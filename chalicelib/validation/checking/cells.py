"""Checks one cell against its field."""

from collections.abc import Sequence

from chalicelib.validation.report import CellFault, ErrorCode, Fault, StrayQuote
from chalicelib.validation.schema.field_types import Value
from chalicelib.validation.schema.table_schema import Field

MISSING_CELL = Fault(ErrorCode.MISSING_CELL, "the row ends before this column")


def check_cell(cell: str | Fault, field: Field | None) -> tuple[Value | Fault | None, Sequence[Fault]]:
    """Return a cell's value and its faults. The value is None if it is missing, a Fault if it is unknown."""
    if isinstance(cell, StrayQuote) and field is not None and field.type.is_json and cell.text is not None:
        cell = cell.text
    if isinstance(cell, Fault):
        if cell is MISSING_CELL and field is not None and field.required:
            return cell, (cell, field.missing_value_fault)
        return cell, (cell,)
    if field is None:
        return cell, ()
    if cell in field.missing_values:
        return None, (field.missing_value_fault,) if field.required else ()
    value = field.type.parse(cell)
    if value is None:
        fault = field.type.fault
        return fault, (fault,)
    if not field.constraints:
        return value, ()
    broken = (each.fault_of(cell, value) for each in field.constraints)
    return value, [each for each in broken if each is not None]


def with_cause(fault: Fault, cell: str | Fault) -> Fault:
    """Return the fault with its cause, where the cell shows it."""
    text = cell.text if isinstance(cell, StrayQuote) else cell
    return fault.of(text) if isinstance(fault, CellFault) and isinstance(text, str) else fault


def faults_of(cell: str, field: Field) -> Sequence[Fault]:
    """Return the faults of a cell."""
    return check_cell(cell, field)[1]
