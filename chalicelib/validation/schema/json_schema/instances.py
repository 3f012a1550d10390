"""Values that probably conform to a JSON Schema, as examples in messages. The caller tries each of them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.validation.regex.samples import samples
from chalicelib.validation.regex.translation import UntranslatableError

_MAX_DEPTH = 6
_MAX_VALUES = 50
_MAX_MEMBERS = 8
"""A longer example is no example."""
_FORMATS: Mapping[str, str] = {
    "date": "2024-02-29",
    "date-time": "2024-02-29T12:30:00Z",
    "time": "12:30:00Z",
    "email": "anna@example.org",
    "uri": "https://example.org/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
_Schema = Mapping[str, Any]


def instances(schema: Any) -> Iterator[Any]:
    """Yield the schema's own examples, and values made from its keywords: with required members, and with all."""
    if isinstance(schema, Mapping):
        yield from _examples(schema)
        for is_full in (False, True):
            yield _Maker(schema, is_full=is_full).instance(schema, 0)


def _examples(schema: _Schema) -> Iterator[Any]:
    stated = schema.get("examples")
    yield from stated if isinstance(stated, list) else ()
    if "default" in schema:
        yield schema["default"]


def _stated(schema: _Schema) -> Iterator[Any]:
    """Yield the values that a schema itself states."""
    if "const" in schema:
        yield schema["const"]
    allowed = schema.get("enum")
    yield from allowed if isinstance(allowed, list) else ()
    yield from _examples(schema)


class _Maker:
    """Makes a value of one schema."""

    def __init__(self, root: _Schema, *, is_full: bool) -> None:
        """Resolve references in the root; make all members, or only the required ones."""
        self._root = root
        self._is_full = is_full
        self._left = _MAX_VALUES

    def instance(self, schema: Any, depth: int) -> Any:
        """Return a value of a subschema; null if it is too deep, or says nothing."""
        self._left -= 1
        if not isinstance(schema, Mapping) or depth > _MAX_DEPTH or self._left < 0:
            return None
        schema = self._flat(schema)
        stated = list(_stated(schema))
        return stated[0] if stated else self._made(schema, depth)

    def _made(self, schema: _Schema, depth: int) -> Any:
        match _type(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth)
            case "string":
                return _string(schema)
            case "integer" | "number" as kind:
                return _number(schema, is_whole=kind == "integer")
            case "boolean":
                return True
        return None

    def _flat(self, schema: _Schema) -> _Schema:
        """Return a schema with those that it refers to or combines, as far as they are simple."""
        parts: list[Any] = [schema]
        if isinstance(reference := schema.get("$ref"), str):
            parts.append(self._referred(reference))
        parts += schema["allOf"] if isinstance(schema.get("allOf"), list) else []
        for keyword in ("anyOf", "oneOf"):
            parts += schema[keyword][:1] if isinstance(schema.get(keyword), list) else []
        flat: dict[str, Any] = {}
        for part in reversed(parts):
            for name, value in part.items() if isinstance(part, Mapping) else ():
                known = flat.get(name)
                flat[name] = value
                if isinstance(value, Mapping) and isinstance(known, Mapping):
                    flat[name] = {**known, **value}
                elif isinstance(value, list) and isinstance(known, list):
                    flat[name] = [*known, *value]
        return flat

    def _referred(self, reference: str) -> Any:
        found: Any = self._root if reference.startswith("#") else None
        for step in reference[1:].strip("/").split("/") if reference != "#" else ():
            found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
        return found

    def _object(self, schema: _Schema, depth: int) -> Any:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        names = [*required] if isinstance(required, list) else []
        if self._is_full and isinstance(properties, Mapping):
            names += [name for name in properties if name not in names]
        other = schema.get("additionalProperties")
        least = schema.get("minProperties", 0)
        wanted = min(least, _MAX_MEMBERS) if isinstance(least, int) else 0
        names += [f"a{number}" for number in range(wanted - len(names))]
        return {
            name: self.instance(properties.get(name, other) if isinstance(properties, Mapping) else other, depth + 1)
            for name in names[:_MAX_MEMBERS]
            if isinstance(name, str)
        }

    def _array(self, schema: _Schema, depth: int) -> Any:
        items = schema.get("items")
        first = schema.get("prefixItems", items if isinstance(items, list) else [])
        least = schema.get("minItems", int(self._is_full))
        count = max(len(first), min(least if isinstance(least, int) else 0, _MAX_MEMBERS))
        return [self.instance(first[at] if at < len(first) else items, depth + 1) for at in range(count)]


def _type(schema: _Schema) -> str | None:
    """Return the type that a schema requires, or that its keywords are for."""
    stated = schema.get("type")
    if isinstance(stated, list) and stated:
        stated = stated[0]
    if isinstance(stated, str):
        return stated
    for kind, keywords in (
        ("object", ("properties", "required", "minProperties", "additionalProperties")),
        ("array", ("items", "prefixItems", "minItems", "uniqueItems")),
        ("string", ("pattern", "minLength", "format")),
        ("number", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
    ):
        if any(keyword in schema for keyword in keywords):
            return kind
    return None


def _string(schema: _Schema) -> str:
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        try:
            return next(samples(pattern), "")
        except (UntranslatableError, OverflowError, re.error):
            return ""
    least = schema.get("minLength", 0)
    text = _FORMATS.get(str(schema.get("format")), "text")
    return text.ljust(min(least, 100), "x") if isinstance(least, int) else text


def _number(schema: _Schema, *, is_whole: bool) -> Any:
    step = schema.get("multipleOf")
    if isinstance(step, int | float):
        return step
    for keyword, offset in (("minimum", 0), ("exclusiveMinimum", 1), ("maximum", 0), ("exclusiveMaximum", -1)):
        limit = schema.get(keyword)
        if isinstance(limit, int | float) and not isinstance(limit, bool):
            return int(limit + offset) if is_whole and abs(limit) < 2**53 else limit + offset
    return 1
