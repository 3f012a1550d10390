"""How many steps a pattern takes for each character, at the most."""

import pytest

from chalicelib.validation.language.subsets import MOST_PLACES, MOST_SETS, is_quick


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
