"""Translated patterns match exactly the texts that Python's engine matches."""

import re
import sys
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.validation.regex.automaton import automaton
from chalicelib.validation.regex.characters import Characters
from chalicelib.validation.regex.translation import (
    MAX_ATOMS,
    UntranslatableError,
    Writing,
    is_translatable,
    translated,
    width_of,
)

PLAIN = Writing()
BARE = Writing(excluded=Characters.of('\0,"\r\n'))
QUOTED = Writing(excluded=Characters.of('\0"\r\n'), doubled='"')

ALPHABET = (
    "aAbkKsSiIxé7_- .,;\"'\n\r\t\0\u0130\u0131\u017f\u212aßẞéÉ\u03a3\u03c3\u03c2µ\u03bc"
    "٣१\uff17²Ⅷ\u3007日\u2028\x85\x1c\ufeff\U0001d7d9😀\U00010400\U00010428\U0010ffff"
)
"""Letters and digits of many scripts, letters that are equal without case, spaces, and CSV's special characters."""
TEXTS = st.text(st.sampled_from(ALPHABET), max_size=8)

PATTERNS = [
    *(
        "",
        "a",
        "ab",
        "a|b",
        "a|",
        "|",
        "a|ab|abk",
        "(a)(b)?",
        "(?:a|b)*",
        "(?P<x>a)b",
        ".",
        ".*",
        ".+",
        "a.b",
        "(?s:.)",
    ),
    *("(?s).*", "(?s:.*),.*", "a?", "a??", "a*?b", "a+?", "a{2}", "a{2,}", "a{,2}", "a{1,3}?", "a{0}", "(?:ab){0,2}"),
    *(
        "[ab]",
        "[^ab]",
        "[a-k]",
        "[^a-k]*",
        "[]a]",
        "[^]a]*",
        "[a-]",
        "[-a]",
        r"[\]^\\]",
        r"[\d,]+",
        r"[^\d]*",
        r"[^\W_]*",
    ),
    *(r"\d", r"\d+", r"\D*", r"\w+", r"\W*", r"\s*", r"\S+", r"[\w.-]+", r"[\s\S]*", r"[\d\D]?", r"\d{3,8}"),
    *(
        "(?i)k",
        "(?i)[k-s]+",
        "(?i)[^k]*",
        "(?i)[^k-s]*",
        "(?i:a)b",
        "(?i)a(?-i:b)",
        "(?i)ß",
        "(?i)ẞ",
        "(?i)\u03c3+",
        "(?i)µ",
    ),
    *("(?i)i", "(?i)I*", "(?i)\u0130", "(?i)\U00010400", "(?i)[\U00010400-\U00010427]", r"(?i)[\wé]*", r"(?i)[^\dk]*"),
    *(r"(?a)\w*", r"(?a)\d+", r"(?a)\D*", r"(?a)\W*", r"(?a)\s*", "(?ai)k", "(?ai)[^k]*", "(?ai)é", r"(?a:\w)\w*"),
    *(
        "^a",
        "a$",
        "^a$",
        r"\Aa\Z",
        "^^a$$",
        "^$",
        "$",
        "^",
        "$^",
        "(?m)^a$",
        "(?:^a|b$)",
        "(^)(a)($)",
        "(?:a$)?",
        "^(?:a|^b)",
    ),
    *(
        '"',
        '""',
        '"*',
        '"+',
        '(?:"|a)*',
        '[",]*',
        '[^"]*',
        ',"',
        "\n",
        "\r\n",
        "[\r\n]*",
        "(?s:a.{0,3}b)",
        "\\\r\\\n",
        "\\x00",
    ),
    *(
        r"\n\t",
        r"\x41",
        r"é\u00e9",
        r"\U0001f600",
        r"\N{GRINNING FACE}",
        r"a\.b",
        r"\-\,\;",
        "(?x) a  b # c",
        "(?x: a )b",
    ),
    *("x{0,1000}", "(?:a{1,10}){2,10}", "日本?"),
]
WIDE = [
    "[😀-\U0010ffff]+",
    "[\u0130-\u212a]*",
    "[^\0-\x7f]+",
    "[\0-\U0010ffff]*",
    r"[^\s\S]",
    r"(?i)[^\U00010400-\U0010ffff]*",
]
"""Patterns for which Hypothesis needs long to find texts."""


def read(raw: str) -> str | None:
    """Return the text of a quoted cell; None if a quote in it is not doubled."""
    return None if '"' in raw.replace('""', "") else raw.replace('""', '"')


