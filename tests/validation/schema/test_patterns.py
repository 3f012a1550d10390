"""Patterns of schemas: the same verdict as Python's own, in linear time or not at all."""

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
    r"\w{999}\w{999}\w": "the expression makes too large an automaton",
    **dict.fromkeys(("[ab]*a[ab]{99}", ".*x.{0,999}", "(?:.{0,30}x){30}"), "what it repeats overlaps so much"),
}
"""What cannot be checked in linear time, or only with many steps for each character, and why not."""


@pytest.mark.parametrize("pattern", REFUSED, ids=lambda each: each[:20])
def test_pattern_that_could_take_long_is_refused_with_the_schema(pattern: str) -> None:
    """With its path, what it has in it, and what to write instead."""
    re.compile(pattern)  # to Python it means something
    with pytest.raises(SchemaInvalid) as refused:
        Schema.from_descriptor(schema_of({}, {"type": "string", "constraints": {"pattern": pattern}}))
    path, reason = str(refused.value).split(": the pattern cannot be checked in linear time: ")
    assert "$.fields[1].constraints.pattern" == path
    assert reason.startswith(REFUSED[pattern])


@pytest.mark.parametrize(
    "pattern", ["(a+)+", "(a|aa)+", "(a|a)*", "(.*a){20}", "([a-z]+)*", r"^(\w+\s?)*$", "(a?){50}a{50}"]
)
def test_pattern_that_python_would_take_for_ever_over_gets_its_verdict(pattern: str) -> None:
    """Going back, it would have to try as many ways as a power of the cell's length."""
    schema = schema_of({"type": "string", "constraints": {"pattern": pattern}})
    assert [(2, 2, 1, "a", "constraint-error")] == found(f"a\n{'a' * 100_000}!\n", schema)


@pytest.mark.parametrize("pattern", ["a{1000}", "a" * 4000, "[ab]*a[ab]{98}", r"\S{1,64}@\S{1,64}", ".+@.{2,64}"])
def test_pattern_just_within_the_limits_is_taken(pattern: str) -> None:
    """What people write is."""
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
def test_pattern_of_json_schema_is_searched_for_as_python_does(pattern: str, text: str) -> None:
    """Anchors mean what they mean there."""
    assert (re.search(pattern, text) is not None) == anywhere(Node(pattern))(text)


@pytest.mark.parametrize("pattern", [r"a$\Z", "(?:a$)*", "a$b", r"\ba", "a.{500}"])
def test_what_cannot_be_searched_for_is_refused(pattern: str) -> None:
    """An end in the midst, and what would be looked for at every place at once."""
    with pytest.raises(SchemaInvalid, match="cannot be checked in linear time"):
        anywhere(Node(pattern))


def test_anchored_pattern_is_looked_for_at_one_place_only() -> None:
    """So it may be longer."""
    assert anywhere(Node("^a.{500}"))("a" * 501)


@pytest.mark.parametrize(("pattern", "matches"), [(".", True), ("[^a]", True), ("a", False), (r"\?", False)])
def test_half_a_character_is_one_that_nobody_knows(pattern: str, matches: Any) -> None:
    """JSON can hold it, and UTF-8 cannot."""
    assert matches == anywhere(Node(pattern))("\ud800")
