"""Rules for cells that are one of a few words: booleans and enumerations."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from chalicelib.validation.checking.cells import faults_of
from chalicelib.validation.repair.changes import Change
from chalicelib.validation.repair.column_cells import ColumnCells
from chalicelib.validation.repair.proposals import Proposal
from chalicelib.validation.schema.constraints import Texts
from chalicelib.validation.schema.table_schema import Field

_TRUE = ("true", "t", "yes", "y", "on", "1", "ja", "j", "wahr", "oui", "vrai", "sí", "si", "sim", "vero", "tak")
_FALSE = ("false", "f", "no", "n", "off", "0", "nein", "falsch", "non", "faux", "não", "falso", "nie")
_BOOLEANS: Mapping[str, bool] = MappingProxyType(dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False))
"""The usual words for true and false; none of them is used for both."""
_MOST_COMPARISONS = 1_000_000
"""After this number of comparisons between a cell and a value, cells are no longer compared letter by letter."""
_MOST_REMEMBERED = 10_000
"""How many cells that are near to no value are remembered, so as not to compare them again."""
_SHORTEST = 4
"""In letters. Shorter values are too near to each other for a cell to be a misspelt one."""


def booleans(field: Field, _: ColumnCells) -> list[Proposal]:
    """Propose the field's own words for the usual words of true and false."""
    write = field.type.write
    own = {meaning: write(meaning) if write else None for meaning in (True, False)}
    values = {
        spelt: text
        for word, meaning in _BOOLEANS.items()
        for spelt in (word, word.upper(), word.title())
        if field.type.parse(spelt) is None and (text := own[meaning]) is not None
    }
    return [Proposal(rule="boolean-spelling", changes=(Change(values=values),))]


def enumeration(field: Field, cells: ColumnCells) -> list[Proposal]:
    """Propose the value of an enumeration that a cell spells in another way."""
    values = [text for each in field.constraints if isinstance(each.rule, Texts) for text in each.rule.texts]
    if not values:
        return []
    known = frozenset(values)
    folded = _unique((_folded(text), text) for text in values)
    words = [(word, text) for text in values if len(word := _folded(text)) >= _SHORTEST]
    left = _MOST_COMPARISONS
    spelt: dict[str, str] = {}
    near: dict[str, list[str]] = {}
    far: set[str] = set()
    for cell in cells:
        if cell in known or cell in spelt or cell in near or cell in far or not _folded(cell):
            continue
        if same := folded.get(_folded(cell)):
            spelt[cell] = same
        elif left > 0:
            left -= len(words)
            if found := _near(cell, words):
                near[cell] = found
            elif len(far) < _MOST_REMEMBERED:
                far.add(cell)
    spelt |= {cell: found[0] for cell, found in near.items() if len(found) == 1}
    # What is left of a cell without its spaces, for example, may be an allowed value in another spelling.
    spelt = {cell: text for cell, text in spelt.items() if faults_of(cell, field)}
    proposals = [Proposal(rule="enum-spelling", changes=(Change(values=spelt),))]
    unclear = {cell: found for cell, found in near.items() if len(found) > 1}
    for at in range(_MOST_CHOICES):
        offered = {cell: found[at] for cell, found in unclear.items() if at < len(found)}
        if offered:
            changes = (Change(values=offered),)
            proposals.append(Proposal(rule="enum-spelling", variant=f"choice-{at + 1}", certain=False, changes=changes))
    return proposals


_MOST_CHOICES = 3


def _unique(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return the pairs by their keys, without keys of several texts."""
    found: dict[str, set[str]] = {}
    for key, text in pairs:
        found.setdefault(key, set()).add(text)
    return {key: next(iter(texts)) for key, texts in found.items() if len(texts) == 1}


def _folded(text: str) -> str:
    """Return a word without what readers overlook: case, accents, spaces, hyphens, underscores and the like.

    The sign of a number stays, and so does what separates its digits: 1.5 is not 15.
    """
    plain = "".join(unicodedata.normalize("NFKD", text).casefold().split())
    kept = {found.start() for found in _OF_NUMBERS.finditer(plain)}
    return "".join(each for at, each in enumerate(plain) if at in kept or unicodedata.category(each)[0] in "LNS")


_OF_NUMBERS = re.compile(r"(?<=[0-9])[^0-9a-z](?=[0-9])|(?<![0-9a-z])-(?=[.,]?[0-9])")


def _near(cell: str, words: Sequence[tuple[str, str]]) -> list[str]:
    """Return the values that differ from a cell by one letter: left out, added, replaced, or swapped with the next.

    `words` are the values, each behind its folded form.
    """
    word = _folded(cell)
    if not any(map(str.isalpha, word)):
        return []
    return [value for folded, value in words if is_near(word, folded)][:_MOST_CHOICES]


def is_near(one: str, other: str) -> bool:
    """Return whether one edit turns a word into another one, and no digit is part of it."""
    if _digits(one) != _digits(other) or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _digits(word: str) -> str:
    return "".join(each for each in word if each.isdigit())
