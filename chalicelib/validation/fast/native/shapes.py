"""Packs the shapes of JSON values into the kernel's tables."""

import ctypes
from array import array
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from attrs import frozen

from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.automata import TooLarge, automaton
from chalicelib.validation.fast.native.tables import Ends, Tables, address_of, tables
from chalicelib.validation.schema.field_types.json_shapes import ANY, Combination, Shape, reachable

T = TypeVar("T")
_MOST_SHAPES = 10_000
_MOST_PATTERNS = 20
"""An automaton takes up to 100 ms to compile."""
_MOST_BITS = 64
"""How many names of an object the kernel notes whether they are there."""
_MOST_DIGITS = 40
_LARGEST_STEP = 2**63
_MOST_DECIMALS = 18


class Unpackable(Exception):
    """The kernel cannot decide whether values fit a shape."""


@frozen(eq=False)
class PackedShapes:
    """The tables of a shape and of those that it refers to, which live as long as this object."""

    shapes: "ctypes.Array[c.Shape]"
    root: int
    memory: object

    @property
    def address(self) -> int:
        """Return the address of the first shape, which fits any value."""
        return ctypes.addressof(self.shapes)


def packed(root: Shape) -> PackedShapes:
    """Pack a shape. Raises Unpackable."""
    packing = _Packing(root)
    return PackedShapes(packing.shapes, packing.numbers[root], packing.memory)


class _Packing:
    def __init__(self, root: Shape) -> None:
        found = reachable(root)
        patterns = {each.pattern for each in found}.union(*(each.patterns for each in found)) - {None}
        if len(found) >= _MOST_SHAPES or len(patterns) > _MOST_PATTERNS:
            raise Unpackable
        self.numbers: Mapping[Shape | None, int] = {
            **{shape: at for at, shape in enumerate(found, start=1)},
            **dict.fromkeys((None, ANY), 0),
        }
        self.memory: list[object] = []
        """What the tables refer to by address."""
        self.shapes = (c.Shape * (len(found) + 1))()
        for shape in found:
            if shape is ANY:
                continue
            self._fill(self.shapes[self.numbers[shape]], shape)

    def _fill(self, to: c.Shape, shape: Shape) -> None:
        to.combination, to.kinds, to.is_partial = shape.combination, shape.kinds, shape.is_partial
        parts = array("Q", [self.numbers[part] for part in shape.parts])
        to.parts, to.parts_count = self._kept(parts).buffer_info()[0], len(parts)
        to.others, to.items = self.numbers[shape.others], self.numbers[shape.items]
        to.least_members, to.most_members = _limits(shape.members)
        to.least_items, to.most_items = _limits(shape.size)
        to.least_length, to.most_length = _limits(shape.length)
        to.is_even, to.is_closed, to.is_unique = shape.is_even, shape.is_closed, shape.is_unique
        self._fill_names(to, shape)
        to.has_texts, to.has_numbers = shape.texts is not None, shape.numbers is not None
        to.texts, to.texts_count = self._texts(shape.texts or ())
        to.numbers, to.numbers_count = self._texts(_plain(number) for number in shape.numbers or ())
        for bound in shape.bounds:
            limit = to.lower if bound.is_least else to.upper
            limit.text, limit.length = self._text(_plain(bound.limit))
            limit.is_exclusive = bound.is_exclusive
        to.is_written, to.name_shape = shape.is_written, self.numbers[shape.of_names]
        patterns = [c.NamePattern(self._automaton(each), self.numbers[of]) for each, of in shape.patterns.items()]
        to.patterns = ctypes.addressof(self._kept((c.NamePattern * len(patterns))(*patterns)))
        to.patterns_count = len(patterns)
        if shape.step is not None:
            to.step, to.step_decimals = _step(shape.step)
        if shape.pattern is not None:
            to.pattern = self._automaton(shape.pattern)

    def _fill_names(self, to: c.Shape, shape: Shape) -> None:
        names = shape.names
        noted = sorted({*shape.required, *([shape.chooser] if shape.chooser in names else [])})
        if len(noted) > _MOST_BITS:
            raise Unpackable
        bits = {name: 1 << at for at, name in enumerate(noted)}
        to.required = sum(bits[name] for name in shape.required)
        packed_names = self._names([(name, self.numbers[each], bits.get(name, 0)) for name, each in names.items()])
        to.names, to.names_count = ctypes.addressof(packed_names), len(names)
        if shape.chooser is not None:
            is_choice = shape.combination is Combination.CHOICE
            to.chooser = ctypes.addressof(self._names([(shape.chooser, 0, 0 if is_choice else bits[shape.chooser])]))

    def _automaton(self, pattern: str) -> int:
        """Pack an automaton as that of a column."""
        tables = self._kept(_strings_that_match(pattern))
        column = self._kept(c.Column(kind=c.PLAIN, kinds=tables.kinds, points_count=len(tables.points)))
        for name in ("next", "ascii", "label", "points", "kind_of"):
            setattr(column, name, address_of(getattr(tables, name)))
        return ctypes.addressof(column)

    def _texts(self, texts: Iterable[str]) -> tuple[int, int]:
        packed_texts = self._names([(text, 0, 0) for text in texts])
        return ctypes.addressof(packed_texts), len(packed_texts)

    def _names(self, names: Iterable[tuple[str, int, int]]) -> "ctypes.Array[c.Name]":
        """Pack names with their shapes and bits, in the order in which the kernel looks them up."""
        encoded = sorted(
            ((_encoded(text), number, bit) for text, number, bit in names), key=lambda each: (len(each[0]), each[0])
        )
        made = (c.Name * len(encoded))()
        for at, (text, number, bit) in enumerate(encoded):
            made[at] = c.Name(*self._text(text), number, bit)
        return self._kept(made)

    def _text(self, text: bytes | str) -> tuple[int, int]:
        data = text if isinstance(text, bytes) else text.encode()
        kept = self._kept(ctypes.create_string_buffer(data))
        return ctypes.addressof(kept), len(data)

    def _kept(self, data: T) -> T:
        self.memory.append(data)
        return data


@lru_cache(maxsize=128)
def _strings_that_match(pattern: str) -> Tables:
    try:
        made = automaton((pattern,))
    except TooLarge as error:
        raise Unpackable from error
    return tables(made.mapped(lambda matched: c.VALUE if matched else c.FIRST_FAULT), _NO_ENDS)


_NO_ENDS = Ends(unquoted=b"", quoted=b"")
"""Strings of JSON are not read in place."""


def _limits(limits: tuple[int, int | None]) -> tuple[int, int]:
    least, most = limits
    return min(least, c.ENDLESS), c.ENDLESS if most is None else min(most, c.ENDLESS)


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:  # half of a surrogate pair
        raise Unpackable from error


def _plain(number: Decimal) -> str:
    """Write a number without an exponent."""
    if abs(number.adjusted()) > _MOST_DIGITS or len(number.as_tuple().digits) > _MOST_DIGITS:
        raise Unpackable
    return format(number, "f")


def _step(step: Decimal) -> tuple[int, int]:
    """Return two whole numbers: the first, divided by ten to the power of the second, is the step."""
    whole, _, fraction = _plain(step).partition(".")
    number = int(whole + fraction)
    if not 0 < number < _LARGEST_STEP or len(fraction) > _MOST_DECIMALS:
        raise Unpackable
    return number, len(fraction)
