"""Examples of patterns, for messages."""

import pytest

from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema import patterns


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[A-Z]{3}-[0-9]{3}", "ABC-123"),
        ("[a-z-[aeiou]]{2}", "bc"),
        (r"\d{4}-\d{2}-\d{2}", "2024-02-29"),
        ("(red|green)", "red"),
        (r"(?!1)\d\d?", "23"),
        (r"(?=.*\d)(?=.*[a-z]).{8,}", "1a3456789"),
        ("(?:(?:^|,)(a|b))+$", "a"),
        (r"\p{IsGreek}+", "ΑΒ"),
    ],
)
def test_example_of_a_pattern(pattern: str, expected: str) -> None:
    """An example is short, looks usual, and matches."""
    compiled = patterns.whole(Node(pattern))
    assert compiled is not None
    assert expected == compiled.examples[0]
    assert all(map(compiled.matches, compiled.examples))


@pytest.mark.parametrize("pattern", ["x{500}", "(((a{9}){9}){9}){1}", "[^\\s\\S]"])
def test_pattern_may_have_no_example(pattern: str) -> None:
    """Texts that are too long for a message are no examples, and some patterns match nothing."""
    compiled = patterns.whole(Node(pattern))
    assert compiled is not None
    assert () == compiled.examples
