"""The keys of all parts, which are compared in shares, so that no function has to hold all of them.

Up to SHARE_KEYS key values are compared by part_merger alone. Numbers that count the rows need no comparison.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, repeat

from attrs import frozen

from chalicelib.uploads.parts.location import FileRange, PartsLocation
from chalicelib.uploads.parts.ports import PartStore
from chalicelib.uploads.parts.readings import PartRead
from chalicelib.uploads.parts.stored_plan import StoredPlan
from chalicelib.validation.checking.key_entries import STRETCH_BYTES, KeyEntries
from chalicelib.validation.parts import wire
from chalicelib.validation.parts.key_sections import (
    ALL_KEYS,
    KeyShare,
    SelectedKeys,
    index_bytes,
    selected_keys,
    slices,
)
from chalicelib.validation.parts.key_shares import ComparedKeys, are_apart
from chalicelib.validation.row_set import RowSet

SHARE_KEYS = 16 * 1024 * 1024
"""How many key values one function compares: 512 MiB, in some ten seconds."""
_MOST_STRETCHES = 1_000_000
"""How many stretches of consecutive numbers are compared. If there are more, all of their numbers are."""


@frozen(kw_only=True)
class StoredKeys:
    """The keys of all parts, behind their reports."""

    store: PartStore
    location: PartsLocation
    plan: StoredPlan
    parts: Sequence[PartRead]
    """All parts, in order."""

    @property
    def last_row(self) -> int:
        """The number of records."""
        return sum(part.records for part in self.parts)

    def shares(self) -> int | None:
        """Return in how many shares the keys are compared; 0 if they are known to differ.

        None if part_merger compares them, because they are few.
        """
        if self.last_row * self.plan.keys <= SHARE_KEYS:
            return None
        undecided = self.plan.keys - self._keys_apart(self._selected(ALL_KEYS))
        return min(-(-self.last_row * undecided // SHARE_KEYS), self.plan.key_partitions)

    def of_share(self, share: KeyShare) -> Iterator[tuple[Sequence[KeyEntries], int, int]]:
        """Yield the keys of each part that belong to a share, and the numbers of records and lines before the part."""
        selected = self._selected(share)
        contents = self._contents((found.stretches_range, found.entries_range) for found in selected)
        rows = accumulate((part.records for part in self.parts), initial=0)
        lines = accumulate((part.lines for part in self.parts), initial=0)
        before = [place for part, *place in zip(self.parts, rows, lines, strict=False) if part.has_keys]
        for found, (row, line) in zip(selected, before, strict=True):
            yield found.keys(next(contents), next(contents)), row, line

    def faulty_rows(self, compared: Iterable[FileRange]) -> RowSet:
        """Return the rows that are faulty according to the reports of all parts and to these files of shares."""
        faulty = RowSet()
        rows = accumulate((part.records for part in self.parts), initial=0)
        reports = self.store.contents(self.location, [FileRange(part.name, 0, part.errors_at) for part in self.parts])
        for before, report in zip(rows, reports, strict=False):
            for first, bits in wire.faulty_rows(report):
                faulty.add_bits(before + first, bits)
        for content in self.store.contents(self.location, compared):
            ComparedKeys.unpacked(content).mark(faulty)
        return faulty

    def _keys_apart(self, selected: Sequence[SelectedKeys]) -> int:
        """Return how many unique keys are known to be unique: numbers that are consecutive nearly everywhere."""
        numbers = [at for at in range(self.plan.unique_keys) if not any(found.has_entries(at) for found in selected)]
        if not numbers or sum(sum(it.stretches) for it in selected) > _MOST_STRETCHES * STRETCH_BYTES:
            return 0
        contents = self._contents((found.stretches_range,) for found in selected)
        by_part = [slices(content, it.stretches) for content, it in zip(contents, selected, strict=True)]
        return sum(are_apart(of_part[at] for of_part in by_part) for at in numbers)

    def _selected(self, share: KeyShare) -> Sequence[SelectedKeys]:
        """Return where the keys of a share are in each part that has any."""
        index = (0, index_bytes(self.plan.keys, self.plan.key_partitions))
        contents = self._contents(repeat((index,)))
        return [selected_keys(content, self.plan.keys, share) for content in contents]

    def _contents(self, ranges: Iterable[Sequence[tuple[int, int]]]) -> Iterator[bytes]:
        """Yield the contents of some ranges of the keys of each part that has any."""
        files = [
            FileRange(part.name, part.keys_at + start, part.keys_at + end)
            for part, of_part in zip((part for part in self.parts if part.has_keys), ranges, strict=False)
            for start, end in of_part
        ]
        return self.store.contents(self.location, files)
