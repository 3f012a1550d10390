"""An automaton as the kernel's tables: bytes in, one step each, a cell's end included.

The kernel has four ways to take a step. Which one an automaton gets depends on how many states it can be in at once:

- SHIFTS: up to 10 states, all in one 64-bit word a byte; a step is a shift.
- LAYERED: the same, with a table for each of the first bytes: up to 10 states after any number of bytes.
- SHUFFLES: up to 16 states after any number of bytes; a step is a shuffle of 16 bytes.
- PLAIN: any number, by code points, one look-up a character.

In the first three a byte that ends the cell takes each state to a result, which is never left, so that what stands
behind the cell may be read too. A byte that may begin characters of several kinds leads to
"look again, by code points".
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from chalicelib.validation.fast.native.automata import Automaton, layers
from chalicelib.validation.fast.native.library import LAYERED, LOOK, PLAIN, SHIFTS, SHUFFLES, VALUE

_SHIFT_STATES = 10
_SHUFFLE_STATES = 16
_SHIFT = 6
"""Bits of a state in a word."""
_ASCII = 0x80
_STEP = 8
"""Bytes that the kernel goes through at once."""


@frozen(kw_only=True)
class Ends:
    """The bytes that end a cell, outside of quotes and inside."""

    unquoted: bytes
    quoted: bytes


@frozen(kw_only=True, eq=False)
class Tables:
    """What the kernel wants to know of an automaton; the names are those of `struct column`."""

    kind: int
    next: "array[int]"
    ascii: "array[int]"
    label: bytes
    points: "array[int]"
    kind_of: "array[int]"
    kinds: int
    rows: tuple[bytes, bytes] = (b"", b"")
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
"""Each byte that begins a character beyond ASCII, the first such character, and how many there are."""


def _by_lead(made: Automaton) -> Mapping[int, set[int]]:
    """Return of which kinds the characters are that begin with each byte beyond ASCII."""
    starts = [point for point, _ in made.points]
    return {
        byte: {kind for _, kind in made.points[bisect_right(starts, first) - 1 : bisect_left(starts, first + size)]}
        for byte, first, size in _LEADS
    }


def _fast(made: Automaton, ends: Ends, ascii_kinds: Sequence[int]) -> Mapping[str, Any] | None:
    """Return the tables of the fastest way that the automaton has room in; None if in none."""
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
    """The states of an automaton and its results, numbered so that a step can be packed."""

    def __init__(self, made: Automaton, by_lead: Mapping[int, set[int]]) -> None:
        """Give a number to each state that can be reached after so many bytes."""
        self._made = made
        self._kinds = len(made.rows[0])
        self.within, self.unclear, self.end = range(self._kinds, self._kinds + 3)
        """Kinds of bytes: within a character, one that may begin several kinds, and one that ends the cell."""
        live = [state for state in range(len(made.rows)) if state != made.dead]
        beyond = {byte for byte, of in by_lead.items() if not all(self._is_lost(kind, live) for kind in of)}
        self._results = self._possible_results(live, is_seen_beyond_ascii=bool(beyond))
        self._right, self._look, self._lost = 0, min(1, len(self._results) - 1), len(self._results) - 1
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
        """Return the tables, given the kind of each byte outside of quotes, and inside."""
        numbers = self._numbers
        final = len(numbers) - 1
        count = -(-final // _STEP) * _STEP
        table, last = bytearray(), bytearray()
        for layer in range(count + 1):
            here, there = numbers[min(layer, final)], numbers[min(layer + 1, final)]
            table += self._layer(here, there, is_only=final == 0)
            if layer % _STEP == 0:
                last += self._labels(here)
        start = numbers[0].get(0, self._scale * self._lost)
        found = {"last": bytes(last), "layers": count, "stride": (self._kinds + 3) * self._unit, "start": start}
        if self._by_shifts and final == 0:
            words = [bytes(table[at : at + 8]) for at in range(0, len(table), 8)]
            return found | {"kind": SHIFTS, "rows": tuple(b"".join(words[kind] for kind in of) for of in of_bytes)}
        offsets = tuple(array("H", [self._unit * kind for kind in of]) for of in of_bytes)
        kind = LAYERED if self._by_shifts else SHUFFLES
        return found | {"kind": kind, "rows": (bytes(table),) * 2, "class_of": offsets}

    def _is_lost(self, kind: int, live: Sequence[int]) -> bool:
        """Say whether a character of a kind leads nowhere."""
        return self._made.dead is not None and all(self._made.rows[state][kind] == self._made.dead for state in live)

    def _possible_results(self, live: Sequence[int], *, is_seen_beyond_ascii: bool) -> list[int]:
        """Return what a cell can be: right; to be looked at again; or such that nothing can mend it any more."""
        accepted, dead = self._made.accepted, self._made.dead
        lost = None if dead is None else accepted[dead]
        # If the first state is never reached again it ends empty cells alone, which do not get here.
        begins_again = any(0 in row for row in self._made.rows)
        is_other = any(accepted[state] not in {VALUE, lost} for state in live if state or begins_again)
        return [VALUE, *([LOOK] if is_other or is_seen_beyond_ascii else []), *([] if lost is None else [lost])]

    def _layers(self, live: list[int]) -> Sequence[Sequence[int]]:
        """Return the states after each number of bytes, the last list repeating itself; one list if that will do."""
        if len(live) + len(self._results) <= _SHIFT_STATES:
            return [live]
        return layers(self._made.rows, self._made.dead, _SHUFFLE_STATES) or [live]

    def _layer(self, here: Mapping[int, int], there: Mapping[int, int], *, is_only: bool) -> bytes:
        """Pack what each kind of byte makes of each state."""
        rows, scale = self._made.rows, self._scale
        look, lost = scale * self._look, scale * self._lost
        table = b"".join(
            self._packed({at: there.get(rows[state][kind], lost) for state, at in here.items()})
            for kind in range(self._kinds)
        )
        table += self._packed({at: at if is_only else look for at in here.values()})
        table += self._packed(dict.fromkeys(here.values(), look))
        return table + self._packed({at: scale * self._ended(state) for state, at in here.items()})

    def _packed(self, row: Mapping[int, int]) -> bytes:
        """Pack a step; results stay what they are."""
        row = {**row, **{self._scale * at: self._scale * at for at in range(len(self._results))}}
        if self._by_shifts:
            return sum(to << at for at, to in row.items()).to_bytes(8, "little")
        return bytes(row.get(at, at) for at in range(_SHUFFLE_STATES))

    def _ended(self, state: int) -> int:
        """Return the result of a cell that ends in a state."""
        accepted, dead = self._made.accepted, self._made.dead
        if accepted[state] == VALUE:
            return self._right
        return self._lost if dead is not None and accepted[state] == accepted[dead] else self._look

    def _labels(self, here: Mapping[int, int]) -> bytes:
        """Return the label of each state and result."""
        labels = bytearray([LOOK]) * (1 << _SHIFT if self._by_shifts else _SHUFFLE_STATES)
        for at, label in enumerate(self._results):
            labels[self._scale * at] = label
        for state, at in here.items():
            labels[at] = self._made.accepted[state]
        return bytes(labels)
