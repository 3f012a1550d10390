"""Patterns that look around match the same texts as in Python's own engine."""

import re
from itertools import product

import pytest

from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema import patterns

TEXTS = ["".join(letters) for length in range(6) for letters in product("ab-", repeat=length)]


@pytest.mark.parametrize(
    "pattern",
    [
        *("b(?=a)a", "b(?!a)[ab]*", "[ab]{2}(?=b)[ab-]*", "(a|b)(?=b)[ab]*", "^a(?!.*bb)[ab-]*$", "a(?=b)"),
        *("a(?<=a)", "[ab]+(?<!ab)", "^[ab-]+(?<!-)$", "[ab]+(?<=a)-", "[ab]*(?<!a)b{2}"),
        *("(?!a)[ab]{2}(?=b)b", "^(?:(?!ab)[ab]+)$", "^((?=a)[ab]+(?<!a))$", "(?=a)(?!.*-)(?=.*b).*(?<!b)", "(?<=a)b"),
    ],
)
def test_pattern_matches_as_in_python(pattern: str) -> None:
    """A place behind a part of a fixed length, or before one, is known."""
    compiled = patterns.whole(Node(pattern))
    assert compiled is not None
    assert [text for text in TEXTS if re.fullmatch(pattern, text)] == list(filter(compiled.matches, TEXTS))
