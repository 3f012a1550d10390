"""Packs an automaton into the kernel's tables, which are indexed by bytes.

The kernel has four ways to run an automaton. They differ in the number of states that are possible at one position:

- SHIFTS: up to 10 states. The next states for a byte are packed into one 64-bit word; a step is a shift. For
  columns of many cells, the kernel combines these words into words for two bytes (`struct pairs`).
- LAYERED: up to 10 states after any number of bytes, with a table of such words for each of the first bytes.
- SHUFFLES: up to 16 states after any number of bytes; a step is a shuffle of 16 bytes.
- PLAIN: any number of states; a step is one look-up for each code point.

In the first three, the byte that ends a cell leads from each state to a result, which no byte leaves. So the kernel can
read beyond the end of a cell. A byte that may start characters of several kinds leads to the result RECHECK: then the
cell is judged again by code points.
"""

import ctypes
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from chalicelib.validation.fast.native.automata import Automaton, layers
from chalicelib.validation.fast.native.library import LAYERED, PLAIN, QUAD, RECHECK, SHIFTS, SHUFFLES, VALUE

_SHIFT_STATES = 10
_SHUFFLE_STATES = 16
_SHIFT = 6
"""Bits of a state in a word."""
_ASCII = 0x80


@frozen(kw_only=True)
class Ends:
    """The bytes that end a cell, outside quotes and inside."""

    unquoted: bytes
    quoted: bytes


@frozen(kw_only=True, eq=False)
class Tables:
    """The tables of an automaton, with the names of `struct column`."""

    kind: int
    next: "array[int]"
    ascii: "array[int]"
    label: bytes
    points: "array[int]"
    kind_of: "array[int]"
    kinds: int
    rows: tuple[bytes, bytes] = (b"", b"")
    layered: bytes = b""
    class_of: tuple["array[int]", "array[int]"] = (array("H"), array("H"))
    last: bytes = b""
    layers: int = 0
    stride: int = 0
    start: int = 0


def tables(made: Automaton, ends: Ends) -> Tables:
    """Pack an automaton whose states are labelled."""
    count = len(made.rows[0])
    starts = [point for point, _ in made.points]
    ascii_kinds = array("H", [made.points[bisect_right(starts, byte) - 1][1] for byte in range(_ASCII)])
    plain: dict[str, Any] = {
        "next": array("H", [to for row in made.rows for to in row]),
        "ascii": ascii_kinds,
        "label": bytes(made.accepted),
        "points": array("I", starts),
        "kind_of": array("H", [kind for _, kind in made.points]),
        "kinds": count,
    }
    fast = _fast(made, ends, ascii_kinds)
    return Tables(**plain, **(fast or {"kind": PLAIN}))


def address_of(data: "bytes | array[int]") -> int:
    """Return the address of data; the caller keeps the data alive."""
    if isinstance(data, array):
        return data.buffer_info()[0]
    return ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0


_LEADS = (
    *((byte, (byte & 0x1F) << 6, 1 << 6) for byte in range(0xC2, 0xE0)),
    (0xE0, 0x800, 0x800),
    *((byte, (byte & 0x0F) << 12, 1 << 12) for byte in range(0xE1, 0xED)),
    (0xED, 0xD000, 0x800),
    *((byte, (byte & 0x0F) << 12, 1 << 12) for byte in range(0xEE, 0xF0)),
    (0xF0, 0x10000, 0x30000),
    *((byte, (byte & 0x07) << 18, 1 << 18) for byte in range(0xF1, 0xF4)),
    (0xF4, 0x100000, 0x10000),
)
"""Each byte that starts a character beyond ASCII, the first such character, and their number."""


def _by_lead(made: Automaton) -> Mapping[int, set[int]]:
    """Return the kinds of the characters that each byte beyond ASCII can start."""
    starts = [point for point, _ in made.points]
    return {
        byte: {kind for _, kind in made.points[bisect_right(starts, first) - 1 : bisect_left(starts, first + size)]}
        for byte, first, size in _LEADS
    }


def _fast(made: Automaton, ends: Ends, ascii_kinds: Sequence[int]) -> Mapping[str, Any] | None:
    """Return the tables of the fastest way that has room for the automaton; None if only PLAIN has."""
    by_lead = _by_lead(made)
    packing = _Packing(made, by_lead)
    if packing.widest > _SHUFFLE_STATES:
        return None
    of_bytes = []
    for ending in (ends.unquoted, ends.quoted):
        kinds = list(ascii_kinds) + [packing.within] * (256 - _ASCII)
        for byte, of in by_lead.items():
            kinds[byte] = packing.unclear if byte in packing.unclear_bytes else min(of)
        for byte in ending:
            kinds[byte] = packing.end
        of_bytes.append(kinds)
    return packing.tables(of_bytes)


