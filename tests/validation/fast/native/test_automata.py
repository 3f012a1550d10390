"""Automata of several patterns."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.validation.fast.native.automata import TooLarge, automaton

PATTERNS = ("[ab]*c", "a{2,3}", r"\w+ \w+", "(?i)straße|é", "", "x|xy|xyz", "(?s:.{2,4})", r"^\d+$")
TEXTS = st.text(alphabet="abcxyz AÉéßSTRAE٣7\n😀", max_size=6)


@given(text=TEXTS)
def test_automaton_returns_which_patterns_match(text: str) -> None:
    """Each pattern has a bit, and agrees with Python's `re`."""
    expected = sum(1 << at for at, each in enumerate(PATTERNS) if re.fullmatch(each, text))
    assert expected == automaton(PATTERNS).accepts(text)


@given(text=TEXTS)
def test_a_mapped_automaton_is_smaller_and_agrees(text: str) -> None:
    """Equivalent states are merged."""
    whole = automaton(PATTERNS)
    smaller = whole.mapped(lambda bits: bits.bit_count() > 1)
    assert (whole.accepts(text).bit_count() > 1) == smaller.accepts(text)
    assert len(smaller.rows) < len(whole.rows)


def test_surrogates_have_no_kind() -> None:
    """No text contains them, so a pattern of any text needs no state for them."""
    assert automaton(("(?s:.*)",)).points == [(0, 0)]
    assert automaton(("[^x]*",)).points == [(0, 0), (ord("x"), 1), (ord("y"), 0)]


@pytest.mark.parametrize("pattern", ["(?=a)b", r"a\bc", "a$b", "(?s:.{4000})", "(a|b)*a(a|b){20}"])
def test_patterns_that_need_too_large_an_automaton_are_refused(pattern: str) -> None:
    """So are look-aheads and anchors in the middle."""
    with pytest.raises(TooLarge):
        automaton((pattern,))
