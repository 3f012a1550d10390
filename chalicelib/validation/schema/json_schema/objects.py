"""Keywords about the members of objects."""

from collections.abc import Mapping
from typing import Any

from chalicelib.validation.schema.json_schema.compiler import SchemaContext
from chalicelib.validation.schema.json_schema.evaluation import Check, Evaluated, Evaluation, Subschema, Violation

OTHER = "*"
"""Stands in a path for a name that the schema does not state: it may be confidential, as all of the cell."""


def properties(keyword: str, schemas: Mapping[str, Any], context: SchemaContext) -> Check:
    """Compile `properties`."""
    members = {name: context.subschema(schema, keyword) for name, schema in schemas.items()}

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        if not isinstance(value, dict):
            return None
        for name, member in members.items():
            if name in value:
                violation = member.check(value[name], evaluation)
                if violation is not None:
                    return violation.within(name)
                if evaluated is not None:
                    evaluated.keys.add(name)
        return None

    return check


def pattern_properties(keyword: str, schemas: Mapping[str, Any], context: SchemaContext) -> Check:
    """Compile `patternProperties`."""
    tests = [(context.matcher(pattern), context.subschema(schema, keyword)) for pattern, schema in schemas.items()]
    is_unsure = any(matches is None for matches, _ in tests)

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        for name, member in value.items() if isinstance(value, dict) else ():
            for matches, subschema in tests:
                if matches is not None and matches(name):
                    violation = subschema.check(member, evaluation)
                    if violation is not None:
                        return violation.within(OTHER)
                    if evaluated is not None:
                        evaluated.keys.add(name)
        if evaluated is not None and is_unsure:
            evaluated.is_all = True
        return None

    return check


def additional_properties(keyword: str, schema: Any, context: SchemaContext) -> Check | None:
    """Compile `additionalProperties`."""
    known = context.schema.get("properties", {})
    patterns = [context.matcher(pattern) for pattern in context.schema.get("patternProperties", {})]
    subschema = context.subschema(schema, keyword)
    certain = [matches for matches in patterns if matches is not None]
    if len(certain) < len(patterns):
        return None  # any member may be one of the pattern that is not checked

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        for name, member in value.items() if isinstance(value, dict) else ():
            if name not in known and not any(matches(name) for matches in certain):
                violation = subschema.check(member, evaluation)
                if violation is not None:
                    return violation.within(OTHER)
        if evaluated is not None and isinstance(value, dict):
            evaluated.is_all = True
        return None

    return check


def property_names(keyword: str, schema: Any, context: SchemaContext) -> Check:
    """Compile `propertyNames`."""
    subschema = context.subschema(schema, keyword)

    def check(value: Any, evaluation: Evaluation, _: Evaluated | None) -> Violation | None:
        for name in value if isinstance(value, dict) else ():
            violation = subschema.check(name, evaluation)
            if violation is not None:
                return Violation(keyword)
        return None

    return check


def dependencies(keyword: str, wanted: Mapping[str, Any], context: SchemaContext) -> Check:
    """Compile `dependencies` or `dependentSchemas`: names or a schema for objects that have a member."""
    names: dict[str, tuple[str, ...]] = {}
    schemas: dict[str, Subschema] = {}
    for name, each in wanted.items():
        if isinstance(each, str | list):
            names[name] = (each,) if isinstance(each, str) else tuple(each)
        else:
            schemas[name] = context.same(each, keyword)
    violation_of_names = Violation(keyword)

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        if not isinstance(value, dict):
            return None
        if any(each not in value for name, others in names.items() if name in value for each in others):
            return violation_of_names
        for name, subschema in schemas.items():
            violation = subschema.check(value, evaluation, evaluated) if name in value else None
            if violation is not None:
                return violation
        return None

    return check


def unevaluated_properties(keyword: str, schema: Any, context: SchemaContext) -> Check:
    """Compile `unevaluatedProperties`."""
    subschema = context.subschema(schema, keyword)

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        if not isinstance(value, dict) or evaluated is None or evaluated.is_all:
            return None
        for name, member in value.items():
            violation = None if name in evaluated.keys else subschema.check(member, evaluation)
            if violation is not None:
                return violation.within(OTHER)
        evaluated.is_all = True
        return None

    return check


def early_properties(keyword: str, schemas: Mapping[str, Any], context: SchemaContext) -> Check:
    """Compile `properties` of draft 3, where a member's schema says whether it is required."""
    needed = [name for name, schema in schemas.items() if schema.get("required")]
    check = properties(keyword, schemas, context)
    violation = Violation("required")

    def check_early(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        if isinstance(value, dict) and any(name not in value for name in needed):
            return violation
        return check(value, evaluation, evaluated)

    return check_early
