"""Compares the keys of all parts share by share, each in bounded memory, and merges what was found."""

import json
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from heapq import nsmallest

from attrs import frozen

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import KeyChecker
from chalicelib.validation.checking.key_entries import PARTITIONS, KeyEntries
from chalicelib.validation.checking.keys import RowPosition
from chalicelib.validation.checking.orphans import TOO_DEEP, is_last
from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.fast.native.key_log import KeyFile, Late
from chalicelib.validation.fast.native.keys import Keys
from chalicelib.validation.fast.native.library import library
from chalicelib.validation.parts.key_sections import KeyShare
from chalicelib.validation.parts.plan import Plan
from chalicelib.validation.parts.report import MAX_ENTRIES
from chalicelib.validation.report import Fault
from chalicelib.validation.row_set import RowSet


@frozen(kw_only=True)
class ComparedKeys:
    """What was found in a share of the keys of a file, by comparing them or in a round of orphans."""

    late: Sequence[Late]
    """The numbers of faulty rows, each with the first of them, which a report lists.

    First those of each key, then those of each foreign key, and then the orphans of each foreign key.
    """
    round: int = 0
    """The round of orphans, from 1; 0 if the keys were compared."""
    marked: Sequence[tuple[int, bytes]] = ()
    """The faulty rows as bits, in runs, if the plan marks rows: the row of the first bit, and the bits."""

    def packed(self) -> bytes:
        """Return this as bytes."""
        rows = [array("Q", [number for row in first for number in row]).tobytes() for _, first in self.late]
        head = {
            "late": [[total, len(of_key)] for (total, _), of_key in zip(self.late, rows, strict=True)],
            "round": self.round,
            "marked": [[first, len(bits)] for first, bits in self.marked],
        }
        text = json.dumps(head).encode()
        content = b"".join([len(text).to_bytes(8), text, *rows, *(bits for _, bits in self.marked)])
        return zlib.compress(content, 1)

    @classmethod
    def unpacked(cls, data: bytes) -> "ComparedKeys":
        """Return what `packed` wrote."""
        content = zlib.decompress(data)
        at = 8 + int.from_bytes(content[:8])
        head = json.loads(content[8:at])
        late, marked = [], []
        for total, size in head["late"]:
            numbers = array("Q", content[at : at + size])
            late.append((total, list(zip(numbers[::2], numbers[1::2], strict=True))))
            at += size
        for first, size in head["marked"]:
            marked.append((first, content[at : at + size]))
            at += size
        return cls(late=late, round=head["round"], marked=marked)

    @property
    def total(self) -> int:
        """The number of faults."""
        return sum(total for total, _ in self.late)

    def mark(self, faulty: RowSet) -> None:
        """Add the faulty rows to a set."""
        for first, bits in self.marked:
            faulty.add_bits(first, bits)


def has_orphans(plan: Plan) -> bool:
    """Return whether rows that refer only to faulty rows are faulty, too. They are found in rounds."""
    return plan.marks_rows and bool(plan.columns.foreign_keys)


def compare_share(
    plan: Plan, share: KeyShare, parts: Iterable[tuple[Sequence[KeyEntries], int, int]], last_row: int
) -> ComparedKeys:
    """Return what is wrong with a share of the keys of a file; raises TemporarySpaceFull.

    `parts` are the keys of each part in its partitions, and the numbers of records and lines before it. `last_row` is
    the last row of the file.
    """
    keys, most = _absorbed(plan, share, parts), _most(plan)
    faulty = RowSet() if plan.marks_rows else None
    if isinstance(keys, Keys):
        late = list(keys.late(most, faulty, last_row))
        keys.close()
    else:
        late = [_counted(rows, most, faulty) for rows in keys.late_rows()]
    return ComparedKeys(late=[*late, *_nothing(plan.columns.orphan_faults)], marked=_marked(faulty))


