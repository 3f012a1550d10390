"""Random JSON Schemas, for values such as `values/json_values.py` makes."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import Any

_NAMES = ("a", "b", "id", "type", "n", "lines", "é")
_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_DRAFTS = (
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
)
_MOST_DEPTH = 3


def json_schema(rng: Random) -> Mapping[str, Any]:
    """Return a schema of some draft. It may be refused."""
    made = _object(rng, 0)
    made["definitions"] = {"x": _schema(rng, _MOST_DEPTH), "y": _schema(rng, 1)}
    if rng.random() < 0.4:
        made["$schema"] = rng.choice(_DRAFTS)
    return made


def _schema(rng: Random, depth: int) -> Any:
    if depth > _MOST_DEPTH or rng.random() < 0.1:
        return rng.choice((True, True, False, {}, {"type": rng.choice(_TYPES)}))
    return _object(rng, depth)


def _object(rng: Random, depth: int) -> dict[str, Any]:
    names = rng.sample(list(_KEYWORDS), rng.choice((1, 1, 2, 2, 3, 4)))
    return {name: _KEYWORDS[name](rng, depth + 1) for name in names}


def _schemas(rng: Random, depth: int) -> Sequence[Any]:
    return [_schema(rng, depth) for _ in range(rng.randint(1, 3))]


def _named(rng: Random, depth: int) -> Mapping[str, Any]:
    return {name: _schema(rng, depth) for name in rng.sample(_NAMES, rng.randint(1, 3))}


def _value(rng: Random) -> Any:
    return rng.choice((None, True, False, 0, 1, 1.0, 2.5, 100, "a", "no", "Aé", "", [], [1], {}, {"a": 1}))


def _one_of(*values: Any) -> Callable[[Random, int], Any]:
    return lambda rng, _depth: rng.choice(values)


_SIZE = _one_of(0, 1, 2, 3, 2.0)
_LIMIT = _one_of(-1, 0, 0.5, 1, 2, 5, 1.50, 100, 1e3, -0.0)
_KEYWORDS: Mapping[str, Callable[[Random, int], Any]] = MappingProxyType(
    {
        "type": lambda rng, _: rng.choice((rng.choice(_TYPES), rng.sample(_TYPES, 3))),
        "enum": lambda rng, _: [_value(rng) for _ in range(rng.randint(1, 4))],
        "const": lambda rng, _: _value(rng),
        "minimum": _LIMIT,
        "maximum": _LIMIT,
        "exclusiveMinimum": lambda rng, depth: rng.choice((_LIMIT(rng, depth), True)),
        "exclusiveMaximum": _LIMIT,
        "multipleOf": _one_of(1, 2, 3, 0.5, 0.01, 1e2, 1e-3),
        "minLength": _SIZE,
        "maxLength": _SIZE,
        "minItems": _SIZE,
        "maxItems": _SIZE,
        "minProperties": _SIZE,
        "maxProperties": _SIZE,
        "pattern": _one_of("^[a-zA-Z]*$", "b", "^a", "o$", "^(?:a|no)$", r"\d", "^.$", "a|^n", r"^\w+$"),
        "format": _one_of("date", "email"),
        "uniqueItems": lambda rng, _: rng.random() < 0.8,
        "properties": _named,
        "patternProperties": lambda rng, depth: {"^[ab]": _schema(rng, depth), "[b-z]$": _schema(rng, depth)},
        "dependencies": lambda rng, depth: {"a": _schema(rng, depth), "b": ["a"]},
        "dependentRequired": _one_of({"a": ["b", "id"]}),
        "dependentSchemas": _named,
        "additionalProperties": _schema,
        "propertyNames": _schema,
        "required": lambda rng, _: rng.sample(_NAMES, rng.randint(1, 2)),
        "items": lambda rng, depth: rng.choice((_schema, _schema, _schemas))(rng, depth),
        "prefixItems": _schemas,
        "additionalItems": _schema,
        "contains": _schema,
        "allOf": _schemas,
        "anyOf": _schemas,
        "oneOf": _schemas,
        "not": _schema,
        "if": _schema,
        "then": _schema,
        "else": _schema,
        "$ref": _one_of("#", "#/definitions/x", "#/definitions/y"),
        "unevaluatedProperties": lambda _rng, _depth: False,
    }
)
