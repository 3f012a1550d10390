"""Detects the encoding of a text that declares none.

UTF-8 and UTF-16 are recognized by their structure. For other encodings, each candidate decodes the words that are not
ASCII, and the one wins in which most words are spelt with the letters of one language. charset-normalizer and chardet
were tried instead: they take lists of Spanish, French and Italian words in windows-1252 for other encodings.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

from attrs import frozen

UTF_8 = "utf-8"


@frozen
class _Candidate:
    """An encoding, and the languages that are written in it."""

    rarity: float
    """A cost that does not depend on the text. Rare encodings have a higher one."""
    languages: Sequence[str]
    """An expression for each language, which matches its words in lower case."""


def _latin(*alphabets: str) -> Sequence[str]:
    """Return an expression for each alphabet: three letters beyond ASCII are never beside each other."""
    return [rf"(?!.*[^a-z]{{3}})[a-z{letters}]*" for letters in alphabets]


_WESTERN = (
    *_latin("äöüß", "éèêëàâçîïôùûœ", "áéíóúüñ", "àèéìòù", "éèëïöüóá"),  # German, French, Spanish, Italian, Dutch
    *_latin("åäöéü", "æøåé", "áðéíóúýþæö", "õäöü", "àçèéíïòóúü"),  # Swedish, Danish, Icelandic, Estonian, Catalan
    *(rf"(?!.*õ(?!e)){each}" for each in _latin("áâãàçéêíóôõú")),  # Portuguese has this letter before an e alone
)
_CENTRAL = _latin("áčďéěíňóřšťúůýž", "áäčďéíľňóôšťúýž", "ąćęłńóśźż", "áéíóöőúüű", "čćđšž", "ăâîşţ", "äöüß")
"""Czech, Slovak, Polish, Hungarian, Croatian, Romanian, German."""
_TURKISH = _latin("çğıöşüâîi̇")
"""The last letter is İ in lower case: an i, and a dot above it as a character of its own."""
_BALTIC = _latin("ąčęėįšųūž", "āčēģīķļņšūž", "õäöüšž")
"""Lithuanian, Latvian, Estonian."""
_CYRILLIC = (r"(?=.?.?$|.*[аеёиоуыэюя])[а-яё]*", r"(?=.?.?$|.*[аеєиіїоуюя])[а-щьюяґєії]*")
"""Russian and Ukrainian. Each word of three letters or more has a vowel."""
_GREEK = (r"(?=.?.?$|.*[άέήίόύώΐΰ])[αβγδεζηθικλμνξοπρστυφχψωάέήίόύώϊϋΐΰ]*ς?",)
"""Each word of three letters or more has an accent."""
_HEBREW = ("[אבגדהוזחטיכלמנסעפצקרשת]*[א-ת]?",)
"""Some letters stand only at the end of a word."""
_ARABIC = ("[ء-ي]*",)
_THAI = ("(?=.{0,3}$|.*[ะ-ฺเ-ไ])(?:[เ-ไ]?[ก-ฮ][ะ-ฺๅๆ็-๎]{0,3})*[ฯๆ๐-๙]*",)
"""Vowels follow a letter, or precede one; words of four letters or more have some."""


def _mixed(letters: str) -> Sequence[str]:
    """Return an expression of words of these letters; at least two of them if letters of ASCII are beside them."""
    return [f"[{letters}]*|[a-z]*(?:[{letters}]{{2,}}(?![{letters}])[a-z]*)*"]


_JAPANESE = _mixed("ぁ-んァ-ヶー一-龥々、。・「」")
_CHINESE = _mixed("一-龥，。、（）：")
_CANDIDATES: Mapping[str, _Candidate] = MappingProxyType(
    {
        "windows-1252": _Candidate(0, _WESTERN),
        "windows-1251": _Candidate(1, _CYRILLIC),
        "windows-1250": _Candidate(2, _CENTRAL),
        "windows-1253": _Candidate(2, _GREEK),
        "windows-1255": _Candidate(2, _HEBREW),
        "windows-1256": _Candidate(2, _ARABIC),
        "cp874": _Candidate(3, _THAI),
        "koi8-r": _Candidate(2, _CYRILLIC),
        "cp866": _Candidate(2, _CYRILLIC),
        "shift_jis": _Candidate(2, _JAPANESE),
        "euc-kr": _Candidate(2, _mixed("가-힣")),
        "gb18030": _Candidate(2, _CHINESE),
        "iso-8859-2": _Candidate(2.5, _CENTRAL),
        "windows-1254": _Candidate(2.5, _TURKISH),
        "windows-1257": _Candidate(2.5, _BALTIC),
        "euc-jp": _Candidate(2.5, _JAPANESE),
        "iso-8859-15": _Candidate(3, _WESTERN),
        "big5": _Candidate(3, _CHINESE),
        "cp850": _Candidate(4, _WESTERN),
        "cp852": _Candidate(4, _CENTRAL),
        "mac-roman": _Candidate(4, _WESTERN),
        "cp437": _Candidate(5, _WESTERN),
    }
)
"""If two cost the same, the first is taken."""
_OTHER_LANGUAGE = 1.5
"""What a word costs that is not in the language of most words, but in another one of the encoding."""
_NO_LANGUAGE = 5
"""What a word costs that is in no language of the encoding."""
_PUNCTUATION = "€–—„“”‚‘’…°§«»·²³½¼×µ®©™£\xa0№ªº"
_BETWEEN = re.compile(rf"[ -@\[-`{{-~{_PUNCTUATION}]+")
"""What is between words."""
_INSIDE = re.compile(rf"[^\W\d_][{_PUNCTUATION}][^\W\d_]")
"""Punctuation that an encoding other than the right one shows inside of words."""
_WORD = re.compile(rb"(?<![A-Za-z])[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*(?:[ -~][\x80-\xff]+)*")
"""Letters around bytes that are not ASCII; in some encodings the second byte of a character is ASCII.

