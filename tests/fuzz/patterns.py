"""Random regular expressions, each with texts that it may match."""

from collections.abc import Sequence
from contextlib import suppress
from random import Random

from attrs import frozen

from chalicelib.errors import SchemaInvalid
from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.patterns import whole


@frozen
class Shape:
    """An expression, and texts that match it or almost do."""

    expression: str
    texts: tuple[str, ...]


_ATOMS: Sequence[Shape] = (
    Shape("a", ("a", "A", "á")),
    Shape("x7", ("x7", "x٧")),
    Shape("é", ("é", "É", "e\u0301")),
    Shape("😀", ("😀", "😁")),
    Shape(r"\,", (",", ";")),
    Shape('"', ('"', "'", '""')),
    Shape(r"\n", ("\n", "\r\n", "\r")),
    Shape(r"\x41\u00df\U0001f600", ("Aß😀", "Ass😀")),
    Shape(".", ("z", "\n", "é", "😀", ",")),
    Shape("[abc]", ("a", "c", "d")),
    Shape("[^abc]", ("d", "a", "\n", "é")),
    Shape("[a-zé-ü]", ("m", "é", "ÿ")),
    Shape("[-\\]^.]", ("-", "]", "^", ".")),
    Shape("[^,]", ("x", ",", "\r")),
    Shape("[,;\"']", (",", ";", '"', "'")),
    Shape("[\\d_]", ("4", "_", "４")),
    Shape("[\\W\\d]", ("!", "4", "a")),
    Shape("[^\\S\\n]", (" ", "\t", "\n", "\u2028")),
    Shape("[\U0001f600-\U0001f64f]", ("😀", "🚀")),
    Shape("[ -~]", ("!", "~", "é")),
    Shape(r"\d", ("0", "9", "٣", "x")),
    Shape(r"\D", ("x", "5")),
    Shape(r"\w", ("w", "_", "é", "9", "-")),
    Shape(r"\W", ("-", "w", "\u2028")),
    Shape(r"\s", (" ", "\t", "\xa0", "\x1c", "\x85", "x")),
    Shape(r"\S", ("s", " ")),
    Shape("k", ("k", "K", "\u212a")),
    Shape("[^k]", ("k", "\u212a", "l")),
    Shape("s", ("s", "S", "ſ")),
    Shape("[r-t]", ("r", "S", "ſ")),
    Shape("µ", ("µ", "μ", "Μ")),
    Shape("ß", ("ß", "ẞ", "ss")),
    Shape("i", ("i", "I", "İ", "ı")),
    Shape("ǆ", ("ǆ", "ǅ", "Ǆ")),
    Shape("", ("",)),
)
_WHOLE: Sequence[Shape] = (
    Shape("(?=.*[0-9])(?!.*x)[a-z0-9]{2,4}", ("a1", "ab", "1x", "12345", "9é")),
    Shape("^(?!00)[0-9]{2}$", ("01", "00", "1")),
    Shape("[A-Z]{2}(?!00)[0-9]{2}", ("AB01", "AB00", "ÄB01")),
    Shape("[a-z-]+(?<!-)$", ("a-b", "a-", "-")),
    Shape("(?!.*,,)[a,]*(?<=a)", ("a,a", "a,,a", "a,", "")),
    Shape("(?:(?!b)a)*", ("aa", "ab", "")),
    Shape(r"(a|b)\1", ("aa", "ab", "bb")),
    Shape(r"\p{IsGreek}[\p{IsLatin-1Supplement}-[é]]?", ("α", "αß", "αé", "a")),
    Shape("(?:(?:^|,)(a|b))+$", ("a,b", "a", "a,", ",a", "ab")),
    Shape(r"[a-z-[aeiou]]+", ("bcd", "a-b", "xyz", "abe")),
    Shape(r"\p{Lu}\p{L}*", ("Éa", "aB", "ΩΩ", "1")),
    Shape(r"(?:\bé\w*\b ?)+", ("été é", "été-é", "é", "0é0")),
    Shape(r"\i\c*", ("a-b", "-a", "_x.1", "é")),
    Shape("[A-Z]{2}[0-9]{4}", ("AB1234", "ab1234", "AB123")),
    Shape("^[a-z]+$", ("abc", "ABC", "abc\n")),
    Shape(r"\A\w+\Z", ("abc", "é1_", "a b")),
    Shape(r"(?m)^a$\n?^b$", ("a\nb", "ab")),
    Shape("(?s).*", ("anything, at\nall", "")),
    Shape(".*", ("anything, but", "two\nlines", "")),
    Shape(".+", ("x", "", "\r", "\n")),
    Shape("a.*b", ("ab", "a,b", "a\rb", "a\nb", 'a"b')),
    Shape("(?:red|green|blue)", ("red", "blue", "Red", "redgreen")),
    Shape("(?i)(?:red|green|straße)", ("RED", "GReen", "STRAßE", "STRASSE", "\u017ftraße")),
    Shape("(?i:a)b", ("Ab", "ab", "AB")),
    Shape("(?a)\\w+", ("abc", "é")),
    Shape("(?ia)k+", ("kK", "\u212a")),
    Shape("(?x) a \\  b # c", ("a b", "ab")),
    Shape("a|ab|abc", ("a", "ab", "abc", "abcd")),
    Shape("|x", ("", "x", "y")),
    Shape("a+?b*?", ("aab", "a", "b")),
    Shape("(?:a{2,4}?){2}", ("aaaa", "aaa", "aaaaaaaa", "aaaaaaaaa")),
    Shape("(?:\\d{3}-){2}\\d{4}", ("123-456-7890", "123-456-789")),
    Shape("x{0}", ("", "x")),
    Shape("x{1000}", ("x" * 1000, "x" * 999)),
    Shape("[^x]{300,}", ("y" * 300, "y" * 299)),
    Shape("(?:(?:a?){5}){5}", ("a" * 25, "a" * 26, "")),
    Shape("a$|^b", ("a", "b", "a\n")),
    Shape("a\\n?$", ("a", "a\n", "a\n\n")),
    Shape("^^a$$", ("a", "b")),
    Shape("(?:)", ("", "x")),
    Shape("[\\s\\S]", ("x", "\n", "\r\n", "😀")),
    Shape("[^\\x00-\\x7f]+", ("é", "e", "日本", "😀")),
    Shape("[\\x00-\\x1f]", ("\x01", "\t", "\n", "x")),
    Shape("[\ud7ff-\ue000]", ("\ud7ff", "\ue000")),
    Shape("\\d{1,3}(?:,\\d{3})*", ("1", "1,000", "1,000,000", "1,00", "1000")),
    Shape('"[^"]*"', ('"x"', '""', '"', "x")),
    Shape('(?:""|x)*', ('""', '"', '""x""', '"""', "x")),
    Shape("(?:\\r\\n|\\n|\\r|x)*", ("x\r\nx", "x\rx", "\n\r", "x")),
    Shape("(?:\\r|\\n|x)*", ("x\r\nx", "x\rx", "\n\r", "\r\r\n")),
    Shape("[\\r\\nx]*", ("x\r\nx", "x\rx", "\n\r", "\r\r\n", "\n\n")),
    Shape("\\r\\n", ("\r\n", "\n", "\r")),
    Shape(" *x *", (" x ", "x", " x")),
    Shape("\\s*x", (" x", "\nx", "x", "\xa0x")),
    Shape("#.*", ("#x", "x", "#")),
)

