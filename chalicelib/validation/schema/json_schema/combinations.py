"""Keywords that apply other schemas to the same value."""

from collections.abc import Sequence
from typing import Any

from chalicelib.validation.schema.json_schema.assertions import test_of_types
from chalicelib.validation.schema.json_schema.compiler import Place
from chalicelib.validation.schema.json_schema.evaluation import Check, Evaluated, Evaluation, Violation


def ref(_: str, reference: str, place: Place) -> Check:
    """Compile `$ref` or `$dynamicRef`."""
    return place.referred(reference).check


def recursive_ref(_: str, _reference: str, place: Place) -> Check:
    """Compile `$recursiveRef`, which is always `#`."""
    return place.referred_recursively().check


def all_of(keyword: str, schemas: Any, place: Place) -> Check:
    """Compile `allOf` or, in draft 3, `extends`."""
    subschemas = [place.same(schema, keyword) for schema in _listed(schemas)]

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        for subschema in subschemas:
            violation = subschema.check(value, evaluation, evaluated)
            if violation is not None:
                return violation
        return None

    return check


def any_of(keyword: str, schemas: Sequence[Any], place: Place) -> Check:
    """Compile `anyOf`. The first that fits ends it, unless the others may evaluate more."""
    subschemas = [place.same(schema, keyword) for schema in schemas]
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


def one_of(keyword: str, schemas: Sequence[Any], place: Place) -> Check:
    """Compile `oneOf`. The second that fits ends it."""
    subschemas = [place.same(schema, keyword, is_exact=True) for schema in schemas]
    violation = Violation(keyword)

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        fits = 0
        for each in subschemas:
            fits += each.check(value, evaluation, evaluated) is None
            if fits > 1:
                break
        return None if fits == 1 else violation

    return check


def not_(keyword: str, schema: Any, place: Place) -> Check:
    """Compile `not`."""
    subschema = place.same(schema, keyword, is_exact=True)
    violation = Violation(keyword)
    return lambda value, evaluation, _: violation if subschema.check(value, evaluation) is None else None


def if_(keyword: str, schema: Any, place: Place) -> Check:
    """Compile `if`, `then` and `else`."""
    condition = place.same(schema, keyword, is_exact=True)
    then, otherwise = (
        place.same(place.schema[name], name) if name in place.schema else None for name in ("then", "else")
    )

    def check(value: Any, evaluation: Evaluation, evaluated: Evaluated | None) -> Violation | None:
        subschema = otherwise if condition.check(value, evaluation, evaluated) is not None else then
        return None if subschema is None else subschema.check(value, evaluation, evaluated)

    return check


def early_type(keyword: str, wanted: Any, place: Place) -> Check:
    """Compile `type` of draft 3: names of types and schemas, one of which must fit."""
    return _fitting(keyword, wanted, place, is_wanted=True)


def disallow(keyword: str, unwanted: Any, place: Place) -> Check:
    """Compile `disallow` of draft 3: names of types and schemas, none of which may fit."""
    return _fitting(keyword, unwanted, place, is_wanted=False)


def _fitting(keyword: str, types: Any, place: Place, *, is_wanted: bool) -> Check:
    names = [each for each in _listed(types) if isinstance(each, str)]
    is_any = "any" in names
    is_of_type = test_of_types([name for name in names if name != "any"], place)
    schemas = [each for each in _listed(types) if not isinstance(each, str)]
    subschemas = [place.same(schema, keyword, is_exact=not is_wanted) for schema in schemas]
    violation = Violation(keyword)

    def check(value: Any, evaluation: Evaluation, _: Evaluated | None) -> Violation | None:
        is_fitting = is_any or is_of_type(value) or any(each.check(value, evaluation) is None for each in subschemas)
        return None if is_fitting is is_wanted else violation

    return check


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]
