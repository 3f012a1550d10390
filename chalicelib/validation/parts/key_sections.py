"""The keys of a part as bytes, by partition, so that equal keys of all parts can be read without the others.

A section is an index, stretches, and entries: first those of partition 0, key by key, then those of partition 1, and so
on. The index has 8 bytes for each size: of each key that of its stretches, and of its entries in each partition.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence

from attrs import evolve, frozen

from chalicelib.validation.checking.key_entries import ENTRY, PARTITIONS, KeyEntries, fine_partition
from chalicelib.validation.fast.native.library import library
from chalicelib.validation.fast.native.tables import address_of
from chalicelib.validation.parts.plan import Plan
from chalicelib.validation.parts.report import PartReport

_SIZE_BYTES = 8


@frozen
class KeyShare:
    """One of several shares of all keys of a file: some of the partitions."""

    number: int
    """From 0."""
    of: int
    """How many shares there are, at most one for each partition."""

    def range(self, partitions: int) -> tuple[int, int]:
        """Return the first partition, and that behind the last one."""
        return partitions * self.number // self.of, partitions * (self.number + 1) // self.of


ALL_KEYS = KeyShare(0, 1)


def key_count(plan: Plan) -> int:
    """Return how many keys of each row are recorded: of a foreign key both the referring and the referred columns."""
    return len(plan.columns.key_positions)


def index_bytes(keys: int, partitions: int) -> int:
    """Return the size of the index of a section."""
    return _SIZE_BYTES * keys * (1 + partitions)


def sectioned(plan: Plan, report: PartReport) -> tuple[PartReport, Sequence[bytes]]:
    """Return the report of a part without its keys, and these as a section, in pieces.

    The part was read once, with its keys by partition. An empty part has no section.
    """
    if not report.pieces or not report.pieces[0].keys:
        return report, ()
    (piece,) = report.pieces
    partitions = list(_by_partition(piece.keys, plan.key_partitions // PARTITIONS))
    index = array("Q")
    for at, key in enumerate(piece.keys):
        index.append(len(key.stretches))
        index.extend(len(entries[at]) for entries in partitions)
    stretches = [key.stretches for key in piece.keys]
    entries = [of_key for of_partition in partitions for of_key in of_partition]
    return evolve(report, pieces=(evolve(piece, keys=()),)), (index.tobytes(), *stretches, *entries)


def _by_partition(keys: Sequence[KeyEntries], finer: int) -> Iterator[Sequence[bytes]]:
    """Yield the entries of all keys of each fine partition."""
    for at in range(PARTITIONS):
        coarse = [key.partitions[at] for key in keys]
        for fine in range(at * finer, (at + 1) * finer):
            yield coarse if finer == 1 else [_chosen(entries, finer, fine) for entries in coarse]


def _chosen(entries: bytes, finer: int, partition: int) -> bytes:
    """Return those entries that are of a fine partition."""
    if (kernel := library()) is None:
        each = (entries[at : at + ENTRY.size] for at in range(0, len(entries), ENTRY.size))
        return b"".join(entry for entry in each if fine_partition(entry, finer) == partition)
    room = array("Q", bytes(len(entries)))
    count = kernel.entries_of(address_of(entries), len(entries) // ENTRY.size, finer, partition, address_of(room))
    return memoryview(room).cast("B")[: ENTRY.size * count].tobytes()


@frozen
class SelectedKeys:
    """Where the keys of a share are in a section."""

    stretches: Sequence[int]
    """The size of the stretches of each key."""
    entries: "array[int]"
    """The size of the entries, partition by partition, of each key."""
    stretches_at: int
    entries_at: int

    @property
    def stretches_range(self) -> tuple[int, int]:
        """Where the stretches are, from the beginning of the section."""
        return self.stretches_at, self.stretches_at + sum(self.stretches)

    @property
    def entries_range(self) -> tuple[int, int]:
        """Where the entries are."""
        return self.entries_at, self.entries_at + sum(self.entries)

    def has_entries(self, key: int) -> bool:
        """Return whether a key has other values than stretches."""
        return any(self.entries[key :: len(self.stretches)])

    def keys(self, stretches: bytes, entries: bytes) -> Sequence[KeyEntries]:
        """Return the keys from the bytes of the two ranges."""
        blocks = slices(entries, self.entries)
        return tuple(
            KeyEntries(stretches=numbers, partitions=tuple(filter(None, blocks[at :: len(self.stretches)])))
            for at, numbers in enumerate(slices(stretches, self.stretches))
        )


def selected_keys(index: bytes, keys: int, share: KeyShare = ALL_KEYS) -> SelectedKeys:
    """Return where the keys of a share are, from the index of a section."""
    sizes = array("Q", index)
    partitions = len(sizes) // keys - 1
    first, end = share.range(partitions)
    of_keys = [sizes[at * (1 + partitions) : (at + 1) * (1 + partitions)] for at in range(keys)]
    stretches = [of_key[0] for of_key in of_keys]
    return SelectedKeys(
        stretches=stretches,
        entries=array("Q", [of_key[1 + at] for at in range(first, end) for of_key in of_keys]),
        stretches_at=len(index),
        entries_at=len(index) + sum(stretches) + sum(sum(of_key[1 : 1 + first]) for of_key in of_keys),
    )


def attached(plan: Plan, report: PartReport, section: bytes) -> PartReport:
    """Return the report of a part with its keys, from their section; empty if the part has none."""
    if not section:
        return report
    (piece,) = report.pieces
    keys = key_count(plan)
    found = selected_keys(section[: index_bytes(keys, plan.key_partitions)], keys)
    ranges = (found.stretches_range, found.entries_range)
    (stretches, entries) = (section[start:end] for start, end in ranges)
    return evolve(report, pieces=(evolve(piece, keys=found.keys(stretches, entries)),))


def slices(data: bytes, sizes: Iterable[int]) -> Sequence[bytes]:
    """Return consecutive pieces of data, of these sizes."""
    found, at = [], 0
    for size in sizes:
        found.append(data[at : at + size])
        at += size
    return found
