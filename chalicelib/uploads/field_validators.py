"""What the fields of a contract may hold: a check, and the same in JSON Schema."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import Attribute, frozen

from chalicelib.errors import FieldInvalid

_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character, which JSON can hold, but no key and no database."""


@frozen
class FieldValidator:
    """A validator of a field that can also tell its rule to whoever reads the description of the API.

    None, where the field's type allows it, keeps every rule.
    """

    holds: Callable[[Any], bool]
    expectation: str
    schema: Mapping[str, Any]
    """What has to hold in JSON Schema, beyond the type."""

    def __call__(self, _: object, attribute: "Attribute[Any]", value: object) -> None:
        """Raise FieldInvalid if the value breaks the rule."""
        if value is not None and not self.holds(value):
            raise FieldInvalid(attribute.name, f"expected {self.expectation}")


def between(least: int, most: int) -> FieldValidator:
    """Give the rule of a number within bounds that are allowed themselves."""
    return FieldValidator(lambda it: least <= it <= most, f"{least} to {most}", {"minimum": least, "maximum": most})


def at_least(least: int) -> FieldValidator:
    """Give the rule of a number that is not below its bound."""
    return FieldValidator(lambda it: it >= least, f"{least} or more", {"minimum": least})


def matching(pattern: str, expectation: str, *, longest: int, but: str | None = None) -> FieldValidator:
    """Give the rule of a text that a pattern matches as a whole, and in which another is nowhere found.

    The patterns have to mean the same to Python and to ECMAScript, which is what JSON Schema speaks. `longest` counts
    characters.
    """
    compiled, excluded = re.compile(pattern), re.compile(but) if but else None

    def holds(text: str) -> bool:
        if len(text) > longest or _SURROGATE.search(text):
            return False
        return bool(compiled.fullmatch(text)) and not (excluded and excluded.search(text))

    schema = {"minLength": 1, "maxLength": longest, "pattern": f"^(?:{pattern})$"}
    return FieldValidator(holds, expectation, {**schema, "not": {"pattern": but}} if but else schema)
