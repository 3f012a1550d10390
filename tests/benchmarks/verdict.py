"""A contender's verdict on a file, in a form that can be compared."""

from collections.abc import Iterable
from typing import Final

from attrs import frozen

KEPT: Final = 100
"""How many places of errors are compared; as many as Assay reports."""

Place = tuple[int, int]
"""A row, the header being row 1, and the 1-based position of a column; 0 is the row as a whole."""


@frozen(kw_only=True)
class Verdict:
    """The number of rows and errors, and the places of the first errors.

    Errors are counted as Table Schema's reference implementation does: one for each bad cell and each cell too many,
    two for each required cell that is missing. Errors without a known place are not among the places.
    """

    rows: int
    """Without the header."""
    errors: int
    places: tuple[Place, ...]

    def differs_from(self, true: "Verdict") -> str:
        """Describe the difference from the true verdict; "" if there is none."""
        differences = []
        if self.rows != true.rows:
            differences.append(f"{self.rows:,} rows, not {true.rows:,}")
        if self.errors != true.errors:
            differences.append(f"{self.errors:,} errors, not {true.errors:,}")
        if self.places != true.places:
            differences.append(_first_difference(self.places, true.places))
        return "; ".join(differences)


class Tally:
    """Counts errors, and keeps the places of the first ones, which must be added in the order of the file."""

    def __init__(self) -> None:
        self.errors = 0
        self._places: list[Place] = []

    @property
    def is_full(self) -> bool:
        """Whether no further place is kept."""
        return len(self._places) >= KEPT

    def add(self, row: int, position: int) -> None:
        """Count an error, and keep its place if there is room."""
        self.errors += 1
        if not self.is_full:
            self._places.append((row, position))

    def verdict(self, rows: int) -> Verdict:
        """Return the verdict on a file of `rows` rows."""
        return verdict(rows=rows, errors=self.errors, places=self._places)


def verdict(*, rows: int, errors: int, places: Iterable[Place]) -> Verdict:
    """Return a verdict from places in any order; they must include the first ones."""
    return Verdict(rows=rows, errors=errors, places=tuple(sorted(places)[:KEPT]))


def _first_difference(found: tuple[Place, ...], true: tuple[Place, ...]) -> str:
    """Return the first place that only one of the two has."""
    missed, invented = set(true) - set(found), set(found) - set(true)
    if not missed | invented:
        return "errors of one place counted otherwise"
    row, position = min(missed | invented)
    what = "misses" if (row, position) in missed else "makes up"
    return f"{what} the error in row {row}, column {position}"
