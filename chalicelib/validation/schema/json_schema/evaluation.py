"""Evaluates a compiled JSON Schema on a value, in time linear in the value.

A subschema that several references lead to is evaluated once for each object and array. What remains is bounded by the
number of subschemas times the number of values in the cell, and by a budget of steps.
"""

import json
from collections.abc import Callable
from typing import Any

from attrs import define, evolve, field, frozen

from chalicelib.validation.schema.field_types import canonical
from chalicelib.validation.schema.field_types.field_type import StepsExceeded

STEPS_AT_LEAST = 10_000
STEPS_PER_CHARACTER = 50
"""How many subschemas may be evaluated for a cell, by its length. An ordinary schema takes one or two."""
MAX_DEPTH = 400
"""How many subschemas may be nested in evaluation; each takes two frames of Python's stack, which has 1,000."""


_STATED_CHARACTERS = 100


@frozen
class Violation:
    """The first rule of a JSON Schema that a value breaks."""

    keyword: str
    """The keyword, such as `minimum`."""
    path: tuple[str | int, ...] = ()
    """Where the value breaks it: names of members that the schema states, `*` for any other name, and indexes."""
    wanted: Any = field(default=None, eq=False)
    """The value of the keyword, if it is stated in messages."""

    def within(self, step: str | int) -> "Violation":
        """Return the violation as seen from the object or array around the value."""
        return evolve(self, path=(step, *self.path))

    @property
    def place(self) -> str:
        """The path as text, as in `$.items[2].price`."""
        return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)

    @property
    def rule(self) -> str:
        """The rule as the schema states it, as in `minimum: 5`, or the keyword alone if its value is long."""
        wanted = "" if self.wanted is None else json.dumps(self.wanted, ensure_ascii=False, default=str)
        return f"{self.keyword}: {wanted}" if wanted and len(wanted) <= _STATED_CHARACTERS else self.keyword


@define(eq=False)
class Evaluated:
    """What subschemas have evaluated of one object or array, for `unevaluatedProperties` and `unevaluatedItems`."""

    is_all: bool = False
    keys: set[str | int] = field(factory=set)
    """Names of members, or indexes of items."""

    def add(self, other: "Evaluated") -> None:
        """Include what another subschema has evaluated."""
        self.is_all = self.is_all or other.is_all
        if not self.is_all:
            self.keys |= other.keys


Check = Callable[[Any, "Evaluation", Evaluated | None], Violation | None]
"""Checks a value by one keyword. Records what it evaluates, if that is asked for."""


@define(eq=False)
class Evaluation:
    """The evaluation of one value: its budget, and the results so far."""

    steps: int
    depth: int = 0
    results: dict["Subschema", dict[int, tuple[Violation | None, Evaluated | None]]] = field(factory=dict)
    """By subschema, and by the identity of an object or array, which lives as long as the value."""
    identities: dict[int, str] = field(factory=dict)
    texts: dict[str, str] = field(factory=dict)

    def spend(self, steps: int) -> None:
        """Take steps from the budget. Raises StepsExceeded."""
        self.steps -= steps
        if self.steps < 0:
            raise StepsExceeded

    def identity(self, value: Any) -> str:
        """Return a text that is equal for equal values; each part of a value is gone through once."""
        if not isinstance(value, dict | list):
            return canonical(value)
        known = self.identities.get(id(value))
        if known is None:
            self.spend(1)
            if isinstance(value, dict):
                text = repr(sorted((name, self.identity(member)) for name, member in value.items()))
            else:
                text = ",".join(map(self.identity, value))
            text = f"{type(value).__name__} {text}"
            known = self.identities[id(value)] = self.texts.setdefault(text, f"#{len(self.texts)}")
        return known


@define(eq=False)
class Subschema:
    """A compiled subschema."""

    checks: tuple[Check, ...] = ()
    asks_evaluated: bool = False
    """Whether one of its keywords needs to know what the others have evaluated."""
    is_shared: bool = False
    """Whether it may be evaluated repeatedly for the same value."""
    in_place: list["Subschema"] = field(factory=list)
    """The subschemas that it applies to the same value."""

    def check(self, value: Any, evaluation: Evaluation, evaluated: Evaluated | None = None) -> Violation | None:
        """Return the first violation of a value. Raises StepsExceeded.

        One function, because each level of nesting takes a part of Python's stack.
        """
        results = None
        if self.is_shared and isinstance(value, dict | list):
            results = evaluation.results.setdefault(self, {})
            known = results.get(id(value))
            if known is not None and (evaluated is None or known[1] is not None):
                violation, own = known
                if evaluated is not None and own is not None and violation is None:
                    evaluated.add(own)
                return violation
        evaluation.spend(1)
        evaluation.depth += 1
        if evaluation.depth > MAX_DEPTH:
            raise StepsExceeded
        own = Evaluated() if self.asks_evaluated or evaluated is not None else None
        violation = None
        for check in self.checks:
            violation = check(value, evaluation, own)
            if violation is not None:
                break
        evaluation.depth -= 1
        if results is not None:
            results[id(value)] = violation, own
        if evaluated is not None and violation is None and own is not None:
            evaluated.add(own)
        return violation


def steps_for(text: str) -> int:
    """Return how many steps the evaluation of a cell may take."""
    return STEPS_AT_LEAST + STEPS_PER_CHARACTER * len(text)
