"""Keywords that look at a value alone: its type, size, text or number."""

from collections.abc import Callable, Mapping, Sequence, Sized
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from chalicelib.validation.schema.json_schema import values
from chalicelib.validation.schema.json_schema.compiler import Keyword, SchemaContext
from chalicelib.validation.schema.json_schema.evaluation import Check, Evaluated, Evaluation, Violation

Compare = Callable[[Any, Any], bool]


def _check(keyword: str, wanted: Any, conforms: Callable[[Any], bool]) -> Check:
    violation = Violation(keyword, wanted=wanted)
    return lambda value, _evaluation, _evaluated: None if conforms(value) else violation


def type_(keyword: str, wanted: str | Sequence[str], context: SchemaContext) -> Check:
    """Compile `type`."""
    return _check(keyword, wanted, test_of_types([wanted] if isinstance(wanted, str) else wanted, context))


def test_of_types(names: Sequence[str], context: SchemaContext) -> Callable[[Any], bool]:
    """Return a test for types by name. Raises SchemaInvalid."""
    for name in names:
        if name not in values.TYPES:
            context.compiler.node.refuse(f"not a JSON Schema: there is no type {name!r}")
    return values.is_of(names, written=context.draft.has_written_integers)


def enum(keyword: str, allowed: Sequence[Any], _: SchemaContext) -> Check:
    """Compile `enum`."""
    return _check(keyword, allowed, values.is_one_of(allowed))


def const(keyword: str, allowed: Any, _: SchemaContext) -> Check:
    """Compile `const`."""
    return _check(keyword, allowed, values.is_one_of([allowed]))


# --- numbers --------------------------------------------------------------------------------------------------------


def bound(compare: Compare) -> Keyword:
    """Return the keyword of a limit for numbers."""
    return lambda keyword, limit, context: _bound(keyword, limit, context, compare)


def early_bound(exclusive: str, inclusively: Compare, exclusively: Compare) -> Keyword:
    """Return the keyword of a limit that another keyword makes exclusive, as up to draft 4."""
    return lambda keyword, limit, context: _bound(
        keyword, limit, context, exclusively if context.schema.get(exclusive) else inclusively
    )


def _bound(keyword: str, limit: Any, context: SchemaContext, compare: Compare) -> Check:
    number = _number(limit, context)
    return _check(keyword, limit, lambda value: type(value) is not Decimal or compare(value, number))


def multiple_of(keyword: str, step: Any, context: SchemaContext) -> Check:
    """Compile `multipleOf` or, in draft 3, `divisibleBy`."""
    number = _number(step, context)
    return _check(keyword, step, lambda value: type(value) is not Decimal or values.is_multiple(value, number))


def _number(written: Any, context: SchemaContext) -> Decimal:
    number: Decimal = values.exact(written)
    if not number.is_finite():
        context.compiler.node.refuse(f"{written} is no limit: it is not finite")
    return number


# --- sizes ----------------------------------------------------------------------------------------------------------


def size(kind: type[Sized], compare: Callable[[int, Any], bool]) -> Keyword:
    """Return the keyword of a limit for the size of texts, arrays or objects."""

    def keyword_(keyword: str, limit: Any, _: SchemaContext) -> Check:
        return _check(keyword, limit, lambda value: not isinstance(value, kind) or compare(len(value), limit))

    return keyword_


def pattern(keyword: str, expression: str, context: SchemaContext) -> Check | None:
    """Compile `pattern`."""
    matches = context.matcher(expression)
    return (
        None
        if matches is None
        else _check(keyword, expression, lambda value: not isinstance(value, str) or matches(value))
    )


def unique_items(keyword: str, wanted: bool, _: SchemaContext) -> Check | None:  # noqa: FBT001 - a keyword's value
    """Compile `uniqueItems`. Items are compared as texts, whose hashes no file can make collide."""
    violation = Violation(keyword)

    def check(value: Any, evaluation: Evaluation, _: Evaluated | None) -> Violation | None:
        if not isinstance(value, list):
            return None
        evaluation.spend(len(value))
        return violation if len(set(map(evaluation.identity, value))) < len(value) else None

    return check if wanted else None


def required(keyword: str, names: Sequence[str], _: SchemaContext) -> Check:
    """Compile `required`."""
    return _check(keyword, names, lambda value: not isinstance(value, dict) or all(name in value for name in names))


def dependent_required(keyword: str, names: Mapping[str, Sequence[str]], _: SchemaContext) -> Check:
    """Compile `dependentRequired`."""
    return _check(keyword, names, lambda value: not isinstance(value, dict) or _has_all(value, names))


def _has_all(value: Mapping[str, Any], names: Mapping[str, Sequence[str]]) -> bool:
    return all(each in value for name, wanted in names.items() if name in value for each in wanted)


ASSERTIONS: Mapping[str, Keyword] = {
    "type": type_,
    "enum": enum,
    "maxLength": size(str, le),
    "minLength": size(str, ge),
    "pattern": pattern,
    "maxItems": size(list, le),
    "minItems": size(list, ge),
    "uniqueItems": unique_items,
}
"""Those of every draft; only in draft 3 `type` has more."""
EARLY_BOUNDS: Mapping[str, Keyword] = {
    "maximum": early_bound("exclusiveMaximum", le, lt),
    "minimum": early_bound("exclusiveMinimum", ge, gt),
}
BOUNDS: Mapping[str, Keyword] = {
    "maximum": bound(le),
    "exclusiveMaximum": bound(lt),
    "minimum": bound(ge),
    "exclusiveMinimum": bound(gt),
}
SINCE_DRAFT_4: Mapping[str, Keyword] = {
    "multipleOf": multiple_of,
    "maxProperties": size(dict, le),
    "minProperties": size(dict, ge),
    "required": required,
}
