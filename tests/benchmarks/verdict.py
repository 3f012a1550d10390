"""What a contender finds out about a file, in a form that can be compared."""

from collections.abc import Iterable
from typing import Final

from attrs import frozen

KEPT: Final = 100
"""How many places of errors are compared; as many as Assay reports."""

Place = tuple[int, int]
"""A row, the header being row 1, and the 1-based position of a column; 0 is the row as a whole."""


@frozen(kw_only=True)
class Verdict:
    """How many rows and errors a file has, and where the first errors are.

    Errors are counted as Table Schema's reference implementation does: one for each bad cell and each cell too many,
    two for each required cell that is missing. Where a contender cannot tell the place of an error, it is not among
    the places.
    """

    rows: int
    """Below the header."""
    errors: int
    places: tuple[Place, ...]

    def differs_from(self, true: "Verdict") -> str:
        """Tell how it is not the true verdict; nothing if it is."""
        differences = []
        if self.rows != true.rows:
            differences.append(f"{self.rows:,} rows, not {true.rows:,}")
        if self.errors != true.errors:
            differences.append(f"{self.errors:,} errors, not {true.errors:,}")
        if self.places != true.places:
            differences.append(_first_difference(self.places, true.places))
        return "; ".join(differences)


class Tally:
    """Counts errors, and keeps the first places of those that are told in the order of the file."""

    def __init__(self) -> None:
        self.errors = 0
        self._places: list[Place] = []

    @property
    def is_full(self) -> bool:
        """Whether there are places enough."""
        return len(self._places) >= KEPT

    def add(self, row: int, position: int) -> None:
        """Count an error, and keep its place if there is room."""
        self.errors += 1
        if not self.is_full:
            self._places.append((row, position))

    def verdict(self, rows: int) -> Verdict:
        """Sum up what was found in so many rows."""
        return verdict(rows=rows, errors=self.errors, places=self._places)


def verdict(*, rows: int, errors: int, places: Iterable[Place]) -> Verdict:
    """Reach a verdict from places in any order, the first ones among them."""
    return Verdict(rows=rows, errors=errors, places=tuple(sorted(places)[:KEPT]))


def _first_difference(found: tuple[Place, ...], true: tuple[Place, ...]) -> str:
    """Tell the first place that only one of the two has."""
    missed, invented = set(true) - set(found), set(found) - set(true)
    if not missed | invented:
        return "errors of one place counted otherwise"
    row, position = min(missed | invented)
    what = "misses" if (row, position) in missed else "makes up"
    return f"{what} the error in row {row}, column {position}"
