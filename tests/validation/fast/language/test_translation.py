"""Translated patterns say exactly the same about a text as Python says of the pattern itself."""

import re
import sys
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.validation.fast.language.automaton import automaton
from chalicelib.validation.fast.language.characters import Characters
from chalicelib.validation.fast.language.translation import (
    MOST_ATOMS,
    UntranslatableError,
    Writing,
    is_translatable,
    translated,
    width_of,
)

PLAIN = Writing()
BARE = Writing(excluded=Characters.of('\0,"\r\n'))
QUOTED = Writing(excluded=Characters.of('\0"\r\n'), doubled='"')
LONG = Writing(excluded=Characters.of('\0"\r'), doubled='"', pairs_breaks=True)

ALPHABET = (
    "aAbkKsSiIxé7_- .,;\"'\n\r\t\0\u0130\u0131\u017f\u212aßẞéÉ\u03a3\u03c3\u03c2µ\u03bc"
    "٣१\uff17²Ⅷ\u3007日\u2028\x85\x1c\ufeff\U0001d7d9😀\U00010400\U00010428\U0010ffff"
)
"""Letters and digits of many scripts, those that case makes equal, spaces, and what CSV has for itself."""
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
"""Patterns for which Hypothesis takes its time to find texts."""


def read(raw: str) -> str | None:
    """Give what a quoted cell says; None if a quote in it is not doubled."""
    return None if '"' in raw.replace('""', "") else raw.replace('""', '"')


def accepts(pattern: str, writing: Writing, data: str | bytes) -> bool:
    """Say whether the translated pattern matches all of a text."""
    return automaton(translated(pattern, writing)).fullmatch(data) is not None


def assert_same(pattern: str, text: str) -> None:
    """Hold all ways to write a text against what Python says of it."""
    expected = re.fullmatch(pattern, text) is not None
    assert expected == accepts(pattern, PLAIN, text)
    assert (expected and not {*text} & {*'\0,"\r\n'}) == accepts(pattern, BARE, text)
    doubled = text.replace('"', '""')
    assert (expected and not {*text} & {*"\0\r\n"}) == accepts(pattern, QUOTED, doubled)
    if not {*text} & {*"\0\r"}:
        assert expected == accepts(pattern, LONG, doubled)


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_a_translated_pattern_matches_what_the_pattern_does(pattern: str, data: st.DataObject) -> None:
    """As it is, without what an unquoted cell cannot hold, and with doubled quotes."""
    matching = st.from_regex(pattern, fullmatch=True).filter(lambda text: not re.search("[\ud800-\udfff]", text))
    assert_same(pattern, data.draw(matching | TEXTS))
    assert_same(pattern, data.draw(TEXTS))


@pytest.mark.parametrize("pattern", WIDE)
@given(text=TEXTS)
@settings(max_examples=30, deadline=None)
def test_wide_ranges_are_translated_as_well(pattern: str, text: str) -> None:
    """Beyond the basic plane, and around the surrogates."""
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
    """Make patterns out of patterns."""
    formed = st.builds(str.format, st.sampled_from(FORMS), parts)
    both = st.lists(parts, min_size=2, max_size=3)
    return formed | both.map("".join) | both.map(lambda each: f"(?:{'|'.join(each)})")


# What repeats something that repeats takes Python's engine exponential time: texts are short, and patterns not deep.
@given(pattern=st.recursive(st.sampled_from(ATOMS), grown, max_leaves=5), texts=st.lists(TEXTS, min_size=3, max_size=6))
@settings(max_examples=250, deadline=None)
def test_patterns_that_nobody_thought_of_are_translated_as_well(pattern: str, texts: list[str]) -> None:
    """Whatever is made of what."""
    for text in texts:
        assert_same(pattern, text)


