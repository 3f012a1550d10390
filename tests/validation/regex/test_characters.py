"""Sets of characters: members, union, difference, complement, and their expressions."""

import re
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.validation.regex.automaton import automaton
from chalicelib.validation.regex.characters import ANY, NONE, Characters

MOST = 40
"""Among few code points, ranges often overlap."""
RANGES = st.lists(st.tuples(st.integers(0, MOST), st.integers(0, 6)).map(lambda at: (at[0], min(MOST, sum(at)))))
EDGES = [*"\0\x01 -]^\\a\x7f\x80\xff\u07ff\u0800\ud7ff\ue000\uffff", "\U00010000", "\U0010ffff"]


def codes_of(ranges: Sequence[tuple[int, int]]) -> set[int]:
    """Return the code points of all ranges."""
    return {code for first, last in ranges for code in range(first, last + 1)}


@given(ranges=RANGES)
def test_ranges_are_kept_in_order_and_apart(ranges: list[tuple[int, int]]) -> None:
    """Overlapping, touching and repeated ranges are merged; no character is lost or gained."""
    characters = Characters.within(ranges)
    assert codes_of(ranges) == codes_of(characters.ranges)
    ends = [each for pair in characters.ranges for each in pair]
    assert sorted(ends) == ends
    assert all(
        last + 1 < first for (_, last), (first, _) in zip(characters.ranges, characters.ranges[1:], strict=False)
    )


@given(ranges=RANGES, others=RANGES)
def test_union_difference_and_complement_are_those_of_sets(
    ranges: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    """They are compared with Python's sets of code points."""
    these, those = Characters.within(ranges), Characters.within(others)
    assert codes_of(ranges) | codes_of(others) == codes_of(these.with_(those).ranges)
    assert codes_of(ranges) - codes_of(others) == codes_of(these.without(those).ranges)
    assert these == these.complement().complement()
    assert NONE == these.complement().without(ANY.without(these))
    assert ANY == these.with_(these.complement())


@given(ranges=RANGES, code=st.integers(0, MOST))
def test_membership_is_that_of_the_ranges(ranges: list[tuple[int, int]], code: int) -> None:
    """Each character is compared by its code point."""
    characters = Characters.within(ranges)
    assert (code in codes_of(ranges)) == (chr(code) in characters)
    assert bool(codes_of(ranges)) == bool(characters)


def test_surrogates_are_not_characters() -> None:
    """They are in no set, since UTF-8 cannot encode them."""
    assert NONE == Characters.within([(0xD800, 0xDFFF)])
    assert ((0xD7FF, 0xD7FF), (0xE000, 0xE000)) == Characters.within([(0xD7FF, 0xE000)]).ranges
    assert ((0, 0xD7FF), (0xE000, sys.maxunicode)) == ANY.ranges
    assert ANY == Characters.of("\ud800").complement()


@given(text=st.text(st.sampled_from(EDGES)), character=st.sampled_from(EDGES))
def test_the_expression_matches_one_character_of_the_set(text: str, character: str) -> None:
    """The set may contain characters with a meaning in expressions."""
    characters = Characters.of(text)
    assert (character in text) == bool(automaton(characters.expression()).fullmatch(character))
    assert (character not in text) == bool(automaton(characters.complement().expression()).fullmatch(character))
    assert automaton(characters.expression()).fullmatch(character * 2) is None


@pytest.mark.parametrize("data", [b"", b"x", b"\0", b"\xff", b"\xed\xa0\x80", "\U0010ffff".encode()])
def test_expression_of_no_characters_matches_nothing(data: bytes) -> None:
    """It matches neither a byte nor the empty text."""
    assert automaton(NONE.expression()).fullmatch(data) is None


def test_any_matches_every_character_and_no_surrogate() -> None:
    """Every code point that UTF-8 can encode, and no other."""
    one = automaton(ANY.expression())
    text = "".join(map(chr, (code for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF)))
    assert automaton(f"{ANY.expression()}*").fullmatch(text.encode()) is not None
    surrogates = [chr(code).encode(errors="surrogatepass") for code in range(0xD800, 0xE000)]
    assert [] == [each for each in surrogates if one.fullmatch(each)]
    assert len(surrogates) == len(re.findall("[\ud800-\udfff]", b"".join(surrogates).decode(errors="surrogatepass")))
