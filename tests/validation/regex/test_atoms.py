"""Characters that are equal in Python if case is ignored."""

import re
import sys
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own syntax tree

import pytest

from chalicelib.validation.regex.atoms import atom

EVERYTHING = "".join(map(chr, [*range(0xD800), *range(0xE000, sys.maxunicode + 1)]))


def test_no_character_of_the_higher_planes_has_another_case() -> None:
    """The search for other cases covers the first two planes only."""
    assert [] == [each for each in EVERYTHING if ord(each) >= 0x20000 and {each.lower(), each.upper()} != {each}]


@pytest.mark.parametrize("letter", [*"iIıİsſkK\u212aµμßẞǅσς\u0345\u1c80Ⓐ", "\U00010400", "\U0001e943", "7", "日"])
@pytest.mark.parametrize("flags", [re.IGNORECASE, re.IGNORECASE | re.ASCII])
def test_a_letter_matches_the_same_characters_as_in_python(letter: str, flags: int) -> None:
    """Every character of Unicode is compared."""
    characters = atom(sre.LITERAL, ord(letter), flags)
    assert characters is not None
    expected = re.findall(re.escape(letter), EVERYTHING, flags)
    assert expected == [chr(code) for first, last in characters.ranges for code in range(first, last + 1)]