class _Packing:
    """Numbers the states and results of an automaton so that a step can be packed."""

    def __init__(self, made: Automaton, by_lead: Mapping[int, set[int]]) -> None:
        """Assign a number to each state that is possible after each number of bytes."""
        self._made = made
        self._kinds = len(made.rows[0])
        self.within, self.unclear, self.end = range(self._kinds, self._kinds + 3)
        """Further kinds of bytes: inside a character, one that may start several kinds, and one that ends the cell."""
        live = [state for state in range(len(made.rows)) if state != made.dead]
        beyond = {byte for byte, of in by_lead.items() if not all(self._is_dead(kind, live) for kind in of)}
        self._results = self._possible_results(live, is_seen_beyond_ascii=bool(beyond))
        self._valid, self._recheck, self._dead = 0, min(1, len(self._results) - 1), len(self._results) - 1
        several = {byte for byte in beyond if len(by_lead[byte]) > 1}
        layered = self._layers(live)
        # A character of several bytes would be several layers.
        self.unclear_bytes = several if len(layered) == 1 else beyond
        self.widest = max(map(len, layered)) + len(self._results)
        self._by_shifts = self.widest <= _SHIFT_STATES
        self._scale, self._unit = (_SHIFT, 8) if self._by_shifts else (1, 16)
        self._numbers = [
            {state: self._scale * (len(self._results) + at) for at, state in enumerate(of)} for of in layered
        ]

    def tables(self, of_bytes: Sequence[Sequence[int]]) -> Mapping[str, Any]:
        """Return the tables, given the kind of each byte outside quotes, and inside."""
        numbers = self._numbers
        final = len(numbers) - 1
        count = -(-final // QUAD) * QUAD
        layered, last = [], bytearray()
        for layer in range(count + 1):
            here, there = numbers[min(layer, final)], numbers[min(layer + 1, final)]
            layered.append(self._layer(here, there, is_only=final == 0))
            if layer % QUAD == 0:
                last += self._labels(here)
        start = numbers[0].get(0, self._scale * self._dead)
        rest = layered.pop()
        rows = tuple(b"".join([rest[kind] for kind in of]) for of in of_bytes)
        found = {"rows": rows, "last": bytes(last), "layers": count, "start": start}
        if self._by_shifts and final == 0:
            return found | {"kind": SHIFTS}
        return found | {
            "kind": LAYERED if self._by_shifts else SHUFFLES,
            "layered": b"".join(map(b"".join, layered)),
            "stride": (self._kinds + 3) * self._unit,
            "class_of": tuple(array("H", [self._unit * kind for kind in of]) for of in of_bytes),
        }

    def _is_dead(self, kind: int, live: Sequence[int]) -> bool:
        """Return whether a kind of characters leads from every state to the dead one."""
        return self._made.dead is not None and all(self._made.rows[state][kind] == self._made.dead for state in live)

    def _possible_results(self, live: Sequence[int], *, is_seen_beyond_ascii: bool) -> list[int]:
        """Return the labels of results: valid, RECHECK if needed, and the label of the dead state if there is one."""
        accepted, dead = self._made.accepted, self._made.dead
        dead_label = None if dead is None else accepted[dead]
        # If the first state is never reached again it ends empty cells alone, which do not get here.
        begins_again = any(0 in row for row in self._made.rows)
        is_other = any(accepted[state] not in {VALUE, dead_label} for state in live if state or begins_again)
        return [
            VALUE,
            *([RECHECK] if is_other or is_seen_beyond_ascii else []),
            *([] if dead_label is None else [dead_label]),
        ]

    def _layers(self, live: list[int]) -> Sequence[Sequence[int]]:
        """Return the states that are possible after 0, 1, 2 … bytes; one list if all states fit into a word."""
        if len(live) + len(self._results) <= _SHIFT_STATES:
            return [live]
        return layers(self._made.rows, self._made.dead, _SHUFFLE_STATES) or [live]

    def _layer(self, here: Mapping[int, int], there: Mapping[int, int], *, is_only: bool) -> list[bytes]:
        """Return for each kind of byte the packed next state for each state."""
        rows, scale = self._made.rows, self._scale
        recheck, dead = scale * self._recheck, scale * self._dead
        steps = [{at: there.get(rows[state][kind], dead) for state, at in here.items()} for kind in range(self._kinds)]
        steps.append({at: at if is_only else recheck for at in here.values()})
        steps.append(dict.fromkeys(here.values(), recheck))
        steps.append({at: scale * self._ended(state) for state, at in here.items()})
        return list(map(self._packed, steps))

    def _packed(self, row: Mapping[int, int]) -> bytes:
        """Pack one step, in which results lead to themselves."""
        row = {**row, **{self._scale * at: self._scale * at for at in range(len(self._results))}}
        if self._by_shifts:
            return sum(to << at for at, to in row.items()).to_bytes(8, "little")
        return bytes(row.get(at, at) for at in range(_SHUFFLE_STATES))

    def _ended(self, state: int) -> int:
        """Return the result for a cell that ends in a state."""
        accepted, dead = self._made.accepted, self._made.dead
        if accepted[state] == VALUE:
            return self._valid
        return self._dead if dead is not None and accepted[state] == accepted[dead] else self._recheck

    def _labels(self, here: Mapping[int, int]) -> bytes:
        """Return the label of each state and result."""
        labels = bytearray([RECHECK]) * (1 << _SHIFT if self._by_shifts else _SHUFFLE_STATES)
        for at, label in enumerate(self._results):
            labels[self._scale * at] = label
        for state, at in here.items():
            labels[at] = self._made.accepted[state]
        return bytes(labels)
