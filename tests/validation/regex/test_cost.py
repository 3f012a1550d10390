"""The cost of matching a pattern, decided from the pattern alone."""

from typing import Any

import pytest

from chalicelib.validation.regex import cost
from chalicelib.validation.regex.atoms import atom
from chalicelib.validation.regex.cost import MAX_POSITIONS, MAX_SETS, is_quick
from chalicelib.validation.regex.translation import MAX_ATOMS, UntranslatableError


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "",
            "a",
            "^a$",
            "(a+)+",
            "(a|aa)+",
            "(?:a?){1000}",
            "x{0,1000}",
            r"\w{1,1000}",
            r"[^\w,]{500}",
            "(?:(?:a*)*)*",
        ),
        *(".{1,50}@.{1,50}", ".+@.{2,64}", "(.*a){200}", "a[^b]{900}b|c.{90}d", "(?i)(?:straße|k)+", "(?a:\\w)+"),
    ],
)
def test_few_sets_or_small_ones_are_quick(pattern: str) -> None:
    """The pattern's length and nested repetitions do not matter."""
    assert is_quick(pattern)


@pytest.mark.parametrize("pattern", ["[ab]*a[ab]{500}", ".*x.{0,999}", "(?:.{0,30}x){30}", "z|[ab]*a(?:a|b){100}"])
def test_many_large_sets_are_slow(pattern: str) -> None:
    """Each character would take a step for each position."""
    assert not is_quick(pattern)


def test_limit_of_positions_is_exact() -> None:
    """Two of the positions are inside and after the leading repetition."""
    assert is_quick(f"[ab]*a[ab]{{{MAX_POSITIONS - 2}}}")
    assert not is_quick(f"[ab]*a[ab]{{{MAX_POSITIONS - 1}}}")


def test_limit_of_sets_is_exact() -> None:
    """A pattern that only counts has one set for each number."""
    assert is_quick(f"(?:aa?){{{MAX_SETS // 2}}}")
    assert not is_quick(f"(?:aa?){{{MAX_SETS // 2}}}a?")


@pytest.mark.parametrize(
    ("pattern", "quick"),
    [("a.{500}", False), ("^a.{500}", True), (r"\Aa.{500}", True), ("a", True), ("(?m)^a.{500}", False)],
)
def test_a_pattern_that_may_match_anywhere_is_tried_at_every_position(pattern: str, *, quick: bool) -> None:
    """An anchor at the start of the text prevents that."""
    assert is_quick(pattern)
    assert quick == is_quick(pattern, anywhere=True)


DEPTH = 12
"""2**12 is more positions than a pattern may have."""


def nested(inner: str, *repetitions: str) -> str:
    """Nest an expression DEPTH deep, with these repetitions in turn."""
    for at in range(DEPTH):
        inner = f"(?:{inner}){repetitions[at % len(repetitions)]}"
    return inner


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            nested("a", repetition)
            for repetition in ("+", "*", "?", "+?", "{0,1}", "{1,}", "{0}", "{1,2}", "{2,}", "{9}")
        ),
        *(
            nested("a", "+", "*", "?"),
            nested("ab|c", "+", "{1,1}"),
            nested("", "{9}", "+"),
            nested("(|a+|)+", "+", "?"),
        ),
        *(f"(?:a{'|' * 999}){{1000}}", nested("a?" * 99, "+", "{1,}"), nested("a{99}", "?", "{3}")),
    ],
    ids=lambda each: each[:4] + each[-9:],
)
def test_no_part_of_a_pattern_is_visited_twice(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regardless of nested repetitions, and of whether the pattern then has too many positions."""
    visited: list[Any] = []

    def recorded(kind: Any, argument: Any, flags: int) -> Any:
        visited.append(kind)
        return atom(kind, argument, flags)

    monkeypatch.setattr(cost, "atom", recorded)
    try:
        is_quick(pattern)
    except UntranslatableError as error:
        assert str(error).startswith("it is larger than 4,000 characters with all repetitions: ")  # noqa: PT017
    assert len(visited) <= len(pattern)


@pytest.mark.parametrize("repetition", ["+", "*", "?", "+?", "{1,}", "{0,1}"])
def test_repetition_without_a_number_adds_no_positions(repetition: str) -> None:
    """The largest allowed pattern can have any number of them."""
    assert is_quick(nested(f"a{{{MAX_ATOMS}}}", repetition))


@pytest.mark.parametrize("repetition", ["{2}", "{1,2}", "{0,2}", "{2,}"])
def test_pattern_with_too_many_positions_is_refused(repetition: str) -> None:
    """It is refused before all positions are created."""
    with pytest.raises(UntranslatableError, match="it is larger than 4,000 characters with all repetitions"):
        is_quick(nested("a", repetition))


def test_largest_pattern_is_accepted() -> None:
    """One further position is reserved for the text before a match."""
    assert not is_quick(f"a{{{MAX_ATOMS}}}", anywhere=True)
    with pytest.raises(UntranslatableError):
        is_quick(f"a{{{MAX_ATOMS + 1}}}", anywhere=True)


@pytest.mark.parametrize(
    ("pattern", "same"),
    [("a+", "aa*"), ("(?:ab){2,}", "abab(?:ab)*"), ("(?:a?b?)+", "(?:a?b?)*"), ("a{1,3}", "a(?:aa?)?")],
)
def test_repetition_is_as_fast_as_its_expansion(pattern: str, same: str) -> None:
    """They are compared at the limit, where one more position matters."""
    for many in (MAX_POSITIONS - 9, MAX_POSITIONS + 9):
        before, after = f"[ab]*(?:{pattern})", f"[ab]{{{many}}}"
        assert is_quick(f"[ab]*(?:{same}){after}") == is_quick(before + after)