def accepts(pattern: str, writing: Writing, data: str | bytes) -> bool:
    """Return whether the translated pattern matches a whole text."""
    return automaton(translated(pattern, writing)).fullmatch(data) is not None


def assert_same(pattern: str, text: str) -> None:
    """Compare each way of writing a text with Python's own match."""
    expected = re.fullmatch(pattern, text) is not None
    assert expected == accepts(pattern, PLAIN, text)
    assert (expected and not {*text} & {*'\0,"\r\n'}) == accepts(pattern, BARE, text)
    doubled = text.replace('"', '""')
    assert (expected and not {*text} & {*"\0\r\n"}) == accepts(pattern, QUOTED, doubled)


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.data())
@settings(max_examples=12)
def test_a_translated_pattern_matches_what_the_pattern_does(pattern: str, data: st.DataObject) -> None:
    """It is compared as a whole, for unquoted cells, and for quoted cells with doubled quotes."""
    matching = st.from_regex(pattern, fullmatch=True).filter(lambda text: not re.search("[\ud800-\udfff]", text))
    assert_same(pattern, data.draw(matching | TEXTS))
    assert_same(pattern, data.draw(TEXTS))


@pytest.mark.parametrize("pattern", WIDE)
@given(text=TEXTS)
@settings(max_examples=30)
def test_wide_ranges_are_translated(pattern: str, text: str) -> None:
    """Ranges beyond the basic plane, and around the surrogates."""
    assert_same(pattern, text)


ATOMS = [
    *"abkKsé_7",
    r"\,",
    '"',
    ".",
    "(?s:.)",
    r"\d",
    r"\w",
    r"\W",
    r"\s",
    r"\S",
    "[^a]",
    "[a-s]",
    '[^",]',
    "[é-\U0010ffff]",
]
FORMS = [
    "({})",
    "(?:{})?",
    "(?:{})*",
    "(?:{})+",
    "(?:{}){{2}}",
    "(?:{}){{1,3}}",
    "(?i:{})",
    "(?a:{})",
    "(?s:{})",
    "(?-i:{})",
]


