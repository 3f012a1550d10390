"""The expressions of field types cost time in proportion to the length of a cell, whatever it contains."""

import sys
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import pytest

from chalicelib.validation.schema.field_types.calendar import CLOCK, DURATION
from chalicelib.validation.schema.field_types.durations import _DURATION
from chalicelib.validation.schema.field_types.moments import _DATE, _TIME
from tests.validation.schema.backtracking import Backtracking
from tests.validation.schema.field_types.compiled import compiled


def form(**descriptor: Any) -> str:
    """Return the expression of a field's type."""
    return str(compiled(**descriptor).form)


EXPRESSIONS = {
    "email": (form(type="string", format="email"), ("a", "a.", "@", "a@", "a-", "é.")),
    "uri": (form(type="string", format="uri"), ("a", "a:", "/", "[", "[a]", "%41", "?", "#")),
    "uuid": (form(type="string", format="uuid"), ("a", "-")),
    "base64": (form(type="string", format="binary"), ("a", "=", "aa==")),
    "integer": (form(type="integer"), ("1", " ", "+", "1 ")),
    "grouped integer": (form(type="integer", groupChar=","), ("1", ",", "1,", "11,")),
    "number": (form(type="number"), ("1", ".", "1.", "1e", " ", "n")),
    "grouped number": (form(type="number", groupChar=","), ("1", ",", "1,", "1.", "1e")),
    "date": (_DATE.pattern, ("1", "-", "1-")),
    "time": (_TIME.pattern, ("1", ":", "11:", ".", "+")),
    "duration": (_DURATION.pattern, ("1", "P", "P1", "1D", "T1", "1.")),
    "clock": (CLOCK, ("0", ":", "00:", ".0")),
    "duration of the fast path": (DURATION, ("1", "P", "P1", "1D", "T1", "1.")),
}
"""Each expression, with the parts of the texts that it is tried on."""


@pytest.fixture(autouse=True)
def _deep_recursion() -> Iterator[None]:
    """Allow deep recursion: the counting engine calls itself for every character."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(limit)


def grows(engine: Backtracking, texts: Iterable[str]) -> bool:
    """Return whether the steps for each character grow with the number of characters."""
    few, many = (engine.steps(text) / len(text) for text in texts)
    return many > 1.5 * few + 8


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_longer_text_takes_no_more_steps_for_each_character(name: str) -> None:
    """A repeated part, with any part before and after it, costs no more for each character."""
    expression, parts = EXPRESSIONS[name]
    engine = Backtracking(expression)
    for before, repeated, after in product(("", *parts), parts, ("", "\0")):
        assert not grows(engine, (before + repeated * times + after for times in (100, 200)))


@pytest.mark.parametrize(("expression", "few", "many"), [("(a+)+", 6, 12), ("a*a*b", 100, 200), ("(a|aa)*b", 6, 12)])
def test_the_count_detects_slow_expressions(expression: str, few: int, many: int) -> None:
    """The counting engine detects expressions that are known to be slow."""
    assert grows(Backtracking(expression), ("a" * few + "!", "a" * many + "!"))
