"""Rows that refer to rejected rows alone. They are rejected, too, so that the accepted rows are valid by themselves."""

from collections.abc import Iterator

from chalicelib.validation.report import ErrorCode, Fault
from chalicelib.validation.row_set import RowSet

MOST_ROUNDS = 100
"""How many rows may be in a chain of references that ends at a rejected row. Each costs a pass over all keys."""

TOO_DEEP = Fault(
    ErrorCode.FOREIGN_KEY,
    f"a chain of more than {MOST_ROUNDS} rows, each referring to the next, ends at a faulty row: correct that row",
)


def is_last(number: int) -> bool:
    """Return whether the round of this number, from 1, is the last one. If it finds rows, the file is TOO_DEEP."""
    return number >= MOST_ROUNDS


class OrphanRounds:
    """Finds such rows in rounds: those that refer to faulty rows, then those that refer to these, and so on."""

    def __init__(self, faulty: RowSet) -> None:
        """Begin with the rows that are faulty by themselves."""
        self._faulty = faulty
        self.fault: Fault | None = None
        """The fault of the file if there are too many rounds."""

    def __iter__(self) -> Iterator[RowSet]:
        """Yield an empty set for each round, to which the caller adds the rows that it finds."""
        for _ in range(MOST_ROUNDS):
            found = RowSet()
            yield found
            if not found:
                return
            self._faulty.update(found)
        self.fault = TOO_DEEP
