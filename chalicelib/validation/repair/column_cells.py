"""The cells of one column, which a rule may look at again and again: compressed, as a report lists up to 100,000."""

import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Self

from attrs import frozen

_DIFFERENT = 500
"""How many different texts are kept as they are."""
_LEVEL = 1
"""The fastest one."""


class CountedTexts:
    """Texts in the order in which they were first added, and how often each was.

    A text is counted again, as another one, if 500 others were added since.
    """

    def __init__(self) -> None:
        """Start without a text."""
        self._compressed: list[bytes] = []
        self._last: Counter[str] = Counter()
        self.total = 0
        """The number of texts, each as often as it was added."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Return the count of texts."""
        counted = cls()
        for text in texts:
            counted.add(text)
        return counted

    def add(self, text: str, times: int = 1) -> None:
        """Count a text."""
        self._last[text] += times
        self.total += times
        if len(self._last) >= _DIFFERENT:
            self._compressed.append(zlib.compress(json.dumps(self._last).encode(), _LEVEL))
            self._last = Counter()

    def __iter__(self) -> Iterator[str]:
        """Iterate over the texts."""
        return (text for text, _ in self.items())

    def items(self) -> Iterator[tuple[str, int]]:
        """Iterate over the texts and their counts."""
        for each in self._compressed:
            yield from json.loads(zlib.decompress(each)).items()
        yield from self._last.items()


@frozen
class ColumnCells:
    """Different cells of a column, of which some may come several times."""

    wrong: CountedTexts
    """Those in error, or what a rule makes of them."""
    others: Collection[str]

    def __iter__(self) -> Iterator[str]:
        """Iterate over all cells, those in error first."""
        return chain(self.wrong, self.others)