It starts at the first of several letters only, so that the time is linear where no such byte follows them.
"""
_UTF_8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""A character of UTF-8 beyond ASCII."""
_ASCII = bytes(range(0x80))
_MAX_WORDS = 1_000
"""How many different words are compared, the most frequent ones."""
_MAX_BYTES = 64 * 1024
"""How many bytes of them."""
_BOMS: Sequence[tuple[bytes, str]] = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def detect_encoding(blocks: Sequence[bytes], *, is_whole: bool) -> str | None:
    """Return the encoding of a text by its name in dialects; None if no encoding can decode it."""
    start = blocks[0]
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    even, odd = start[0:256:2], start[1:256:2]
    if odd and sorted((even.count(0), odd.count(0))) > [0, len(odd) // 2] and 0 in (even.count(0), odd.count(0)):
        return "utf-16-be" if even.count(0) else "utf-16-le"
    if _decodes(blocks, UTF_8, is_whole=is_whole) or _is_broken_utf_8(start):
        return UTF_8
    sample = _frequent_words(blocks)
    costs = {name: _cost(sample, name) for name in _CANDIDATES}
    for name in sorted(_CANDIDATES, key=costs.__getitem__):
        if _decodes(blocks, name, is_whole=is_whole):
            return name
    return None


def _is_broken_utf_8(start: bytes) -> bool:
    """Return whether a text has more characters of UTF-8 beyond ASCII than other bytes."""
    characters = _UTF_8_CHARACTER.findall(start)
    return len(characters) > len(start.translate(None, _ASCII)) - sum(map(len, characters))


def _decodes(blocks: Iterable[bytes], encoding: str, *, is_whole: bool) -> bool:
    decode = codecs.getincrementaldecoder(encoding)().decode
    try:
        for block in blocks:
            decode(block)
        decode(b"", is_whole)
    except UnicodeDecodeError:
        return False
    return True


def _frequent_words(blocks: Iterable[bytes]) -> Sequence[bytes]:
    """Return the most frequent words that are not ASCII."""
    counts = Counter(word for block in blocks for word in _WORD.findall(block))
    sample: list[bytes] = []
    size = 0
    for word, _ in counts.most_common(_MAX_WORDS):
        size += len(word)
        if sample and size > _MAX_BYTES:
            break
        sample.append(word[:_MAX_BYTES])
    return sample


def _cost(words: Sequence[bytes], encoding: str) -> float:
    """Return how improbable the words are in an encoding."""
    candidate = _CANDIDATES[encoding]
    expressions = list(map(re.compile, candidate.languages))
    languages = [_languages_of(word.decode(encoding, errors="replace"), expressions) for word in words]
    known = [found for found in languages if found]
    others = min(sum(at not in found for found in known) for at in range(len(expressions)))
    return candidate.rarity + _OTHER_LANGUAGE * others + _NO_LANGUAGE * (len(languages) - len(known))


def _languages_of(text: str, expressions: Sequence[re.Pattern[str]]) -> frozenset[int]:
    """Return the positions of the languages that a text may be in."""
    if _INSIDE.search(text) or any(left.islower() and _is_foreign_capital(right) for left, right in pairwise(text)):
        return frozenset()
    words = list(filter(None, _BETWEEN.split(text.lower())))
    return frozenset(at for at, expression in enumerate(expressions) if all(map(expression.fullmatch, words)))


def _is_foreign_capital(character: str) -> bool:
    """Return whether a character is a capital letter beyond ASCII, which never follows a small letter."""
    return character.isupper() and not character.isascii()