def grown(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Combine patterns into larger ones."""
    formed = st.builds(str.format, st.sampled_from(FORMS), parts)
    both = st.lists(parts, min_size=2, max_size=3)
    return formed | both.map("".join) | both.map(lambda each: f"(?:{'|'.join(each)})")


# Nested repetitions take Python's engine exponential time: texts are short, and patterns shallow.
@given(pattern=st.recursive(st.sampled_from(ATOMS), grown, max_leaves=5), texts=st.lists(TEXTS, min_size=3, max_size=6))
def test_random_patterns_are_translated(pattern: str, texts: list[str]) -> None:
    """They are generated from atoms by nesting, repetition and alternation."""
    for text in texts:
        assert_same(pattern, text)


@pytest.mark.parametrize("pattern", [*('"*', '(?:"|a)*', "[^,]*", "(?s:.*)", 'a?"a?', '[^"]*', '"{2}', "(?i:[^k])*")])
@given(raw=st.text(st.sampled_from('aA",k')))
@settings(max_examples=40)
def test_a_quote_in_a_quoted_cell_is_matched_twice_or_not_at_all(pattern: str, raw: str) -> None:
    """A single quote would end the cell."""
    text = read(raw)
    expected = text is not None and re.fullmatch(pattern, text) is not None
    assert expected == accepts(pattern, QUOTED, raw)


EVERYTHING = "".join(map(chr, [*range(0xD800), *range(0xE000, sys.maxunicode + 1)]))
CLASSES = [
    r"\d",
    r"\w",
    r"\s",
    r"(?a:\w)",
    r"(?a:\s)",
    "(?i:k)",
    "(?i:[a-z])",
    "(?i:ß)",
    "(?i:[^\u017f])",
    "(?ai:[^k])",
    ".",
]


@pytest.mark.parametrize("pattern", CLASSES)
def test_a_class_has_the_same_characters_as_in_python(pattern: str) -> None:
    """Every character of Unicode is compared."""
    expected = [match[0].encode() for match in re.finditer(f"(?:{pattern})+", EVERYTHING)]
    found = automaton(f"(?:{translated(pattern, PLAIN)})+").finditer(EVERYTHING.encode())
    assert expected == [match.group() for match in found]


@pytest.mark.parametrize("writing", [PLAIN, BARE, QUOTED])
@pytest.mark.parametrize(
    "pattern", ["[^,]*", "(?s:.*)", ".+", r"\W*", r"[\w\W]+", r"\S*", "(?i:[^k])*", "(?s:.{0,9})", r"\D+"]
)
@given(data=st.binary(min_size=1, max_size=5))
@example(data=b"\xed\xa0\x80")
@example(data=b"\xed\xbf\xbf")
@example(data=b"\xc0\xaf")
@example(data=b"\xc1\xbf")
@example(data=b"\xe0\x80\xaf")
@example(data=b"\xe0\x9f\xbf")
@example(data=b"\xf0\x80\x80\xaf")
@example(data=b"\xf0\x8f\xbf\xbf")
@example(data=b"\xf4\x90\x80\x80")
@example(data=b"\xf5\x80\x80\x80")
@example(data=b"\xf8\x88\x80\x80\x80")
@example(data=b"\x80")
@example(data=b"a\xc3")
@example(data=b"\xf0\x9f\x98")
@example(data=b"\xff")
@settings(max_examples=20)
def test_invalid_utf8_is_never_matched(pattern: str, writing: Writing, data: bytes) -> None:
    """Surrogates, overlong forms, code points beyond U+10FFFF and truncated sequences do not match."""
    try:
        data.decode()
    except UnicodeDecodeError:
        assert not accepts(pattern, writing, data)


def test_any_text_matches_all_of_unicode() -> None:
    """The checks for invalid UTF-8 exclude no character."""
    assert accepts("(?s:.*)", PLAIN, EVERYTHING.encode())


UNTRANSLATABLE = [
    *("(?=a)a", "(?!b)a", "(?<=a)b", "(?<!a)b", "(?!)", "a(?=b)b", r"(a)\1", "(?P<x>a)(?P=x)", "(a)?(?(1)b|c)"),
    *(
        "a*+",
        "a?+",
        "a++",
        "a{1,2}+",
        "(?>a)",
        r"\ba",
        r"a\b",
        r"\Ba",
        r"a\Bb",
        "a^b",
        "a$b",
        r"a\Ab",
        r"a\Zb",
        "(?:a|)^",
    ),
    *(
        "a?^b",
        "b$a?",
        "(?:^a)*",
        "(?:a$){2}",
        "(?:$|x)a",
        "a(?:^|x)",
        "$\n",
        "(?m)a\n^b",
        "a{1001}",
        "a{1001,}",
        "a{0,1001}",
    ),
    *("(?:a{40}){40}", "(?:(?:a{11}){10}){10}", "a" * (MAX_ATOMS + 1), "(?:abcde){900}", "[0-9]{3000}"),
]


@pytest.mark.parametrize("pattern", UNTRANSLATABLE, ids=lambda each: each[:20])
def test_patterns_without_a_translation_are_refused(pattern: str) -> None:
    """These are look-around, back-references, possessive repetition, inner anchors, and oversized patterns."""
    re.compile(pattern)  # Python accepts it
    assert not is_translatable(pattern)
    with pytest.raises(UntranslatableError):
        translated(pattern, QUOTED)


@pytest.mark.parametrize(
    "pattern", ["a{1000}", "a{1000,}", "(?:a{100}){10}", "(?:a{10})*", "a" * MAX_ATOMS, "(?:abcd){999}", "^a|b$"]
)
def test_largest_patterns_are_translated(pattern: str) -> None:
    """A thousand repetitions, also when nested, and four thousand characters."""
    assert is_translatable(pattern)
    assert automaton(translated(pattern, PLAIN))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(?a)x(?u:\D)", "x٣"),
        (r"(?a)x(?u:\W)", "xé"),
        (r"(?a)x(?u:\d)", "x٣"),
        (r"x(?a:\D)", "x٣"),
        (r"(?a:x(?u:\D))", "x٣"),
    ],
)
def test_ascii_flag_applies_to_its_group(pattern: str, text: str) -> None:
    """The innermost group with such a flag decides."""
    assert_same(pattern, text)


@pytest.mark.parametrize("depth", [90, 250])
def test_groups_may_be_nested_deeply(depth: int) -> None:
    """Such a pattern is translated or refused; no other exception is raised."""
    pattern = "(" * depth + "a" + ")" * depth
    re.compile(pattern)
    if is_translatable(pattern):
        assert accepts(pattern, PLAIN, "a")


@pytest.mark.parametrize(
    ("pattern", "width"),
    [("", (0, 0)), ("abc", (3, 3)), ("a|bcd", (1, 3)), ("a{2,5}b?", (2, 6)), ("[^,]😀", (2, 2)), ("(a)(?:b)", (2, 2))],
)
def test_the_width_of_a_pattern_is_that_of_its_texts(pattern: str, width: Sequence[int]) -> None:
    """The width counts characters, not bytes."""
    assert width == width_of(pattern)
