"""The constraints of Table Schema: conditions on a cell beyond its type."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import ge, gt, le, lt
from string import ascii_lowercase
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.report import CellFault, ErrorCode, Fault
from chalicelib.validation.schema.causes.texts import pattern_cause, word_cause
from chalicelib.validation.schema.field_types import TEXT, Bound, FieldType, Value, canonical, is_nan
from chalicelib.validation.schema.field_types.field_type import Order, StepsExceeded

if TYPE_CHECKING:
    from chalicelib.validation.schema.field_types.json_shapes import Shape


@frozen
class Length:
    """The number of characters of the texts that meet a constraint."""

    least: int = 0
    most: int | None = None


@frozen
class Pattern:
    """A regular expression that the texts that meet a constraint match."""

    expression: str


@frozen
class Texts:
    """Texts of the values that meet a constraint, in their usual form."""

    texts: tuple[str, ...]


def _unknown(_: str) -> None:
    """Return None: the cause is not known."""


@frozen(kw_only=True)
class Constraint:
    """A condition on a cell beyond its type."""

    expected: str
    """What the condition requires, for messages: `5 or more`."""
    holds: Callable[[str, Any], bool]
    """Return whether a cell meets it, given its text and its value. Raises StepsExceeded if that takes too long."""
    example: str | None = None
    """A text that meets all constraints of the field, for messages."""
    source: str = ""
    """The condition as the schema states it, for messages: `pattern: [A-Z]+`."""
    cause: Callable[[str], str | None] = _unknown
    """Return why a cell does not meet it, given its text, without repeating it; None if that is not known."""
    texts: tuple[str, ...] = ()
    """Texts that meet it, and perhaps not the field's other conditions."""
    rule: "Length | Pattern | Texts | Bound | Shape | None" = None
    """The same condition for the fast path; None if there is no such form."""
    fault: CellFault = field(init=False)
    """The fault of a cell that does not meet it."""

    def __attrs_post_init__(self) -> None:
        """Word the fault once: it is needed for each wrong cell."""
        example = "" if self.example is None else f", as in {self.example}"
        source = f" ({self.source})" if self.source else ""
        message = f"expected {self.expected}{example}{source}"
        object.__setattr__(self, "fault", CellFault(ErrorCode.CONSTRAINT_ERROR, message, self.cause))

    @property
    def lists_values(self) -> bool:
        """Whether it lists all values that are allowed."""
        return isinstance(self.rule, Texts)

    def fault_of(self, text: str, value: Any) -> Fault | None:
        """Return the fault of a cell, given its text and its value; None if it meets the constraint."""
        try:
            return None if self.holds(text, value) else self.fault
        except StepsExceeded:
            return _TOO_COMPLEX


_TOO_COMPLEX = Fault(ErrorCode.COMPLEX_CELL, "expected a value that takes fewer steps to compare with the JSON Schema")


def constraints(node: Node, kind: FieldType) -> Iterator[Constraint]:
    """Compile a field's constraints except required and unique. Raises SchemaInvalid with the path."""
    for name, child in node.members():
        if name in ("required", "unique"):
            continue
        if name not in _CONSTRAINTS:
            meant = descriptor.meant_by(name, ["required", "unique", *_CONSTRAINTS])
            if meant:
                child.warn(f"there is no such constraint; {meant} may be meant")
            child.leave_unchecked(f"Table Schema has no such constraint{f'; {meant} may be meant' if meant else ''}")
            continue
        if name != "enum" and name not in kind.constraints:
            child.refuse(f"does not apply to a field that is {kind.expected}")
        if constraint := _CONSTRAINTS[name](child, kind):
            yield constraint


def categories(field: Node, node: Node, kind: FieldType) -> Constraint:
    """Compile the values of a categorical field. An enum may only narrow them."""
    if field.get("type", descriptor.string, "any") not in {"string", "integer"}:
        node.refuse("only strings and integers have categories")
    values = [descriptor.value_of(item) for item in node.items()]
    allowed = {canonical(_literal(item, kind)) for item in values}
    enum = (field.child("constraints") or Node({})).child("enum")
    for item in enum.items() if enum else ():
        if canonical(_literal(item, kind)) not in allowed:
            item.refuse("not one of the categories")
    return _one_of(values, node, kind)


def _enum(node: Node, kind: FieldType) -> Constraint:
    return _one_of(list(node.items()), node, kind)


def _one_of(items: Sequence[Node], node: Node, kind: FieldType) -> Constraint:
    allowed = {canonical(_literal(item, kind)) for item in items}
    if not allowed:
        node.refuse("expected at least one value")
    texts = tuple(kind.text_of(item.value) for item in items)
    return Constraint(
        expected=f"one of {_listed(texts)}",
        holds=lambda _, value: canonical(value) in allowed,
        cause=word_cause(texts),
        texts=texts,
        rule=Texts(texts),
    )


_LISTED_CHARACTERS = 300


