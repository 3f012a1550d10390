"""The library jsonschema as a peer: random schemas and values get the same verdict from both."""

import json
import warnings
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema.validators import validator_for

from chalicelib.validation.schema.json_schema.drafts import DRAFTS
from tests.validation.schema.json_schema.compiled import conforming

_NAMES = st.sampled_from(["a", "b", "ab"])
_SCALARS = st.sampled_from([None, True, False, 0, 1, 2, 1.5, -1, "", "a", "ab", "b"])
_VALUES = st.recursive(
    _SCALARS, lambda part: st.lists(part, max_size=4) | st.dictionaries(_NAMES, part, max_size=3), max_leaves=8
)
_TYPES = st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null"])
_SIZES = st.integers(0, 3)
_PATTERNS = st.sampled_from(["a", "^a", "b$", "."])


def _schemas(draft: str) -> st.SearchStrategy[Mapping[str, Any]]:
    """Return schemas of a draft, with two definitions that refer to each other below the members of an object."""
    name = draft.removesuffix("/schema").rpartition("/")[2]
    is_new = name.startswith("20")

    def extended(part: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        inner = part | st.booleans() if name not in {"draft-03", "draft-04"} else part
        several = st.lists(inner, min_size=1, max_size=3)
        named = st.dictionaries(_NAMES, inner, max_size=2)
        keywords: dict[str, st.SearchStrategy[Any]] = {
            **_assertions(name),
            "properties": named,
            "patternProperties": st.dictionaries(_PATTERNS, inner, max_size=2),
            "additionalProperties": part | st.booleans(),
            "items": inner if name.startswith("2020") else part | st.lists(part, min_size=1, max_size=2),
        }
        if name == "draft-03":
            keywords |= {"extends": part, "disallow": _TYPES, "dependencies": st.dictionaries(_NAMES, part, max_size=2)}
        else:
            keywords |= {"allOf": several, "anyOf": several, "oneOf": several, "not": inner}
        if not name.startswith("2020"):
            keywords["additionalItems"] = part | st.booleans()
        if name not in {"draft-03", "draft-04"}:
            keywords |= {"contains": inner, "propertyNames": inner}
        if name == "draft-07" or is_new:
            keywords |= {"if": inner, "then": inner, "else": inner}
        if is_new:
            keywords |= {"dependentSchemas": named, "minContains": _SIZES, "maxContains": _SIZES}
        if name.startswith("2020"):
            keywords |= {"unevaluatedItems": inner, "unevaluatedProperties": inner, "prefixItems": several}
        deeper = st.sampled_from(["a", "b"]).map(lambda key: {"properties": {"b": {"$ref": f"#/definitions/{key}"}}})
        return deeper | _of(keywords)

    schemas = st.recursive(_of(_assertions(name)), extended, max_leaves=10)
    return st.tuples(schemas, schemas, schemas).map(
        lambda drawn: {**drawn[0], "$schema": draft, "definitions": {"a": drawn[1], "b": drawn[2]}}
    )


def _assertions(name: str) -> dict[str, st.SearchStrategy[Any]]:
    keywords: dict[str, st.SearchStrategy[Any]] = {
        "type": _TYPES | st.lists(_TYPES, min_size=1, max_size=3, unique=True),
        "enum": st.lists(_VALUES, min_size=1, max_size=3, unique_by=json.dumps),
        "minimum": _SIZES,
        "maximum": st.sampled_from([0, 1, 1.5]),
        "minLength": _SIZES,
        "maxItems": _SIZES,
        "uniqueItems": st.booleans(),
        "pattern": _PATTERNS,
    }
    if name in {"draft-03", "draft-04"}:
        # The metaschema of draft 4 wants the limit beside it.
        return keywords
    keywords |= {"const": _VALUES, "exclusiveMaximum": _SIZES, "multipleOf": st.sampled_from([1, 2, 0.5])}
    return keywords | {"required": st.lists(_NAMES, max_size=2, unique=True), "minProperties": _SIZES}


def _of(keywords: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Mapping[str, Any]]:
    """Return schemas of up to three of these keywords."""
    one = st.sampled_from(sorted(keywords)).flatmap(lambda name: st.tuples(st.just(name), keywords[name]))
    return st.lists(one, min_size=1, max_size=3).map(dict)


@pytest.mark.parametrize("draft", sorted(DRAFTS))
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_verdict_is_that_of_the_library(draft: str, data: st.DataObject) -> None:
    """Every keyword of every draft means what it means to the library."""
    schema = data.draw(_schemas(draft))
    check = conforming(schema)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = validator_for(schema)(schema)
    for value in data.draw(st.lists(_VALUES, min_size=1, max_size=8)):
        text = json.dumps(value)
        assert peer.is_valid(json.loads(text)) == check(text), text
