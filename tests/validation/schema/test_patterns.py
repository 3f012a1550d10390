"""Patterns of schemas: the verdicts of Python's `re`, in linear time."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import validate
from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.patterns import anywhere, whole
from tests.validation.verdicts import found, schema_of

REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("b+(?=a)a", "(?:(?!b)a)*", "a(?<=a)b+", "(?:a(?!b)|b)", "(?<!b)a+"), "it looks around"),
    **dict.fromkeys((r"(a)\1", "(?P<x>a)(?P=x)", "(a)?(?(1)b|c)"), "it refers back to a group"),
    **dict.fromkeys(("a*+", "a++", "a?+", "a{1,2}+"), "it never gives back what it repeats"),
    "(?>a)": "it never goes back into a group",
    **dict.fromkeys(("a{1001}", "(?:a{40}){40}"), "it repeats something more than 1,000 times: use minLength"),
    **dict.fromkeys(("a" * 4001, r"\w" * 200), "it is larger than 4,000 characters with all repetitions"),
    "(" * 52 + "a" + ")" * 51 + "b)*": "groups stand in each other, more than 50 deep",
    r"\w{999}\w{999}\w": "the automaton of the expression is too large",
    **dict.fromkeys(("[ab]*a[ab]{99}", ".*x.{0,999}", "(?:.{0,30}x){30}"), "what it repeats overlaps so much"),
}
"""Patterns that cannot run in linear time, or take many steps for each character, and the reason given."""


@pytest.mark.parametrize("pattern", REFUSED, ids=lambda each: each[:20])
def test_slow_pattern_is_left_unchecked(pattern: str) -> None:
    """Other columns are checked, and the report has the path, the cause, and what to write instead."""
    re.compile(pattern)  # to Python it means something
    schema = schema_of({"type": "integer"}, {"type": "string", "constraints": {"pattern": pattern}})
    report = validate([b"a,b\nx,?\n"], schema)
    assert [1] == [error.field for error in report.errors]
    (unchecked,) = report.unchecked
    path, reason = unchecked.split(": the pattern cannot be checked in linear time: ")
    assert "$.fields[1].constraints.pattern" == path
    assert reason.startswith(REFUSED[pattern])


def matches(pattern: str, text: str) -> bool:
    """Return whether a text has the form of a pattern."""
    compiled = whole(Node(pattern))
    assert compiled
    return compiled.matches(text)


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("(?:(?:^|,)(a|b))+$", ["a", "a,b", "b,b,a"], ["", "a,", "ab"]),
        (r"a\b.*", ["a", "a b", "a-"], ["ab", "aé", "a0"]),
        (r"(?:\bé\w*\b ?)+", ["été", "é é"], ["éé-é", "e", "0é0"]),
        (r".\B.*", ["ab", "éa", "aé", "éé", "- "], ["a b", "é-", "-é", "é"]),
        ("a$|b", ["a", "b"], ["a\n"]),
        ("(?=.*[0-9])(?!.*x)[a-z0-9]{2,4}", ["a1", "12ab"], ["ab", "1x", "a", "12345"]),
        ("^(?!00)[0-9]{2}$", ["01", "10"], ["00", "1"]),
        ("(?=ab)[a-c]+", ["ab", "abc"], ["ba", "ac", "a"]),
    ],
)
def test_anchors_inside_are_matched(pattern: str, good: Sequence[str], bad: Sequence[str]) -> None:
    """Beginnings, ends and the boundaries of words may be anywhere in a pattern."""
    assert [True] * len(good) == [matches(pattern, text) for text in good]
    assert [False] * len(bad) == [matches(pattern, text) for text in bad]


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("[a-z-[aeiou]]", ["b", "z"], ["a", "-", "B"]),
        ("[^a-z-[0-9]]", ["A", "é"], ["a", "5"]),
        ("[a-z-[b-y-[m]]]", ["a", "m", "z"], ["b", "y"]),
        (r"\p{Lu}", ["A", "É", "Ω"], ["a", "1"]),
        (r"\P{L}", ["1", " "], ["a", "é"]),
        (r"[\p{Ll}_]+", ["a_é"], ["A", "a-b"]),
        (r"^\p{L}+$", ["Été"], ["a1"]),
        (r"\p{IsGreek}", ["\u03b1"], ["a"]),
        (r"\p{IsThai}\P{IsBasicLatin}", ["\u0e01\u00e9"], ["\u0e01a", "a\u00e9"]),
        (r"[\p{IsLatinExtended-A}-[\u0100]]+", ["\u0101\u017f"], ["\u0100", "\u0180"]),
        (r"\p{IsSupplementaryPrivateUseArea-B}", ["\U00100000"], ["\U000fffff"]),
        (r"\i\c*", ["a-b", "_1", ":x"], ["-a", "1"]),
        (r"\s", [" ", "\t"], ["\u00a0", "\v"]),
        (r"^\s$", [" ", "\u00a0"], ["x"]),
        (r"\w", ["a", "é", "+"], ["_", "-", " "]),
        (r"^\w$", ["a", "_"], ["+", "-"]),
        (".", ["a"], ["\n", "\r"]),
        ("(?<year>[0-9]{4})", ["2024"], ["24"]),
        ("[+-[]", ["+", "-", "[", "A"], ["a"]),
    ],
)
def test_patterns_are_those_of_xml_schema(pattern: str, good: Sequence[str], bad: Sequence[str]) -> None:
    """XML Schema's constructs; its classes, too, unless the pattern has something that XML Schema does not have."""
    assert [True] * len(good) == [matches(pattern, text) for text in good]
    assert [False] * len(bad) == [matches(pattern, text) for text in bad]


@pytest.mark.parametrize("pattern", [r"\p{Xx}", r"\p{}", r"\p{IsNowhere}", "[a", "a\\"])
def test_broken_pattern_is_refused(pattern: str) -> None:
    """What is no regular expression at all is an error of the schema."""
    with pytest.raises(SchemaInvalid, match=r"^\$: not a regular expression: "):
        whole(Node(pattern))


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
    assert matches(pattern, "a" * len(pattern)) == (re.fullmatch(pattern, "a" * len(pattern)) is not None)


def occurs(pattern: str, text: str) -> bool:
    """Return whether a pattern matches anywhere in a text."""
    found = anywhere(Node(pattern))
    assert found is not None
    return found(text)


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
def test_search_agrees_with_python(pattern: str, text: str) -> None:
    """Anchors mean the same as in Python's search."""
    assert (re.search(pattern, text) is not None) == occurs(pattern, text)


@pytest.mark.parametrize("pattern", [r"a$\Z", "(?:a$)*", "a$b", "(?=a)a", "a.{500}"])
def test_slow_search_is_left_unchecked(pattern: str) -> None:
    """An end inside a pattern, and a pattern that is slow to search for, are left unchecked."""
    node = Node(pattern)
    assert anywhere(node) is None
    assert "cannot be checked in linear time" in node.remarks.unchecked[0]


def test_anchored_pattern_is_tried_at_one_position_only() -> None:
    """An anchored pattern may be longer than one that is tried at every position."""
    assert occurs("^a.{500}", "a" * 501)


@pytest.mark.parametrize(("pattern", "matches"), [(".", True), ("[^a]", True), ("a", False), (r"\?", False)])
def test_unpaired_surrogate_matches_as_an_unknown_character(pattern: str, matches: Any) -> None:
    """JSON can contain an unpaired surrogate, and UTF-8 cannot encode it."""
    assert matches == occurs(pattern, "\ud800")
