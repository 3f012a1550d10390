"""The shape of the values that conform to a JSON Schema, by which the native engine decides without building them.

A keyword without a shape makes the shape partial: what fits it is left to the reference. A shape must not decide where
the reference would give up, so a schema has none if it might take more steps than a cell is allowed (`steps_for`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any

from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema import patterns
from chalicelib.validation.schema.field_types import Bound
from chalicelib.validation.schema.field_types.json_shapes import (
    ANY,
    NOTHING,
    Combination,
    Kinds,
    Shape,
    reachable,
)
from chalicelib.validation.schema.json_schema import arrays
from chalicelib.validation.schema.json_schema.compiler import Draft
from chalicelib.validation.schema.json_schema.values import exact

_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_ADDRESSES = frozenset({"$id", "$schema", "$anchor", "$dynamicAnchor", "$recursiveAnchor"})
"""Keywords that give references another meaning below them."""
_MOST_AT_ONCE = 90
"""How many subschemas may be evaluated for one value; the reference allows 100, because a value has two characters."""
_MOST_NESTED = 5
"""How many subschemas may be nested for the same value; a cell has at most 60 levels, and the reference 400."""
_KINDS: Mapping[str, Kinds] = MappingProxyType(
    {
        "object": Kinds.OBJECT,
        "array": Kinds.ARRAY,
        "string": Kinds.STRING,
        "number": Kinds.NUMBERS,
        "integer": Kinds.INTEGER,
        "boolean": Kinds.BOOLEANS,
        "null": Kinds.NULL,
    }
)
_COMBINATIONS: Mapping[str, Combination] = MappingProxyType(
    {"allOf": Combination.ALL_OF, "anyOf": Combination.ANY_OF, "oneOf": Combination.ONE_OF}
)
_DEPENDENCIES = frozenset({"dependencies", "dependentRequired", "dependentSchemas"})
_COMBINING = frozenset({*_COMBINATIONS, *_DEPENDENCIES, "not", "if", "$ref"})
"""Keywords that apply other schemas to the same value."""
_OF_PARTS = frozenset(
    {
        *("properties", "patternProperties", "additionalProperties", "propertyNames", "required"),
        *("items", "prefixItems", "additionalItems"),
    }
)
_EXCLUSIVE: Mapping[str, str] = MappingProxyType({"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"})
"""Keywords that are booleans up to draft 4."""


class _Shapeless(Exception):
    """The schema has no shape."""


def shape_of(schema: Mapping[str, Any], draft: Draft) -> Shape | None:
    """Return the shape of a schema that has been compiled; None if it has none."""
    objects = list(_objects(schema))
    addresses = _ADDRESSES | ({"id"} if draft.has_written_integers else set())
    if "disallow" in draft.keywords or any(
        isinstance(each.get(name), str | bool) for each in objects[1:] for name in addresses
    ):
        return None  # draft 3, or references that mean something else
    try:
        root = _Shapes(schema, draft).shape(schema)
        _leave_unsure_combinations(root)
        is_tree = not any(_REFERENCES & each.keys() for each in objects)
        is_partial = any(each.is_partial for each in reachable(root))
        is_cheap = is_tree and len(objects) <= _MOST_AT_ONCE if is_partial else _is_cheap(root)
    except _Shapeless:
        return None
    return root if is_cheap else None


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """Iterate over a value and all objects inside of it."""
    if isinstance(value, Mapping):
        yield value
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in inside:
        yield from _objects(each)


# --- costs ----------------------------------------------------------------------------------------------------------


def _same(shape: Shape) -> Sequence[Shape]:
    """Return the shapes that a value must fit because it must fit this one."""
    return () if shape.combination is Combination.SIMPLE else shape.parts


def _leave_unsure_combinations(root: Shape) -> None:
    """Make each combination partial that a partial shape might decide wrongly."""
    shapes = reachable(root)
    referring: dict[Shape, list[Shape]] = {each: [] for each in shapes}
    for each in shapes:
        for inside in each.within():
            referring[inside].append(each)
    waiting = [each for each in shapes if each.is_partial]
    unsure = set(waiting)
    while waiting:
        for each in referring[waiting.pop()]:
            if each not in unsure:
                unsure.add(each)
                waiting.append(each)
    for each in unsure:
        if each.combination > Combination.ALL_OF:
            each.combination, each.parts, each.is_partial = Combination.SIMPLE, (), True


def _is_cheap(root: Shape) -> bool:
    """Return whether the reference takes few enough steps for any value."""
    shapes = reachable(root)
    own = {each: 1 + each.is_unique + (each.of_names is not None) for each in shapes}
    costs: dict[Shape, int] = {}
    for _ in range(_MOST_NESTED + 1):
        costs = {each: own[each] + sum(costs.get(part, 0) for part in _same(each)) for each in shapes}
    if any(costs[each] != own[each] + sum(costs[part] for part in _same(each)) for each in shapes):
        return False  # they are nested deeper
    most = max(costs.values())
    is_linear = all(len(_same(each)) <= 1 for each in shapes)
    containers = sum(
        1 for each in shapes if each.combination is Combination.SIMPLE and any(True for _ in each.within())
    )
    return is_linear or (len(shapes) <= _MOST_AT_ONCE and max(containers, 1) * most <= _MOST_AT_ONCE)


# --- keywords -------------------------------------------------------------------------------------------------------


class _Shapes:
    """The shapes of the subschemas of one schema."""

    def __init__(self, root: Mapping[str, Any], draft: Draft) -> None:
        self._root = root
        self._draft = draft
        self._known: dict[int, Shape] = {}

    def shape(self, schema: Any) -> Shape:
        """Return the shape of a subschema."""
        if not isinstance(schema, Mapping):
            return ANY if schema is True else NOTHING
        if id(schema) not in self._known:
            made = self._known[id(schema)] = Shape()
            self._fill(made, schema)
        return self._known[id(schema)]

    def _fill(self, shape: Shape, schema: Mapping[str, Any]) -> None:
        names = {name for name in schema if name in self._draft.keywords}
        if "$ref" in names and self._draft.has_ref_alone:
            names = {"$ref"}
        combined = [*self._combined(schema, names)]
        own = Shape() if combined else shape
        if not combined or names - _COMBINING:
            self._fill_simple(own, schema, names)
            combined = [own, *combined] if combined else []
        if combined:
            shape.combination, shape.parts = Combination.ALL_OF, combined

    def _combined(self, schema: Mapping[str, Any], names: set[str]) -> Iterator[Shape]:
        """Yield the shapes of keywords that apply other schemas to the same value."""
        for name in sorted(names & _COMBINATIONS.keys()):
            yield Shape(combination=_COMBINATIONS[name], parts=[self.shape(each) for each in schema[name]])
        if "not" in names:
            yield Shape(combination=Combination.NONE_OF, parts=[self.shape(schema["not"])])
        if "if" in names:
            parts = [self.shape(schema.get(name, True)) for name in ("if", "then", "else")]
            yield Shape(combination=Combination.CONDITION, parts=parts)
        if "$ref" in names:
            yield self.shape(self._referred(schema["$ref"]))
        for name in sorted(names & _DEPENDENCIES):
            for member, wanted in schema[name].items():
                absent = Shape(names={member: NOTHING})
                yield Shape(combination=Combination.ANY_OF, parts=[absent, self._dependent(wanted)])

    def _dependent(self, wanted: Any) -> Shape:
        if not isinstance(wanted, str | list):
            return self.shape(wanted)
        names = [wanted] if isinstance(wanted, str) else wanted
        return Shape(required=frozenset(names), names=dict.fromkeys(names, ANY))

    def _referred(self, reference: str) -> Any:
        found: Any = self._root
        if reference != "#" and not reference.startswith("#/"):
            raise _Shapeless
        for escaped in reference[2:].split("/") if reference != "#" else ():
            step = escaped.replace("~1", "/").replace("~0", "~")
            if "%" in step or not isinstance(found, Mapping) or step not in found:
                raise _Shapeless
            found = found[step]
        return found

    def _fill_simple(self, shape: Shape, schema: Mapping[str, Any], names: set[str]) -> None:
        for name in names - _COMBINING - _OF_PARTS:
            if name in _EXCLUSIVE and self._draft.has_written_integers:
                is_exclusive = bool(schema.get(_EXCLUSIVE[name]))
                _bound(shape, schema[name], is_least=name == "minimum", is_exclusive=is_exclusive)
            elif name in _ASSERTIONS:
                _ASSERTIONS[name](shape, schema[name])
            else:
                shape.is_partial = True
        shape.is_written = self._draft.has_written_integers
        self._fill_items(shape, schema, names)
        self._fill_members(shape, schema, names)

    def _fill_items(self, shape: Shape, schema: Mapping[str, Any], names: set[str]) -> None:
        first: Any = schema.get("prefixItems", ()) if "prefixItems" in names else ()
        rest = schema.get("items", True) if "items" in names else True
        if self._draft.keywords["items"] is not arrays.items and isinstance(rest, list):
            first, rest = rest, schema.get("additionalItems", True) if "additionalItems" in names else True
        shape.parts = [self.shape(each) for each in first]
        shape.items = self.shape(rest)

    def _fill_members(self, shape: Shape, schema: Mapping[str, Any], names: set[str]) -> None:
        others = self.shape(schema["additionalProperties"]) if "additionalProperties" in names else ANY
        patterned = schema["patternProperties"] if "patternProperties" in names else {}
        matching = [(patterns.anywhere(Node(each)), self.shape(of)) for each, of in patterned.items()]
        expressions = [patterns.whole_text(each) for each in patterned]
        shape.others = others
        for expression, (matches, of) in zip(expressions, matching, strict=True):
            if matches is None:
                shape.others = ANY  # any member may be one of a pattern that is not checked
            elif expression is None or expression in shape.patterns:
                shape.is_partial, shape.others = True, ANY
            else:
                shape.patterns[expression] = of
        properties = schema["properties"] if "properties" in names else {}
        shape.required = frozenset(schema["required"] if "required" in names else ())
        for name in {**properties, **dict.fromkeys(shape.required)}:
            of_name = [self.shape(properties[name])] if name in properties else []
            of_name += [of for matches, of in matching if matches is not None and matches(name)]
            shape.names[name] = _all_of(of_name) if of_name else shape.others
        if "propertyNames" in names:
            of_names = self.shape(schema["propertyNames"])
            is_simple = of_names.combination is Combination.SIMPLE and Kinds.STRING in of_names.kinds
            if is_simple and not of_names.is_partial:
                shape.of_names = of_names
            else:
                shape.is_partial = True


def _all_of(shapes: Sequence[Shape]) -> Shape:
    return shapes[0] if len(shapes) == 1 else Shape(combination=Combination.ALL_OF, parts=shapes)


def _type(shape: Shape, wanted: str | Sequence[str]) -> None:
    names = [wanted] if isinstance(wanted, str) else wanted
    kinds = Kinds.NONE
    for name in names:
        kinds |= _KINDS[name]
    shape.kinds &= kinds


def _allowed(shape: Shape, values: Sequence[Any]) -> None:
    """Restrict a shape to these values."""
    exactly = [exact(value) for value in values]
    if any(isinstance(value, dict | list) for value in exactly):
        shape.is_partial = True
        return
    texts = frozenset(value for value in exactly if isinstance(value, str))
    numbers = frozenset(value for value in exactly if isinstance(value, Decimal))
    shape.texts = texts if shape.texts is None else shape.texts & texts
    shape.numbers = numbers if shape.numbers is None else shape.numbers & numbers
    kinds = (Kinds.STRING if texts else Kinds.NONE) | (Kinds.NUMBERS if numbers else Kinds.NONE)
    for value, kind in ((None, Kinds.NULL), (True, Kinds.TRUE), (False, Kinds.FALSE)):
        kinds |= kind if any(each is value for each in exactly) else Kinds.NONE
    shape.kinds &= kinds


def _bound(shape: Shape, limit: Any, *, is_least: bool, is_exclusive: bool) -> None:
    bound = Bound(exact(limit), is_least=is_least, is_exclusive=is_exclusive)
    same = [bound, *(each for each in shape.bounds if each.is_least is is_least)]
    others = [each for each in shape.bounds if each.is_least is not is_least]
    sign = 1 if is_least else -1
    shape.bounds = [*others, max(same, key=lambda each: (sign * each.limit, each.is_exclusive))]


def _step(shape: Shape, step: Any) -> None:
    shape.step = exact(step)


def _least(name: str) -> Callable[[Shape, Any], None]:
    return lambda shape, limit: setattr(shape, name, (_whole(limit), getattr(shape, name)[1]))


def _most(name: str) -> Callable[[Shape, Any], None]:
    return lambda shape, limit: setattr(shape, name, (getattr(shape, name)[0], _whole(limit)))


def _whole(limit: Any) -> int:
    """Return a limit that may be written as in 2.0."""
    if limit != int(limit):
        raise _Shapeless
    return int(limit)


def _pattern(shape: Shape, pattern: str) -> None:
    if patterns.anywhere(Node(pattern)) is None:
        return  # not checked
    expression = patterns.whole_text(pattern)
    if expression is None:
        shape.is_partial = True
    else:
        shape.pattern = expression


def _unique(shape: Shape, wanted: bool) -> None:  # noqa: FBT001 - a keyword's value
    shape.is_unique = wanted


_ASSERTIONS: Mapping[str, Callable[[Shape, Any], None]] = MappingProxyType(
    {
        "type": _type,
        "enum": _allowed,
        "const": lambda shape, value: _allowed(shape, [value]),
        "minimum": partial(_bound, is_least=True, is_exclusive=False),
        "exclusiveMinimum": partial(_bound, is_least=True, is_exclusive=True),
        "maximum": partial(_bound, is_least=False, is_exclusive=False),
        "exclusiveMaximum": partial(_bound, is_least=False, is_exclusive=True),
        "multipleOf": _step,
        "minLength": _least("length"),
        "maxLength": _most("length"),
        "minItems": _least("size"),
        "maxItems": _most("size"),
        "minProperties": _least("members"),
        "maxProperties": _most("members"),
        "pattern": _pattern,
        "uniqueItems": _unique,
    }
)
