"""The automaton: longest match, byte offsets, and its size limit."""

import pytest

from chalicelib.validation.regex.automaton import automaton


def test_longest_match_is_returned() -> None:
    """Python's engine would return the first alternative's match."""
    assert 3 == automaton("a|ab|abc").match(b"abcd", 0, 4).end()


def test_no_byte_beyond_the_end_is_read() -> None:
    """Data after the end does not change the match before it."""
    assert 2 == automaton("a*").match(b"aaaa", 0, 2).end()
    assert 3 == automaton("a*").match(b"baaaa", 1, 3).end()


def test_oversized_automaton_is_refused() -> None:
    """OverflowError is raised before the automaton takes its memory."""
    with pytest.raises(OverflowError, match="too large"):
        automaton("(?:[a-z]{1000}[0-9]{1000}){1000}")


def test_expression_is_compiled_once() -> None:
    """The second call returns the same automaton."""
    assert automaton("once") is automaton("once")