_UNCHECKED_SHARE = 0.1
"""How many of the patterns that are left unchecked are tried."""
_Grown = tuple[str, str]
"""An expression, and a text that it was generated with."""


def pattern(rng: Random) -> Shape:
    """Generate an expression that a schema may have, and texts to try it on."""
    while True:
        shape = _any_pattern(rng)
        with suppress(SchemaInvalid):
            if whole(Node(shape.expression)) or rng.random() < _UNCHECKED_SHARE:
                return shape


def _any_pattern(rng: Random) -> Shape:
    """Generate an expression that Python accepts, and texts to try it on."""
    if rng.random() < 0.6:
        return rng.choice(_WHOLE)
    state = rng.getrandbits(64)
    depth = rng.choice((1, 2, 2, 3))
    # Equal choices for the expression, with other choices for the text, generate further texts for it.
    grown = [_grown(Random(state), Random(rng.getrandbits(64)), depth) for _ in range(12)]
    prefix = rng.choice(("", "", "", "(?i)", "(?s)", "(?m)", "(?a)", "(?is)"))
    return Shape(prefix + grown[0][0], tuple(text[:200] for _, text in grown))


def _grown(shape: Random, text: Random, depth: int) -> _Grown:
    if depth == 0:
        atom = shape.choice(_ATOMS)
        return atom.expression, text.choice(atom.texts[:1] * 3 + atom.texts)
    grow = shape.choice((_in_a_row, _in_a_row, _one_of_two, _repeated, _repeated, _grouped, _anchored))
    return grow(shape, text, depth - 1)


def _in_a_row(shape: Random, text: Random, depth: int) -> _Grown:
    parts = [_grown(shape, text, depth) for _ in range(shape.choice((2, 2, 3)))]
    return "".join(f"(?:{part})" for part, _ in parts), "".join(example for _, example in parts)


def _one_of_two(shape: Random, text: Random, depth: int) -> _Grown:
    parts = [_grown(shape, text, depth) for _ in range(2)]
    return f"(?:{parts[0][0]}|{parts[1][0]})", text.choice(parts)[1]


_COUNTS: Sequence[tuple[str, Sequence[int]]] = (
    ("?", (0, 1)),
    ("*", (0, 1, 3)),
    ("+", (1, 2, 5)),
    ("{2}", (2,)),
    ("{1,3}", (1, 3)),
    ("{,2}", (0, 2)),
    ("{2,}", (2, 7)),
    ("{0,20}", (0, 20)),
)


def _repeated(shape: Random, text: Random, _: int) -> _Grown:
    count, times = shape.choice(_COUNTS)
    kind = shape.choice(("", "", "", "?", "+"))
    # Nested repetitions take exponential time in Python's engine.
    part = _grown(shape, text, 0)
    return f"(?:{part[0]}){count}{kind}", part[1] * text.choice((*times, *times, 1 + times[-1]))


def _grouped(shape: Random, text: Random, depth: int) -> _Grown:
    part = _grown(shape, text, depth)
    form = shape.choice(("({})", "(?i:{})", "(?s:{})", "(?-i:{})", "(?>{})", "(?={}).*", "(?!{}).*", "(?<=x)?{}"))
    return form.replace("{}", part[0]), part[1]


def _anchored(shape: Random, text: Random, depth: int) -> _Grown:
    part = _grown(shape, text, depth)
    form = shape.choice(("^{}", "{}$", "^{}$", r"\A{}\Z", r"\b{}", "{}(?:$|x)", "(?:^|x){}"))
    return form.replace("{}", part[0]), part[1]
