"""JSON Schemas for cells that hold JSON, without costs that explode with the content of a cell.

The library matches patterns by backtracking, and compares the items of `uniqueItems` pairwise. Keywords of our own
replace these.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import frozen

from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema import patterns

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from referencing import Registry

_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"})
"""Keywords whose members are schemas by name."""
_VALUES = frozenset({"const", "enum", "default", "examples"})
"""Keywords whose value is never a schema."""


def conformity(node: Node) -> Callable[[str], bool]:
    """Compile a JSON Schema into a check of JSON texts. Raises SchemaInvalid, some of it only on use."""
    from jsonschema import SchemaError  # noqa: PLC0415 - slow to import, and few schemas need it
    from jsonschema.validators import validator_for  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    schema = dict(node.as_object())
    if not isinstance(schema.get("$schema", ""), str):
        node.refuse("expected $schema to be a string")
    known = validator_for(schema)
    try:
        known.check_schema(schema)
    except SchemaError as error:
        node.refuse(f"not a JSON Schema: {error.message}")
    matches = _checked_patterns(node)
    # With $schema, the library would use its own keywords instead of ours.
    schema.pop("$schema", None)
    # Nothing is fetched: a $ref reaches the schema itself and the specifications.
    check = _with_our_keywords(known, node, matches)(schema, registry=_specifications())

    def conforms(text: str) -> bool:
        try:
            return bool(check.is_valid(json.loads(text, parse_int=_integer)))
        except Unresolvable:
            node.refuse("a $ref leads nowhere: only this schema and the JSON Schema specifications can be referenced")
        except (ArithmeticError, RecursionError, TypeError, ValueError):  # a number or a nesting beyond the limits
            return False

    return conforms


def _integer(digits: str) -> int | Decimal:
    """Parse a whole number. Python refuses to convert thousands of digits to an int."""
    return int(digits) if len(digits) < _LONG_INTEGER else Decimal(digits)


_LONG_INTEGER = 4000


def _with_our_keywords(known: Any, node: Node, matches: dict[str, patterns.Matches]) -> Any:
    from jsonschema import ValidationError  # noqa: PLC0415
    from jsonschema.validators import extend  # noqa: PLC0415

    ours = _Keywords(node, matches, ValidationError("is wrong"))
    keywords = {
        "pattern": ours.pattern,
        "patternProperties": ours.pattern_properties,
        "additionalProperties": ours.additional_properties,
        "uniqueItems": ours.unique_items,
    }
    return extend(known, keywords)  # type: ignore[no-untyped-call]


def _specifications() -> "Registry[Any]":
    """Return the specifications' schemas without their $schema, so that our keywords apply."""
    from jsonschema_specifications import REGISTRY  # noqa: PLC0415
    from referencing import Resource  # noqa: PLC0415
    from referencing.jsonschema import specification_with  # noqa: PLC0415

    known: Registry[Any] = REGISTRY
    schemas = {uri: dict(known[uri].contents) for uri in known}
    dialects = {uri: specification_with(schema.pop("$schema")) for uri, schema in schemas.items()}
    return known.with_resources(
        (uri, Resource.from_contents(schema, default_specification=dialects[uri])) for uri, schema in schemas.items()
    )


# --- refused with the schema -----------------------------------------------------------------------------------


def _checked_patterns(node: Node) -> dict[str, patterns.Matches]:
    """Compile all patterns. Raises SchemaInvalid for what cannot be checked in linear time."""
    compiled: dict[str, patterns.Matches] = {}
    schemas = list(_schemas(node))
    names = {name for schema in schemas for name in schema.as_object()}
    for schema in schemas[1:]:
        if "$schema" in schema.as_object():
            schema.refuse("only the outermost schema may have a $schema")
    for schema in schemas:
        for pattern in _patterns(schema):
            compiled[pattern.value] = patterns.anywhere(pattern)
        if "patternProperties" in names and (unevaluated := schema.child("unevaluatedProperties")) is not None:
            unevaluated.refuse("not supported in one schema with patternProperties; use additionalProperties")
    return compiled


def _schemas(node: Node) -> Iterator[Node]:
    """Iterate over a schema and all schemas within it."""
    if isinstance(node.value, Mapping):
        yield node
        for name, child in node.members():
            if name in _NAMED and isinstance(child.value, Mapping):
                for _, member in child.members():
                    yield from _schemas(member)
            elif name not in _VALUES:
                yield from _schemas(child)
    elif isinstance(node.value, list):
        for item in node.items():
            yield from _schemas(item)


def _patterns(schema: Node) -> Iterator[Node]:
    pattern = schema.child("pattern")
    if pattern is not None and isinstance(pattern.value, str):
        yield pattern
    named = schema.child("patternProperties")
    if named is not None and isinstance(named.value, Mapping):
        yield from (Node(name, f"{named.path}[{name!r}]") for name in named.value)


# --- keywords -------------------------------------------------------------------------------------------------------

_Errors = Iterator["ValidationError"]


@frozen
class _Keywords:
    """Keywords that replace the library's."""

    node: Node
    """The schema, for the path of a pattern that is refused on use."""
    matches: dict[str, patterns.Matches]
    """The compiled patterns."""
    wrong: "ValidationError"

    def pattern(self, _: Any, pattern: str, value: Any, _schema: Any) -> _Errors:
        if isinstance(value, str) and not self._matches(pattern, value):
            yield self.wrong

    def pattern_properties(self, validator: Any, schemas: Any, value: Any, _: Any) -> _Errors:
        for name, member in value.items() if isinstance(value, dict) else ():
            for pattern, schema in schemas.items():
                if self._matches(pattern, name):
                    yield from validator.descend(member, schema)

    def additional_properties(self, validator: Any, wanted: Any, value: Any, schema: Any) -> _Errors:
        known, patterns_ = schema.get("properties", {}), schema.get("patternProperties", {})
        for name, member in value.items() if isinstance(value, dict) else ():
            if name not in known and not any(self._matches(pattern, name) for pattern in patterns_):
                yield from validator.descend(member, wanted)

    def unique_items(self, _: Any, wanted: Any, value: Any, _schema: Any) -> _Errors:
        if wanted and isinstance(value, list) and len(set(map(_written, value))) < len(value):
            yield self.wrong

    def _matches(self, pattern: str, text: str) -> bool:
        if pattern not in self.matches:  # of a specification that a $ref leads to
            self.matches[pattern] = patterns.anywhere(Node(pattern, self.node.path))
        return self.matches[pattern](text)


def _written(value: Any) -> str:
    """Return a text that is equal for equal JSON values. Its hash, unlike a number's, cannot be made to collide."""
    match value:
        case float() if value.is_integer():
            return str(int(value))
        case dict():
            return "{" + ",".join(f"{name!r}:{_written(member)}" for name, member in sorted(value.items())) + "}"
        case list():
            return "[" + ",".join(map(_written, value)) + "]"
    return repr(value)
