"""How the kernel judges the JSON of a field, beyond whether it is an object or an array.

Its module is imported when a schema first has JSON.
"""

from collections.abc import Sequence

from attrs import frozen

from chalicelib.validation.fast.native.judging import Labels
from chalicelib.validation.fast.native.library import (
    ASK,
    ENDLESS,
    FAULTY,
    IS_ARRAY,
    IS_OBJECT,
    JSON_FAULTS,
    KNOWN,
    TOO_FEW,
    TOO_MANY,
    UNFIT,
    UNLISTED,
)
from chalicelib.validation.fast.native.shapes import PackedShapes, Unpackable, packed
from chalicelib.validation.schema.constraints import Length, Texts
from chalicelib.validation.schema.field_types import Value
from chalicelib.validation.schema.field_types.json_shapes import Shape
from chalicelib.validation.schema.table_schema import Field


@frozen(kw_only=True, eq=False)
class Json:
    """How the kernel judges JSON."""

    kind: int
    """IS_OBJECT or IS_ARRAY."""
    wrong: int
    """The label of a text that is something else."""
    least: int
    """How many items or members there must be."""
    most: int
    shape: PackedShapes | None
    listed: Sequence[Value] | None
    """The values that are allowed; None for all."""
    labels: bytes
    """The labels of JSON of this kind, by the bits of what is wrong with it: TOO_FEW, TOO_MANY, UNFIT, UNLISTED."""


def json_judgement(field: Field, labels: Labels) -> Json:
    """Return how to judge the JSON of a field. The type has a shape, or a constraint, or neither."""
    wrong = labels.label_for((field.type.fault,), FAULTY)
    rules = [each.rule for each in field.constraints]
    bits = [_json_bit(rule, field) for rule in rules]
    shape = next((rule for rule in rules if isinstance(rule, Shape)), field.type.shape)
    try:
        tables = None if shape is None else packed(shape)
    except Unpackable:
        tables, bits = None, [None]
    possible = sum({bit for bit in bits if bit})

    def label_of(broken: int) -> int:
        if field.type.shape is not None and broken & UNFIT:
            return wrong
        if None in bits or broken & ~possible:
            return ASK
        faults = (each.fault for each, bit in zip(field.constraints, bits, strict=True) if bit and broken & bit)
        return labels.label_for(tuple(faults), KNOWN)

    return Json(
        kind=IS_OBJECT if field.type.json is dict else IS_ARRAY,
        wrong=wrong,
        least=max((rule.least for rule in rules if isinstance(rule, Length)), default=0),
        most=min((rule.most for rule in rules if isinstance(rule, Length) and rule.most is not None), default=ENDLESS),
        shape=tables,
        listed=_values(rules, field),
        labels=bytes(map(label_of, range(JSON_FAULTS))),
    )


def _json_bit(rule: object, field: Field) -> int | None:
    """Return what is wrong with JSON that violates a rule; None if only the reference knows whether it does."""
    match rule:
        case Length():
            return TOO_FEW if rule.most is None else TOO_MANY
        case Shape():
            return UNFIT
        case Texts() if field.type.is_plain_json:
            return UNLISTED
    return None


def _values(rules: Sequence[object], field: Field) -> Sequence[Value] | None:
    """Return the JSON that is allowed; None if the rules do not list it."""
    texts = next((rule.texts for rule in rules if isinstance(rule, Texts)), None)
    return None if texts is None or not field.type.is_plain_json else list(map(field.type.parse, texts))
