"""Validators of the fields of messages, each with the same rule in JSON Schema."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import Attribute, frozen

from chalicelib.errors import FieldInvalid

_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair, which JSON can contain, but no object key and no database."""


@frozen
class FieldValidator:
    """Validates a field, and describes its rule for the OpenAPI description.

    None is valid where the field's type allows it.
    """

    holds: Callable[[Any], bool]
    expectation: str
    schema: Mapping[str, Any]
    """The rule as JSON Schema, beyond the type."""

    def __call__(self, _: object, attribute: "Attribute[Any]", value: object) -> None:
        """Raise FieldInvalid if the value breaks the rule."""
        if value is not None and not self.holds(value):
            raise FieldInvalid(attribute.name, f"expected {self.expectation}")


def between(least: int, most: int) -> FieldValidator:
    """Return the validator of a number from `least` to `most`."""
    return FieldValidator(lambda it: least <= it <= most, f"{least} to {most}", {"minimum": least, "maximum": most})


def at_least(least: int) -> FieldValidator:
    """Return the validator of a number of at least `least`."""
    return FieldValidator(lambda it: it >= least, f"{least} or more", {"minimum": least})


def matching(pattern: str, expectation: str, *, longest: int, but: str | None = None) -> FieldValidator:
    """Return the validator of a text that matches `pattern` as a whole, and that contains no match of `but`.

    The patterns must mean the same in Python and in ECMAScript, which JSON Schema uses. `longest` is in characters.
    """
    compiled, excluded = re.compile(pattern), re.compile(but) if but else None

    def holds(text: str) -> bool:
        if len(text) > longest or _SURROGATE.search(text):
            return False
        return bool(compiled.fullmatch(text)) and not (excluded and excluded.search(text))

    schema = {"minLength": 1, "maxLength": longest, "pattern": f"^(?:{pattern})$"}
    return FieldValidator(holds, expectation, {**schema, "not": {"pattern": but}} if but else schema)