@pytest.mark.parametrize("pattern", [*('"*', '(?:"|a)*', "[^,]*", "(?s:.*)", 'a?"a?', '[^"]*', '"{2}', "(?i:[^k])*")])
@given(raw=st.text(st.sampled_from('aA",k')))
@settings(max_examples=40)
def test_a_quote_in_a_quoted_cell_is_matched_twice_or_not_at_all(pattern: str, raw: str) -> None:
    """A single one would end the cell."""
    text = read(raw)
    expected = text is not None and re.fullmatch(pattern, text) is not None
    assert expected == accepts(pattern, QUOTED, raw)


@pytest.mark.parametrize(
    "pattern", ["(?s:.*)", "(?s:.+)", r"[\s\S]*", r"\s*", "[^,]*", ".*", "(?s:a?.?)", "[\r\n]*", r"\S*"]
)
@given(raw=st.text(st.sampled_from("a\r\n")))
@settings(max_examples=40)
def test_in_a_long_cell_a_carriage_return_stands_before_a_line_feed_only(pattern: str, raw: str) -> None:
    """And nothing is accepted that the pattern does not match."""
    if accepts(pattern, LONG, raw):
        assert "\r" not in raw.replace("\r\n", "")
        assert re.fullmatch(pattern, raw)
    elif pattern == "(?s:.*)":
        assert "\r" in raw.replace("\r\n", "")


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
    """All of Unicode is tried."""
    expected = [match[0].encode() for match in re.finditer(f"(?:{pattern})+", EVERYTHING)]
    found = automaton(f"(?:{translated(pattern, PLAIN)})+").finditer(EVERYTHING.encode())
    assert expected == [match.group() for match in found]


@pytest.mark.parametrize("writing", [PLAIN, BARE, QUOTED, LONG])
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
def test_what_is_not_utf8_is_matched_by_nothing(pattern: str, writing: Writing, data: bytes) -> None:
    """No surrogates, no overlong forms, nothing beyond U+10FFFF, nothing cut short."""
    try:
        data.decode()
    except UnicodeDecodeError:
        assert not accepts(pattern, writing, data)


def test_all_of_unicode_is_matched_where_all_is_meant() -> None:
    """Strictness costs no character."""
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
    *("(?:a{40}){40}", "(?:(?:a{11}){10}){10}", "a" * (MOST_ATOMS + 1), "(?:abcde){900}", "[0-9]{3000}"),
]


@pytest.mark.parametrize("pattern", UNTRANSLATABLE, ids=lambda each: each[:20])
def test_what_has_no_translation_is_refused(pattern: str) -> None:
    """What looks around or back, does not give back, stands between words or lines, or is too large."""
    re.compile(pattern)  # to Python it means something
    assert not is_translatable(pattern)
    with pytest.raises(UntranslatableError):
        translated(pattern, QUOTED)


@pytest.mark.parametrize(
    "pattern", ["a{1000}", "a{1000,}", "(?:a{100}){10}", "(?:a{10})*", "a" * MOST_ATOMS, "(?:abcd){999}", "^a|b$"]
)
def test_what_is_just_small_enough_is_translated(pattern: str) -> None:
    """A thousand repetitions, one in the other, and four thousand characters."""
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
def test_whether_classes_are_those_of_ascii_is_said_group_by_group(pattern: str, text: str) -> None:
    """The innermost group that says so counts."""
    assert_same(pattern, text)


@pytest.mark.parametrize("depth", [90, 250])
def test_groups_may_stand_deep_in_each_other(depth: int) -> None:
    """What Python compiles is translated, or has no translation, and nothing else happens."""
    pattern = "(" * depth + "a" + ")" * depth
    re.compile(pattern)
    if is_translatable(pattern):
        assert accepts(pattern, PLAIN, "a")


@pytest.mark.parametrize(
    ("pattern", "width"),
    [("", (0, 0)), ("abc", (3, 3)), ("a|bcd", (1, 3)), ("a{2,5}b?", (2, 6)), ("[^,]😀", (2, 2)), ("(a)(?:b)", (2, 2))],
)
def test_the_width_of_a_pattern_is_that_of_its_texts(pattern: str, width: Sequence[int]) -> None:
    """In characters, not in bytes."""
    assert width == width_of(pattern)
