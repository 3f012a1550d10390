"""Reads JSON descriptors and names the path of what is wrong in them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar

from attrs import Factory, field, frozen

from chalicelib.errors import SchemaInvalid

T = TypeVar("T")

TOO_DEEP = 50
"""The number of nested objects and arrays that a descriptor may not reach."""

_KINDS: dict[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    Mapping: "an object",
    Sequence: "an array",
}


@frozen
class Remarks:
    """Remarks on a descriptor that is accepted, each with its path."""

    warnings: list[str] = Factory(list)
    """What is probably a mistake, and has no effect."""
    unchecked: list[str] = Factory(list)
    """What the descriptor requires, and no file is checked for."""

    @property
    def count(self) -> int:
        """The number of remarks."""
        return len(self.warnings) + len(self.unchecked)


@frozen
class Node:
    """A value in a descriptor and its path, such as `$.fields[2].constraints.minimum`."""

    value: Any
    path: str = "$"
    remarks: Remarks = field(factory=Remarks, eq=False, repr=False)
    """Shared by all nodes of a descriptor."""

    def refuse(self, reason: str) -> NoReturn:
        """Raise SchemaInvalid with this path."""
        raise SchemaInvalid(f"{self.path}: {reason}")

    def warn(self, reason: str) -> None:
        """Record a warning with this path."""
        self.remarks.warnings.append(f"{self.path}: {reason}")

    def leave_unchecked(self, reason: str) -> None:
        """Record with this path that no file is checked for what it requires."""
        self.remarks.unchecked.append(f"{self.path}: {reason}")

    def as_(self, kind: type[T]) -> T:
        """Return the value if it is of that kind: str, bool, int, Mapping or Sequence."""
        value = self.value
        mistaken = (kind is int and isinstance(value, bool)) or (kind is Sequence and isinstance(value, str))
        if mistaken or not isinstance(value, kind):
            self.refuse(f"expected {_KINDS[kind]}")
        return value

    def as_object(self) -> Mapping[str, Any]:
        """Return the value if it is an object."""
        return self.as_(Mapping)  # type: ignore[type-abstract]

    def items(self) -> Iterator["Node"]:
        """Iterate over an array."""
        for index, value in enumerate(self.as_(Sequence)):  # type: ignore[type-abstract]
            yield Node(value, f"{self.path}[{index}]", self.remarks)

    def members(self) -> Iterator[tuple[str, "Node"]]:
        """Iterate over the properties of an object."""
        for name, value in self.as_object().items():
            yield name, Node(value, f"{self.path}.{name}", self.remarks)

    def child(self, name: str) -> "Node | None":
        """Return a property of an object; None if it is absent or null."""
        value = self.as_object().get(name)
        return None if value is None else Node(value, f"{self.path}.{name}", self.remarks)

    def get(self, name: str, read: Callable[["Node"], T], default: T) -> T:
        """Read a property of an object, or return the default if it is absent."""
        child = self.child(name)
        return default if child is None else read(child)


def is_deeper(value: Any, levels: int) -> bool:
    """Return whether anything is nested in `levels` objects and arrays, without going deeper than that."""
    level = [value]
    for _ in range(levels):
        if not level:
            return False
        level = [part for each in level for part in _parts(each)]
    return bool(level)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def refuse_too_deep(node: Node) -> None:
    """Refuse a descriptor that is nested too deep to be processed."""
    if is_deeper(node.value, TOO_DEEP):
        node.refuse(f"objects and arrays are nested {TOO_DEEP} deep or more")


def warn_of_misspelt(node: Node, known: Iterable[str]) -> None:
    """Warn of a property whose name is nearly one of these: other properties are allowed, and ignored."""
    known = frozenset(known)
    absent = sorted(known - node.as_object().keys())
    for name, child in node.members():
        if name not in known and (meant := meant_by(name, absent)):
            child.warn(f"the property is ignored; {meant} may be meant")


def meant_by(name: str, known: Sequence[str]) -> str | None:
    """Return the known name that a misspelt one resembles; None if none is similar enough."""
    return next(iter(get_close_matches(name, known, n=1, cutoff=_LIKENESS)), None)


_LIKENESS = 0.75
"""From 0 to 1, as difflib computes it: `titel` is like `title` by 0.8."""


def string(node: Node) -> str:
    """Read a string."""
    return node.as_(str)


def boolean(node: Node) -> bool:
    """Read true or false."""
    return node.as_(bool)


def character(node: Node) -> str:
    """Read a string of one character."""
    text = node.as_(str)
    if len(text) != 1:
        node.refuse("expected one character")
    return text


def size(node: Node) -> int:
    """Read a whole number that is not negative."""
    number = node.as_(int)
    if number < 0:
        node.refuse("expected a whole number that is not negative")
    return number


def strings(node: Node) -> Sequence[str]:
    """Read an array of strings."""
    return tuple(item.as_(str) for item in node.items())


def value_of(item: Node) -> Node:
    """Return a value, which may be given as an object with a label."""
    return (item.child("value") or item.refuse("expected a value")) if isinstance(item.value, Mapping) else item


def one_of(*choices: str) -> Callable[[Node], str]:
    """Return a function that reads one of these strings."""

    def read(node: Node) -> str:
        text = node.as_(str)
        if text not in choices:
            node.refuse(f"expected one of {', '.join(choices)}")
        return text

    return read
