"""The automaton: the longest match, in bytes, and what is too large for one."""

import pytest

from chalicelib.validation.fast.language.automaton import automaton


def test_the_longest_text_that_matches_counts() -> None:
    """Not the first alternative that does."""
    assert 3 == automaton("a|ab|abc").match(b"abcd", 0, 4).end()


def test_no_byte_beyond_the_end_is_looked_at() -> None:
    """What is after the end of the data to scan does not change what is before it."""
    assert 2 == automaton("a*").match(b"aaaa", 0, 2).end()
    assert 3 == automaton("a*").match(b"baaaa", 1, 3).end()


def test_too_large_an_automaton_is_refused() -> None:
    """Instead of the memory of whoever validates."""
    with pytest.raises(OverflowError, match="too large"):
        automaton("(?:[a-z]{1000}[0-9]{1000}){1000}")


def test_an_expression_is_compiled_once() -> None:
    """Whoever asks for it again gets the same automaton."""
    assert automaton("once") is automaton("once")
