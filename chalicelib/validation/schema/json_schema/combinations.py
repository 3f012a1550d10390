"""Keywords that apply other schemas to the same value."""

from collections.abc import Sequence
from typing import Any

from chalicelib.validation.schema.json_schema.assertions import test_of_types
from chalicelib.validation.schema.json_schema.compiler import SchemaContext
from chalicelib.validation.schema.json_schema.evaluation import Check, Evaluated, Evaluation, Violation


def ref(_: str, reference: str, context: SchemaContext) -> Check:
    """Compile `$ref` or `$dynamicRef`."""
    return context.referred(reference).check


def recursive_ref(_: str, _reference: str, context: SchemaContext) -> Check:
    """Compile `$recursiveRef`, which is always `#`."""
    return context.referred_recursively().check


def all_of(keyword: str, schemas: Any, context: SchemaContext) -> Check:
    """Compile `allOf` or, in draft 3, `extends`."""
    subschemas = [context.same(schema, keyword) for schema in _listed(schemas)]

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        for subschema in subschemas:
            violation = subschema.check(value, evaluation, evaluated)
            if violation is not None:
                return violation
        return None

    return check


def any_of(keyword: str, schemas: Sequence[Any], context: SchemaContext) -> Check:
    """Compile `anyOf`. The first that fits ends it, unless the others may evaluate more."""
    subschemas = [context.same(schema, keyword) for schema in schemas]
    violation = Violation(keyword)

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        is_fitting = False
        for each in subschemas:
            if each.check(value, evaluation, evaluated) is None:
                is_fitting = True
                if evaluated is None:
                    break
        return None if is_fitting else violation

    return check


def one_of(keyword: str, schemas: Sequence[Any], context: SchemaContext) -> Check:
    """Compile `oneOf`. The second that fits ends it."""
    subschemas = [context.same(schema, keyword, is_exact=True) for schema in schemas]
    violation = Violation(keyword)

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        fits = 0
        for each in subschemas:
            fits += each.check(value, evaluation, evaluated) is None
            if fits > 1:
                break
        return None if fits == 1 else violation

    return check


def not_(keyword: str, schema: Any, context: SchemaContext) -> Check:
    """Compile `not`."""
    subschema = context.same(schema, keyword, is_exact=True)
    violation = Violation(keyword)
    return lambda value, evaluation, _: violation if subschema.check(value, evaluation) is None else None


def if_(keyword: str, schema: Any, context: SchemaContext) -> Check:
    """Compile `if`, `then` and `else`."""
    condition = context.same(schema, keyword, is_exact=True)
    then, otherwise = (
        context.same(context.schema[name], name) if name in context.schema else None for name in ("then", "else")
    )

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        subschema = otherwise if condition.check(value, evaluation, evaluated) is not None else then
        return None if subschema is None else subschema.check(value, evaluation, evaluated)

    return check


def early_type(keyword: str, wanted: Any, context: SchemaContext) -> Check:
    """Compile `type` of draft 3: names of types and schemas, one of which must fit."""
    return _fitting(keyword, wanted, context, is_wanted=True)


def disallow(keyword: str, unwanted: Any, context: SchemaContext) -> Check:
    """Compile `disallow` of draft 3: names of types and schemas, none of which may fit."""
    return _fitting(keyword, unwanted, context, is_wanted=False)


def _fitting(keyword: str, types: Any, context: SchemaContext, *, is_wanted: bool) -> Check:
    names = [each for each in _listed(types) if isinstance(each, str)]
    is_any = "any" in names
    is_of_type = test_of_types([name for name in names if name != "any"], context)
    schemas = [each for each in _listed(types) if not isinstance(each, str)]
    subschemas = [context.same(schema, keyword, is_exact=not is_wanted) for schema in schemas]
    violation = Violation(keyword)

    def check(value: Any, evaluation: Evaluation, _: Evaluated | None) -> Violation | None:
        is_fitting = is_any or is_of_type(value) or any(each.check(value, evaluation) is None for each in subschemas)
        return None if is_fitting is is_wanted else violation

    return check


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]
