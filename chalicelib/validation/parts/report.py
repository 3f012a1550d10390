"""What was found in a part of a file, and how it is merged with what was found in the next part.

The reader has no memory where a record starts. So what is found between two such places depends on the bytes between
them alone, with rows and lines counted from the first place. Merging is associative, and an empty part changes nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Self

from attrs import evolve, field, frozen

from chalicelib.validation.checking.key_entries import KeyEntries
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import ValidationError

MAX_ENTRIES = 100_000
"""The most errors that entries have; a full report has no more."""
MAX_ENTRY_CHARACTERS = 64 * 1024 * 1024
"""No entry is kept behind those that show this number of characters; a full report has no more bytes."""


@frozen(kw_only=True)
class Entry:
    """The errors of one record, for a full report."""

    errors: Sequence[ValidationError]
    record: Record | UnreadableRecord | None
    """Abridged to what a full report shows."""
    characters: int
    """How many are shown; the lines of a full report have more bytes."""


@frozen(kw_only=True)
class Piece:
    """What was found by one reading. Its rows and lines count from where it began."""

    rows: int = 0
    """How many records are before it."""
    lines: int = 0
    """How many lines are before it."""
    errors: Sequence[ValidationError] = ()
    """The first ones, which a report lists."""
    entries: Sequence[Entry] = ()
    """The first ones, for a full report."""
    faulty: Sequence[tuple[int, bytes]] = ()
    """The faulty rows as bits, in runs: the row of the first bit, and the bits."""
    keys: Sequence[KeyEntries] = ()

    def moved(self, rows: int, lines: int) -> Self:
        """Return the piece behind more records and lines."""
        return evolve(self, rows=self.rows + rows, lines=self.lines + lines)


@frozen(kw_only=True)
class PartReport:
    """What was found between two places in a file where records start."""

    entry: int
    """The offset of the first record."""
    exit: int
    """The offset of the first record that was not read."""
    records: int = 0
    """How many records there are, with comments and those that the dialect leaves out."""
    lines: int = 0
    row_count: int = 0
    counts: Mapping[tuple[str | None, str], int] = field(factory=dict)
    """The number of errors by column and code."""
    pieces: Sequence[Piece] = ()
    max_errors: int
    """How many errors the pieces have at the most."""

    @property
    def error_count(self) -> int:
        """The number of errors, listed or not."""
        return sum(self.counts.values())

    def merge(self, following: "PartReport") -> "PartReport":
        """Return what was found in both parts; raises ValueError unless the other one begins where this ends."""
        if following.entry != self.exit:
            raise ValueError(f"a part that begins at {following.entry} does not follow one that ends at {self.exit}")
        moved = [piece.moved(self.records, self.lines) for piece in following.pieces]
        return PartReport(
            entry=self.entry,
            exit=following.exit,
            records=self.records + following.records,
            lines=self.lines + following.lines,
            row_count=self.row_count + following.row_count,
            counts=dict(Counter(self.counts) + Counter(following.counts)),
            pieces=_limited([*self.pieces, *moved], self.max_errors),
            max_errors=self.max_errors,
        )


def _limited(pieces: Sequence[Piece], max_errors: int) -> Sequence[Piece]:
    """Return the pieces with the first errors and the first entries alone."""
    room, listed, characters = max_errors, 0, 0
    limited = []
    for piece in pieces:
        entries = []
        for entry in piece.entries:
            if listed >= MAX_ENTRIES or characters >= MAX_ENTRY_CHARACTERS:
                break
            entries.append(entry)
            listed += len(entry.errors)
            characters += entry.characters
        limited.append(evolve(piece, errors=tuple(piece.errors[:room]), entries=tuple(entries)))
        room -= len(limited[-1].errors)
    return tuple(limited)
