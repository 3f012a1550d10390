"""Random dialects: all properties, with characters that have other meanings elsewhere."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import Dialect

_DELIMITERS = (",", ",", ",", ";", "\t", "|", " ", ":", "-", ".", "a", "1", "^", "[", "\\", "\x1f", "~", "e", "0")
_QUOTES = ('"', '"', '"', '"', "'", "|", "a", "0", "^", "]", "-", "\x1e")
_ESCAPES = ("\\", "\\", "!", "^", "-", "a", "/")
_TERMINATORS = ("$", ";", "\x1e", "|", "x", "0", "\n", "\r\n", "\r")
_COMMENTS = ("#", "#", "//", "#!", "é", "😀", "1", "a", "-", '"#', " ", ", ", "##" * 5)
_ENCODINGS = (
    *("latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "ascii", "utf-8-sig"),
    *("cp1250", "iso-8859-15", "cp437", "shift_jis", "gb18030"),
)
_LONG_TOKENS: Mapping[str, Sequence[str]] = {
    "delimiter": ("||", "::", ", ", "--", "é", "§", "😀", "ab", ";;;"),
    "quoteChar": ("''", '""', "«", "é", "'\"", "|'"),
    "escapeChar": ("\\\\", "é", "!!", "^^^"),
    "lineTerminator": ("||\n", "END", "¶", "\r\n\r\n", "\x1e\x1e", "\n\n", "é"),
}
"""Tokens of several characters, or of one beyond ASCII."""
_HEADER_ROWS: Sequence[Sequence[int]] = ((1,), (2,), (1, 2), (3,), (), (2, 4))
_COMMENT_ROWS: Sequence[Sequence[int]] = ((2,), (3, 5), (1,), (40,), (2, 3, 4, 5, 30))


def dialect(rng: Random) -> Mapping[str, Any] | None:
    """Generate a valid dialect's descriptor; None for the default dialect."""
    if rng.random() < 0.3:
        return None
    while True:
        descriptor = _descriptor(rng)
        special = [descriptor.get(name) for name in ("delimiter", "quoteChar", "escapeChar", "commentChar")]
        special.append(descriptor.get("lineTerminator") if descriptor.get("lineTerminator") not in _UNIVERSAL else None)
        present = [",", *special[1:]] if special[0] is None else special
        present = [each for each in present if each]
        if "quoteChar" not in descriptor:
            present.append('"')
        spaced = descriptor.get("skipInitialSpace") and descriptor.get("delimiter") == " "
        if len({*present}) == len(present) and not spaced and _is_valid(descriptor):
            return descriptor


def _is_valid(descriptor: Mapping[str, Any]) -> bool:
    try:
        Dialect.from_descriptor(descriptor)
    except SchemaInvalid:
        return False
    return True


_LONG_SHARE = 0.05
"""Such dialects are left to the reference checker, so that a few will do."""
_UNIVERSAL = ("\n", "\r\n", "\r")


def _descriptor(rng: Random) -> dict[str, Any]:
    calm = rng.random() < 0.5
    """Whether most properties have their defaults."""

    def often(share: float) -> bool:
        return rng.random() < (share / 3 if calm else share)

    made: dict[str, Any] = {}
    if often(0.5):
        made["delimiter"] = rng.choice(_DELIMITERS[:6] if calm else _DELIMITERS)
    if often(0.35):
        made["quoteChar"] = rng.choice((None, "", *(_QUOTES[:5] if calm else _QUOTES)))
    if often(0.2):
        made["doubleQuote"] = rng.random() < 0.3
    if often(0.3):
        made["escapeChar"] = rng.choice(_ESCAPES)
    if often(0.25):
        made["lineTerminator"] = rng.choice(_TERMINATORS)
    if often(0.3):
        made["skipInitialSpace"] = rng.random() < 0.8
    if often(0.25):
        made["nullSequence"] = rng.choice(("\\N", "NULL", "-999", "", " ", "0", ","))
    if often(0.25):
        made["header"] = rng.random() < 0.3
    if often(0.2):
        made["headerRows"] = list(rng.choice(_HEADER_ROWS))
    if often(0.2):
        made["headerCase"] = rng.random() < 0.3
    if often(0.3):
        made["commentChar"] = rng.choice(_COMMENTS)
    if often(0.15):
        made["commentRows"] = list(rng.choice(_COMMENT_ROWS))
    if often(0.3):
        made["skipBlankRows"] = rng.random() < 0.8
    if often(0.2):
        made["encoding"] = rng.choice(_ENCODINGS)
    if rng.random() < _LONG_SHARE:
        for name in rng.sample(sorted(_LONG_TOKENS), rng.choice((1, 1, 2))):
            made[name] = rng.choice(_LONG_TOKENS[name])
    return made


def form_of(descriptor: Mapping[str, Any] | None) -> Dialect:
    """Generate the properties of a valid descriptor."""
    return Dialect.from_descriptor(descriptor)
