"""Patterns of schemas: the verdicts of Python's `re`, in linear time."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import Schema
from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.patterns import anywhere, whole
from tests.validation.verdicts import found, schema_of

REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("(?=a)a", "(?!b)a", "a(?<=a)", "a(?<!b)", "(?!)"), "it looks around"),
    **dict.fromkeys((r"(a)\1", "(?P<x>a)(?P=x)", "(a)?(?(1)b|c)"), "it refers back to a group"),
    **dict.fromkeys(("a*+", "a++", "a?+", "a{1,2}+"), "it never gives back what it repeats"),
    "(?>a)": "it never goes back into a group",
    **dict.fromkeys((r"\ba", r"a\b", r"a\B", "a^b", "(?:a$|b)c", r"a\Zb"), "it asks for a beginning, an end or"),
    **dict.fromkeys(("a{1001}", "(?:a{40}){40}"), "it repeats something more than 1,000 times: use minLength"),
    **dict.fromkeys(("a" * 4001, r"\w" * 200), "it is larger than 4,000 characters with all repetitions"),
    "(" * 51 + "a" + ")" * 51: "groups stand in each other, more than 50 deep",
    r"\w{999}\w{999}\w": "the automaton of the expression is too large",
    **dict.fromkeys(("[ab]*a[ab]{99}", ".*x.{0,999}", "(?:.{0,30}x){30}"), "what it repeats overlaps so much"),
}
"""Patterns that cannot run in linear time, or take many steps for each character, and the reason given."""


@pytest.mark.parametrize("pattern", REFUSED, ids=lambda each: each[:20])
def test_slow_pattern_is_refused_with_the_schema(pattern: str) -> None:
    """The message has the path, the cause, and what to write instead."""
    re.compile(pattern)  # to Python it means something
    with pytest.raises(SchemaInvalid) as refused:
        Schema.from_descriptor(schema_of({}, {"type": "string", "constraints": {"pattern": pattern}}))
    path, reason = str(refused.value).split(": the pattern cannot be checked in linear time: ")
    assert "$.fields[1].constraints.pattern" == path
    assert reason.startswith(REFUSED[pattern])


@pytest.mark.parametrize(
    "pattern", ["(a+)+", "(a|aa)+", "(a|a)*", "(.*a){20}", "([a-z]+)*", r"^(\w+\s?)*$", "(a?){50}a{50}"]
)
def test_backtracking_pattern_gets_its_verdict(pattern: str) -> None:
    """Backtracking would take exponential time for these cells."""
    schema = schema_of({"type": "string", "constraints": {"pattern": pattern}})
    assert [(2, 2, 1, "a", "constraint-error")] == found(f"a\n{'a' * 100_000}!\n", schema)


@pytest.mark.parametrize("pattern", ["a{1000}", "a" * 4000, "[ab]*a[ab]{98}", r"\S{1,64}@\S{1,64}", ".+@.{2,64}"])
def test_pattern_just_within_the_limits_is_accepted(pattern: str) -> None:
    """Long patterns that are in use are accepted."""
    assert whole(Node(pattern))("a" * len(pattern)) == (re.fullmatch(pattern, "a" * len(pattern)) is not None)


TEXTS = st.text(st.sampled_from("ab\nkK\u212a,é\0"), max_size=6)
SEARCHED = (
    *(
        "",
        "a",
        "^a",
        "a$",
        "^a$",
        r"\Aa\Z",
        r"a\Z",
        "$",
        "^",
        "^$",
        "(?m)^a$",
        "(?m)a$\nb",
        "(?m)b\n^a",
        "(a$|b)",
        "a$$",
    ),
    *("(?i)k", "[^a]b$", "x^a", ".", "(?s).b", "(^|,)a(,|$)", "(?:^)*a", "a{2,3}", r"\W", "a(?:$)?"),
)


@pytest.mark.parametrize("pattern", SEARCHED)
@given(text=TEXTS)
@settings(max_examples=60)
def test_search_agrees_with_python(pattern: str, text: str) -> None:
    """Anchors mean the same as in Python's search."""
    assert (re.search(pattern, text) is not None) == anywhere(Node(pattern))(text)


@pytest.mark.parametrize("pattern", [r"a$\Z", "(?:a$)*", "a$b", r"\ba", "a.{500}"])
def test_slow_search_is_refused(pattern: str) -> None:
    """An end inside a pattern, and a pattern that is slow to search for, are refused."""
    with pytest.raises(SchemaInvalid, match="cannot be checked in linear time"):
        anywhere(Node(pattern))


def test_anchored_pattern_is_tried_at_one_position_only() -> None:
    """An anchored pattern may be longer than one that is tried at every position."""
    assert anywhere(Node("^a.{500}"))("a" * 501)


@pytest.mark.parametrize(("pattern", "matches"), [(".", True), ("[^a]", True), ("a", False), (r"\?", False)])
def test_unpaired_surrogate_matches_as_an_unknown_character(pattern: str, matches: Any) -> None:
    """JSON can contain an unpaired surrogate, and UTF-8 cannot encode it."""
    assert matches == anywhere(Node(pattern))("\ud800")