def find_orphans(  # noqa: PLR0913 - those of compare_share, and what is known of the rounds before
    plan: Plan,
    share: KeyShare,
    parts: Iterable[tuple[Sequence[KeyEntries], int, int]],
    last_row: int,
    *,
    faulty: RowSet,
    number: int,
) -> ComparedKeys:
    """Return which rows of a share refer only to faulty rows; raises TemporarySpaceFull.

    `faulty` are the faulty rows of the whole file that were known before this round; `number` is the round, from 1.
    """
    orphans: Sequence[Late] = _nothing(plan.columns.orphan_faults)
    found = RowSet()
    if faulty:
        keys, most = _absorbed(plan, share, parts), _most(plan)
        if isinstance(keys, Keys):
            orphans = list(keys.orphans(most, faulty, found, last_row))
            keys.close()
        else:
            orphans = [_counted(rows, most, found) for rows in keys.orphan_rows(faulty)]
    late = [*_nothing(plan.columns.key_faults), *orphans]
    return ComparedKeys(late=late, round=number, marked=_marked(found))


def _absorbed(plan: Plan, share: KeyShare, parts: Iterable[tuple[Sequence[KeyEntries], int, int]]) -> Keys | KeyChecker:
    """Return the keys of a share."""
    keys = empty_keys(plan)
    if isinstance(keys, Keys):
        keys.keep_only(*share.range(plan.key_partitions), plan.key_partitions // PARTITIONS)
    for found, rows, lines in parts:
        keys.absorb_entries(found, rows, lines)
    return keys


def _most(plan: Plan) -> int:
    """Return how many rows of each key are listed."""
    return max(plan.max_errors, MAX_ENTRIES if plan.lists_entries else 0)


def _marked(faulty: RowSet | None) -> Sequence[tuple[int, bytes]]:
    return [(8 * at, bits) for at, bits in faulty.pieces()] if faulty else ()


def _nothing(faults: Sequence[object]) -> Sequence[Late]:
    """Return, for each of these faults, that no row has it."""
    return [(0, [])] * len(faults)


def empty_keys(plan: Plan, files: Sequence[KeyFile] = ()) -> Keys | KeyChecker:
    """Return the keys of a file, before any part of it; `files` are those of the validators of its parts."""
    kernel = library() if plan.engine is Engine.NATIVE else None
    return Keys(kernel, plan.columns, plan.secret, files) if kernel else KeyChecker(plan.columns)


def _counted(rows: Iterable[RowPosition], most: int, faulty: RowSet | None) -> Late:
    """Return the number of rows, and the first of them; mark all."""
    total = 0

    def counted() -> Iterator[RowPosition]:
        nonlocal total
        for row in rows:
            total += 1
            if faulty is not None:
                faulty.add(row[0])
            yield row

    first = nsmallest(max(most, 1), counted())
    return total, first[:most]


def merged_late(
    columns: Columns, shares: Iterable[ComparedKeys], most: int, faulty: RowSet | None
) -> tuple[Sequence[tuple[int | None, Fault, int, Sequence[RowPosition]]], Fault | None]:
    """Return the position and fault of each key, the number of faulty rows, and the first `most` of them; mark all.

    Also return the fault of a file whose faulty rows cannot be determined. The shares are held one at a time.
    """
    faults = [*columns.key_faults, *columns.orphan_faults]
    merged: Sequence[Late] = _nothing(faults)
    fault = None
    for share in shares:
        if is_last(share.round) and share.total:
            fault = TOO_DEEP
        merged = [
            (total + more, sorted([*rows, *further])[:most])
            for (total, rows), (more, further) in zip(merged, share.late, strict=True)
        ]
        if faulty is not None:
            share.mark(faulty)
    return [(*each, *late) for each, late in zip(faults, merged, strict=True)], fault


def are_apart(stretches: Iterable[bytes]) -> bool:
    """Return whether no number is in two of these stretches of consecutive numbers, in any number of pieces."""
    numbers = array("Q", b"".join(stretches))
    end = 0
    for first, count in sorted(zip(numbers[::4], numbers[3::4], strict=True)):
        if first < end:
            return False
        end = first + count
    return True
