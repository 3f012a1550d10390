"""How many steps a pattern takes for each character, at the most."""

from typing import Any

import pytest

from chalicelib.validation.fast.language import subsets
from chalicelib.validation.fast.language.atoms import atom
from chalicelib.validation.fast.language.subsets import MOST_PLACES, MOST_SETS, is_quick
from chalicelib.validation.fast.language.translation import MOST_ATOMS, UntranslatableError


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
    """However long the pattern is, and however it repeats what repeats."""
    assert is_quick(pattern)


@pytest.mark.parametrize("pattern", ["[ab]*a[ab]{500}", ".*x.{0,999}", "(?:.{0,30}x){30}", "z|[ab]*a(?:a|b){100}"])
def test_many_large_sets_are_not(pattern: str) -> None:
    """Each character would take a step at each of the places."""
    assert not is_quick(pattern)


def test_so_many_places_are_few() -> None:
    """The first two are where the repetition has been left, or has not."""
    assert is_quick(f"[ab]*a[ab]{{{MOST_PLACES - 2}}}")
    assert not is_quick(f"[ab]*a[ab]{{{MOST_PLACES - 1}}}")


def test_so_many_sets_are_few() -> None:
    """Of a pattern that only counts there is one for each number, however large it is."""
    assert is_quick(f"(?:aa?){{{MOST_SETS // 2}}}")
    assert not is_quick(f"(?:aa?){{{MOST_SETS // 2}}}a?")


@pytest.mark.parametrize(
    ("pattern", "quick"),
    [("a.{500}", False), ("^a.{500}", True), (r"\Aa.{500}", True), ("a", True), ("(?m)^a.{500}", False)],
)
def test_what_may_match_anywhere_is_looked_for_at_every_place(pattern: str, *, quick: bool) -> None:
    """Unless it begins where the text does."""
    assert is_quick(pattern)
    assert quick == is_quick(pattern, anywhere=True)


DEPTH = 12
"""Two to the power of which are more places than any pattern may have."""


def nested(inner: str, *repetitions: str) -> str:
    """Repeat something in one of these ways after the other, until it is as deep as that."""
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
def test_no_part_of_a_pattern_is_looked_at_twice(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However repetitions stand in each other, and whether or not the pattern has too many places then."""
    looked_at: list[Any] = []

    def noted(kind: Any, argument: Any, flags: int) -> Any:
        looked_at.append(kind)
        return atom(kind, argument, flags)

    monkeypatch.setattr(subsets, "atom", noted)
    try:
        is_quick(pattern)
    except UntranslatableError as error:
        assert str(error).startswith("it is larger than 4,000 characters with all repetitions: ")  # noqa: PT017
    assert len(looked_at) <= len(pattern)


@pytest.mark.parametrize("repetition", ["+", "*", "?", "+?", "{1,}", "{0,1}"])
def test_repetition_without_a_number_adds_no_places(repetition: str) -> None:
    """So a pattern that is as large as may be can have any number of them."""
    assert is_quick(nested(f"a{{{MOST_ATOMS}}}", repetition))


@pytest.mark.parametrize("repetition", ["{2}", "{1,2}", "{0,2}", "{2,}"])
def test_pattern_with_too_many_places_is_refused(repetition: str) -> None:
    """Before they are all there."""
    with pytest.raises(UntranslatableError, match="it is larger than 4,000 characters with all repetitions"):
        is_quick(nested("a", repetition))


def test_so_many_places_are_not_too_many() -> None:
    """One of them is for what comes before a pattern that may match anywhere, which these are too slow for."""
    assert not is_quick(f"a{{{MOST_ATOMS}}}", anywhere=True)
    with pytest.raises(UntranslatableError):
        is_quick(f"a{{{MOST_ATOMS + 1}}}", anywhere=True)


@pytest.mark.parametrize(
    ("pattern", "same"),
    [("a+", "aa*"), ("(?:ab){2,}", "abab(?:ab)*"), ("(?:a?b?)+", "(?:a?b?)*"), ("a{1,3}", "a(?:aa?)?")],
)
def test_repetition_is_as_quick_as_what_it_stands_for(pattern: str, same: str) -> None:
    """At the limit, where one place more counts."""
    for many in (MOST_PLACES - 9, MOST_PLACES + 9):
        before, after = f"[ab]*(?:{pattern})", f"[ab]{{{many}}}"
        assert is_quick(f"[ab]*(?:{same}){after}") == is_quick(before + after)
