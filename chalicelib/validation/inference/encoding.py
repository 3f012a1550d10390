"""Detects the encoding of a text that declares none.

UTF-8 and UTF-16 are recognized by their structure. For other encodings, each candidate decodes the words that are not
ASCII, and the one that gives the most usual letters wins. charset-normalizer was tried instead: it takes German,
French and Spanish texts in windows-1252 for windows-1250.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

UTF_8 = "utf-8"

_WESTERN = "äöüÄÖÜßéèêëàâáãåæçñíìîïóòôõøœúùûýÿÉÈÀÁÅÆÇÑÓØÍÚ"
_CENTRAL = "ąćęłńóśźżŁŚŻĆáčďéěíňřšťúůýžÁČĎÉŘŠŤÚŽäöüßőűŐŰâăîşţĂŞŢđĐľĺŕôÖÜÄ"
_CANDIDATES: Mapping[str, str] = MappingProxyType(
    {
        "windows-1252": _WESTERN,
        "iso-8859-15": _WESTERN,
        "windows-1250": _CENTRAL,
        "iso-8859-2": _CENTRAL,
        "windows-1251": "а-яёіїєґА-ЯЁІЇЄҐ",
        "koi8-r": "а-яёА-ЯЁ",
        "cp866": "а-яёА-ЯЁ",
        "windows-1253": "α-ωάέήίόύώϊϋςΑ-ΩΆΈΉΊΌΎΏ",
        "windows-1254": _WESTERN + "ğışĞİŞ",
        "windows-1255": "א-ת",
        "windows-1256": "ء-ي",
        "windows-1257": "āčēģīķļņšūžąęėįųĀČĒĢĪĶĻŅŠŪŽ",
        "shift_jis": "ぁ-んァ-ヶー一-龥々、。・「」",
        "euc-kr": "가-힣",
        "gb18030": "一-龥，。、（）：",
        "euc-jp": "ぁ-んァ-ヶー一-龥々、。・「」",
        "big5": "一-龥，。、（）：",
        "cp850": _WESTERN,
        "cp437": _WESTERN,
        "cp852": _CENTRAL,
        "mac-roman": _WESTERN,
    }
)
"""The usual letters of each encoding, as a class of a regular expression; where two fit equally, the first is taken."""
_SCRIPTS = frozenset(
    {"windows-1251", "koi8-r", "cp866", "windows-1253", "windows-1255", "windows-1256"}
    | {"shift_jis", "euc-jp", "gb18030", "euc-kr", "big5"}
)
"""Encodings of other scripts than Latin, whose letters stand beside each other, and not beside those of ASCII."""
_PUNCTUATION = "€–—„“”‚‘’…°§«»·²³½¼×µ®©™£\xa0№"
_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*(?:[ -~][\x80-\xff]+)*")
"""Letters around bytes that are not ASCII; in some encodings the second byte of a character is ASCII."""
_UTF_8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""A character of UTF-8 beyond ASCII."""
_ASCII = bytes(range(0x80))
_MAX_WORDS = 5_000
"""How many different words are compared."""
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
    words = Counter(word for block in blocks for word in _WORD.findall(block))
    sample = [word for word, _ in words.most_common(_MAX_WORDS)]
    scores = {name: _score(sample, name) for name in _CANDIDATES}
    for name in sorted(_CANDIDATES, key=lambda each: -scores[each]):
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


def _score(words: Iterable[bytes], encoding: str) -> float:
    """Return the share of usual letters among the bytes that are not ASCII; improbable characters count against it."""
    usual = re.compile(f"[{_CANDIDATES[encoding]}]")
    total = size = 0
    for word in words:
        text = word.decode(encoding, errors="replace")
        size += len(word.translate(None, _ASCII))
        width = 2 if encoding in _SCRIPTS and len(text) < len(word) else 1
        total += width * sum(
            _plausibility(text, at, usual, encoding) for at, character in enumerate(text) if not character.isascii()
        )
    return total / max(size, 1)


def _plausibility(text: str, at: int, usual: re.Pattern[str], encoding: str) -> int:
    """Return 1 for a usual letter, -1 for an improbable character, and 0 for others."""
    character = text[at]
    before = text[at - 1] if at else ""
    beside = before + text[at + 1 : at + 2]
    if character in _PUNCTUATION:
        return -1 if any(each.isalpha() for each in before) and text[at + 1 : at + 2].isalpha() else 0
    if not usual.match(character):
        return -1
    if before.islower() and character.isupper():
        return -1
    latin = [each for each in beside if each.isascii() and each.isalpha()]
    foreign = [each for each in beside if not each.isascii() and each.isalpha()]
    if encoding in _SCRIPTS:
        return -1 if latin and not foreign else 1
    return -1 if len(foreign) > 1 and not latin else 1
