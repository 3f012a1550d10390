"""Keywords about the items of arrays."""

from collections.abc import Sequence
from typing import Any

from chalicelib.validation.schema.json_schema.compiler import Keyword, SchemaContext
from chalicelib.validation.schema.json_schema.evaluation import Check, Evaluated, Evaluation, Subschema, Violation


def items(keyword: str, schema: Any, context: SchemaContext) -> Check:
    """Compile `items` as of draft 2020-12: the items beyond `prefixItems`."""
    return _rest(context.subschema(schema, keyword), len(context.schema.get("prefixItems", ())))


def early_items(keyword: str, schema: Any, context: SchemaContext) -> Check:
    """Compile `items` before draft 2020-12: one schema for all, or one for each of the first."""
    if isinstance(schema, list):
        return prefix_items(keyword, schema, context)
    return _rest(context.subschema(schema, keyword), 0)


def additional_items(keyword: str, schema: Any, context: SchemaContext) -> Check | None:
    """Compile `additionalItems`: the items beyond those that have a schema each."""
    first = context.schema.get("items")
    return _rest(context.subschema(schema, keyword), len(first)) if isinstance(first, list) else None


def _rest(subschema: Subschema, start: int) -> Check:
    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        if not isinstance(value, list):
            return None
        for index in range(start, len(value)):
            violation = subschema.check(value[index], evaluation)
            if violation is not None:
                return violation.within(index)
        if evaluated is not None:
            evaluated.is_all = True
        return None

    return check


def prefix_items(keyword: str, schemas: Sequence[Any], context: SchemaContext) -> Check:
    """Compile `prefixItems`: one schema for each of the first items."""
    first = [context.subschema(schema, keyword) for schema in schemas]

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        for index, (item, subschema) in enumerate(zip(value, first, strict=False) if isinstance(value, list) else ()):
            violation = subschema.check(item, evaluation)
            if violation is not None:
                return violation.within(index)
            if evaluated is not None:
                evaluated.keys.add(index)
        return None

    return check


def contains(*, has_limits: bool) -> Keyword:
    """Return the keyword `contains`, with the limits that drafts since 2019-09 have."""

    def keyword_(keyword: str, schema: Any, context: SchemaContext) -> Check:
        least = context.schema.get("minContains", 1) if has_limits else 1
        most = context.schema.get("maxContains") if has_limits else None
        subschema = context.subschema(schema, keyword, is_exact=most is not None)
        too_few, too_many = (
            Violation("minContains" if "minContains" in context.schema else keyword),
            Violation("maxContains"),
        )

        def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
            if not isinstance(value, list):
                return None
            count = 0
            for index, item in enumerate(value):
                if count >= least and most is None and evaluated is None:
                    break
                if subschema.check(item, evaluation) is None:
                    count += 1
                    if evaluated is not None:
                        evaluated.keys.add(index)
            if count < least:
                return too_few
            return too_many if most is not None and count > most else None

        return check

    return keyword_


def unevaluated_items(keyword: str, schema: Any, context: SchemaContext) -> Check:
    """Compile `unevaluatedItems`."""
    subschema = context.subschema(schema, keyword)

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        if not isinstance(value, list) or evaluated is None or evaluated.is_all:
            return None
        for index, item in enumerate(value):
            violation = None if index in evaluated.keys else subschema.check(item, evaluation)
            if violation is not None:
                return violation.within(index)
        evaluated.is_all = True
        return None

    return check
