"""What the rules propose for a column: changes, and whether the column proves them."""

import re
from collections.abc import Callable, Iterable

from attrs import frozen

from chalicelib.validation.repair.changes import Change, Substitution
from chalicelib.validation.repair.column_cells import ColumnCells
from chalicelib.validation.schema.table_schema import Field


@frozen(kw_only=True)
class Proposal:
    """What one rule would do to a column."""

    rule: str
    changes: tuple[Change, ...]
    variant: str | None = None
    certain: bool = True


Rules = Callable[[Field, ColumnCells], list[Proposal]]
"""Returns the proposals for a field, given cells of its column, in the order in which they are applied."""


def change(when: str, *replace: tuple[str, str], unless: str | None = None) -> Change:
    """Return a change of the cells of a shape by substitutions."""
    return Change(when=when, replace=tuple(Substitution(find=find, by=by) for find, by in replace), unless=unless)


def any_of(*expressions: str) -> str:
    """Return an expression of what one of the others matches."""
    return "|".join(f"(?:{each})" for each in expressions)


def occurs(expression: str, cells: Iterable[str]) -> bool:
    """Return whether one of the cells matches."""
    fullmatch = re.compile(expression).fullmatch
    return any(map(fullmatch, cells))