def _listed(texts: Sequence[str]) -> str:
    """Return as many of the texts as a message has room for, and how many there are."""
    listed = ", ".join(texts)
    if len(listed) <= _LISTED_CHARACTERS:
        return listed
    shown = listed[:_LISTED_CHARACTERS].rpartition(", ")[0] or listed[:_LISTED_CHARACTERS]
    return f"{shown} … ({len(texts):,} values)"


def _pattern(node: Node, _: FieldType) -> Constraint | None:
    from chalicelib.validation.schema import patterns  # noqa: PLC0415 - only schemas with patterns need it

    pattern = patterns.whole(node)
    if pattern is None:
        return None
    matches = pattern.matches
    shown = node.value if len(node.value) <= _LISTED_CHARACTERS else f"{node.value[:_LISTED_CHARACTERS]}…"
    return Constraint(
        expected="text of the agreed form",
        holds=lambda text, _: matches(text),
        source=f"pattern: {shown}",
        cause=pattern_cause(matches),
        texts=pattern.examples,
        rule=None if pattern.expression is None else Pattern(pattern.expression),
    )


def _min_length(node: Node, kind: FieldType) -> Constraint:
    least = descriptor.size(node)
    return Constraint(
        expected=f"at least {_counted(least, kind)}",
        holds=lambda _, value: len(value) >= least,
        cause=_length_cause(kind),
        texts=_of_length(least, kind),
        rule=_length_rule(kind, least, None),
    )


def _max_length(node: Node, kind: FieldType) -> Constraint:
    most = descriptor.size(node)
    return Constraint(
        expected=f"at most {_counted(most, kind)}",
        holds=lambda _, value: len(value) <= most,
        cause=_length_cause(kind),
        texts=_of_length(min(most, 3), kind),
        rule=_length_rule(kind, 0, most),
    )


def _length_rule(kind: FieldType, least: int, most: int | None) -> Length | Pattern | None:
    if kind.of_length is None:
        return Length(least, most)
    expression = kind.of_length(least, most)
    return None if expression is None else Pattern(expression)


def _counted(count: int, kind: FieldType) -> str:
    return f"{count:,} {kind.parts[count != 1]}"


def _length_cause(kind: FieldType) -> Callable[[str], str | None]:
    return lambda text: f"this has {_counted(len(kind.parse(text)), kind)}"  # type: ignore[arg-type]


def _of_length(count: int, kind: FieldType) -> tuple[str, ...]:
    """Return an example of this length, if it is a short text."""
    is_shown = kind.form == TEXT and kind.of_length is None and 1 < count <= len(ascii_lowercase)
    return (ascii_lowercase[:count],) if is_shown else ()


def _json_schema(node: Node, kind: FieldType) -> Constraint | None:
    from chalicelib.validation.schema import json_schema  # noqa: PLC0415 - few schemas need it

    violation_of = json_schema.conformity(node)
    if violation_of is None:
        return None

    def cause(text: str) -> str | None:
        violation = violation_of(text, kind.parse(text))
        return None if violation is None else f"at {violation.place} it breaks the rule {violation.rule}"

    return Constraint(
        expected="a value that conforms to the JSON Schema",
        holds=lambda text, value: violation_of(text, value) is None,
        cause=cause,
        texts=tuple(json.dumps(instance, ensure_ascii=False) for instance in json_schema.instances(node.value)),
        rule=json_schema.shape(node),
    )


def _bound(
    words: Callable[[Order], str], compare: Callable[[Any, Any], bool]
) -> Callable[[Node, FieldType], Constraint]:
    def constraint(node: Node, kind: FieldType) -> Constraint:
        limit = _literal(node, kind)
        if is_nan(limit):
            node.refuse("NaN cannot be compared: use a number")
        text = kind.text_of(node.value)
        return Constraint(
            expected=words(kind.order).format(text),
            holds=lambda _, value: not is_nan(value) and compare(value, limit),
            texts=(text, *(kind.near(limit) if kind.near else ())),
            rule=Bound(limit, is_least=compare in {ge, gt}, is_exclusive=compare in {gt, lt}),
        )

    return constraint


def _literal(node: Node, kind: FieldType) -> Value:
    """Parse a value of the field's type, written as JSON or as the text of a cell."""
    value = kind.literal(node.value)
    if value is None:
        node.refuse(f"expected {kind.described}")
    return value


_CONSTRAINTS: Mapping[str, Callable[[Node, FieldType], Constraint | None]] = MappingProxyType(
    {
        "enum": _enum,
        "pattern": _pattern,
        "minLength": _min_length,
        "maxLength": _max_length,
        "jsonSchema": _json_schema,
        "minimum": _bound(lambda order: order.at_least, ge),
        "maximum": _bound(lambda order: order.at_most, le),
        "exclusiveMinimum": _bound(lambda order: order.more, gt),
        "exclusiveMaximum": _bound(lambda order: order.less, lt),
    }
)
