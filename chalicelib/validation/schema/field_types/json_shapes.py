"""What a JSON value must be, as data, by which the native engine judges a cell without building its value.

The reference does not read shapes. Each is a second statement of a rule that the reference has as a function, and tests
compare the two.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import IntEnum, IntFlag

from attrs import define, field

from chalicelib.validation.schema.field_types.field_type import Bound


class Kinds(IntFlag):
    """Kinds of JSON values, by the kernel's bits. A number is of the kind INTEGER, too, if it is a whole one."""

    OBJECT = 1
    ARRAY = 2
    STRING = 4
    NUMBER = 8
    INTEGER = 16
    TRUE = 32
    FALSE = 64
    NULL = 128

    ANY = 255
    NUMBERS = NUMBER | INTEGER
    BOOLEANS = TRUE | FALSE
    NONE = 0


class Combination(IntEnum):
    """How a shape combines its parts, by the kernel's numbers."""

    SIMPLE = 0
    ALL_OF = 1
    ANY_OF = 2
    ONE_OF = 3
    NONE_OF = 4
    CONDITION = 5
    """If the value fits the first part, it must fit the second; else the third."""
    CHOICE = 6
    """The value must fit the shape that `names` has for the JSON of its member `chooser`, or else `others`."""


Limits = tuple[int, int | None]
"""The least number, and the greatest."""
UNLIMITED: Limits = (0, None)


@define(eq=False, repr=False, kw_only=True)
class Shape:
    """What one value must be. Each condition applies only to values of its kind; None stands for any value."""

    kinds: Kinds = Kinds.ANY
    combination: Combination = Combination.SIMPLE
    """If it is not SIMPLE, the shape has no conditions of its own."""
    parts: Sequence["Shape"] = ()
    """The shapes that are combined; of a SIMPLE shape those of the first items."""
    names: dict[str, "Shape"] = field(factory=dict)
    """The shapes of members."""
    chooser: str | None = None
    """The member whose value chooses a shape. The shapes that are chosen state it, too, and have it in `names`."""
    required: frozenset[str] = frozenset()
    """Names of members that must be there; all are in `names`."""
    others: "Shape | None" = None
    """The shape of members with other names."""
    items: "Shape | None" = None
    """The shape of the items after the first ones."""
    patterns: dict[str, "Shape"] = field(factory=dict)
    """By an expression of the whole name, the shapes of members that are not in `names`."""
    of_names: "Shape | None" = None
    """The shape of the names themselves, which is SIMPLE and allows strings."""
    members: Limits = UNLIMITED
    """How many members an object has."""
    size: Limits = UNLIMITED
    """How many items an array has."""
    is_even: bool = False
    """Whether the number of items is even."""
    is_closed: bool = False
    """Whether the first and the last item are equal; both are arrays of numbers."""
    is_unique: bool = False
    """Whether all items are different."""
    length: Limits = UNLIMITED
    """How many characters a string has."""
    texts: frozenset[str] | None = None
    """The strings that fit."""
    pattern: str | None = None
    """An expression that matches the whole of the strings that fit."""
    numbers: frozenset[Decimal] | None = None
    """The numbers that fit."""
    is_written: bool = False
    """Whether numbers of the kind INTEGER are only those without a point and an exponent."""
    bounds: Sequence[Bound] = ()
    """Limits of numbers: one lower and one upper one at the most."""
    step: Decimal | None = None
    """What numbers are multiples of."""
    is_partial: bool = False
    """Whether there are further conditions, which only the reference knows."""

    def within(self) -> Iterator["Shape"]:
        """Iterate over the shapes that this one refers to."""
        yield from self.parts
        yield from self.names.values()
        yield from self.patterns.values()
        yield from (each for each in (self.others, self.items, self.of_names) if each is not None)


ANY = Shape()
"""Every value fits it."""
NOTHING = Shape(kinds=Kinds.NONE)
"""No value fits it."""


def array_of(items: Shape | None, *, at_least: int = 0) -> Shape:
    """Return the shape of arrays whose items have one shape."""
    return Shape(kinds=Kinds.ARRAY, items=items, size=(at_least, None))


def reachable(root: Shape) -> Sequence[Shape]:
    """Return a shape and all that it refers to, directly or not."""
    found = {root: None}
    waiting = [root]
    while waiting:
        for each in waiting.pop().within():
            if each not in found:
                found[each] = None
                waiting.append(each)
    return tuple(found)
