"""JSON Schemas for cells that hold JSON, checked in time linear in the cell.

Libraries match patterns by backtracking, compare the items of `uniqueItems` in pairs, and evaluate a recursive `oneOf`
in exponential time. So the evaluation is Assay's own. The library `jsonschema` checks that a schema is one.
"""

from collections.abc import Callable
from typing import Any

from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.field_types.field_type import StepsExceeded
from chalicelib.validation.schema.field_types.json_shapes import Shape
from chalicelib.validation.schema.json_schema.compiler import Compiler, PatternUnchecked, checked_patterns
from chalicelib.validation.schema.json_schema.drafts import DRAFTS, LATEST
from chalicelib.validation.schema.json_schema.evaluation import Evaluation, Violation, steps_for
from chalicelib.validation.schema.json_schema.instances import instances
from chalicelib.validation.schema.json_schema.shapes import shape_of

__all__ = ["Conformity", "StepsExceeded", "Violation", "conformity", "instances", "shape"]

Conformity = Callable[[str, Any], Violation | None]
"""Returns the first violation of a cell, given its text and its parsed value. Raises StepsExceeded."""


def conformity(node: Node) -> Conformity | None:
    """Compile a JSON Schema into a check. Raises SchemaInvalid.

    Return None, and leave the constraint unchecked, if it needs a pattern that does not run in linear time.
    """
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415 - slow to import, and few schemas need it
    from jsonschema.validators import validator_for  # noqa: PLC0415
    from referencing.jsonschema import DRAFT202012, specification_with  # noqa: PLC0415

    schema = dict(node.as_object())
    uri = schema.get("$schema", "")
    if not isinstance(uri, str):
        node.refuse("expected $schema to be a string")
    specification = validator_for(schema, default=Draft202012Validator)

    def examine(contents: Any) -> None:
        try:
            specification.check_schema(contents)
        except SchemaError as error:
            node.refuse(f"not a JSON Schema: {error.message}")

    examine(schema)
    compiler = Compiler(node, DRAFTS, checked_patterns(node), examine)
    resource = specification_with(uri, default=DRAFT202012).create_resource(schema)
    try:
        root = compiler.compiled(resource, DRAFTS.get(uri.rstrip("#"), LATEST))
    except PatternUnchecked:
        node.leave_unchecked("it would take a pattern that cannot be checked in linear time to say what is wrong")
        return None

    def violation_of(text: str, value: Any) -> Violation | None:
        try:
            return root.check(value, Evaluation(steps_for(text)))
        except RecursionError:  # the caller has taken more of the stack than usual
            raise StepsExceeded from None

    return violation_of


def shape(node: Node) -> Shape | None:
    """Return the shape of the values that conform to a JSON Schema, which has been compiled; None if it has none."""
    schema = node.as_object()
    return shape_of(schema, DRAFTS.get(str(schema.get("$schema", "")).rstrip("#"), LATEST))
