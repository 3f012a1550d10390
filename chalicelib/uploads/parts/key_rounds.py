"""Rounds in which shares of the keys of all parts are compared.

Round 0 finds repeated and dangling keys. Where faulty rows are marked and there are foreign keys, each later round
finds rows that refer only to rows already known to be faulty.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from chalicelib.errors import PartsInconsistent
from chalicelib.uploads.parts.readings import PartToRead, round_name
from chalicelib.validation.checking.orphans import is_last

_NAME: Final = re.compile("keys-([0-9]+)-([0-9]+)-([0-9]+)-([0-9]+)", re.ASCII)
"""The round, the number of the share, and the numbers of shares and of faults: no file is read to count them."""


@frozen(kw_only=True)
class KeyRounds:
    """The files that say what was found in each share and round."""

    shares: int
    has_orphans: bool
    """Whether rounds of orphans follow the first one."""
    _files: Mapping[int, Mapping[int, tuple[str, int]]]
    """By round and share, the name of the file and the number of faults."""

    @classmethod
    def among(cls, names: Iterable[str], shares: int, *, has_orphans: bool) -> "KeyRounds":
        """Return the rounds that have files of these names."""
        files: dict[int, dict[int, tuple[str, int]]] = defaultdict(dict)
        for match in filter(None, map(_NAME.fullmatch, names)):
            round_, number, of, faults = map(int, match.groups())
            if of == shares:
                files[round_][number] = match[0], faults
        return cls(shares=shares, has_orphans=has_orphans, files=files)

    def missing(self) -> Sequence[PartToRead]:
        """Return the shares to compare next: those that are missing in the first round that is not complete.

        There are none behind a round of orphans that found none, behind the last round, and if no orphans are wanted.
        """
        round_ = 0
        while True:
            found = self._files.get(round_, {})
            missing = [PartToRead(number=number, round=round_) for number in range(self.shares) if number not in found]
            is_empty = round_ > 0 and not any(faults for _, faults in found.values())
            if missing or not self.has_orphans or is_empty or is_last(round_):
                return missing
            round_ += 1

    def require_complete(self) -> None:
        """Raise PartsInconsistent if a share is missing."""
        if missing := self.missing():
            raise PartsInconsistent(f"{round_name(missing[0].round, missing[0].number, self.shares)} is missing")

    def complete(self) -> Sequence[str]:
        """Return the names of all files; raises PartsInconsistent if one is missing."""
        self.require_complete()
        return self.before(len(self._files))

    def before(self, round_: int) -> Sequence[str]:
        """Return the names of the files of all rounds before one; raises PartsInconsistent if one is missing."""
        if any(len(self._files.get(each, {})) < self.shares for each in range(round_)):
            raise PartsInconsistent(f"a round before round {round_} of the keys is not complete")
        return [name for each in range(round_) for name, _ in self._files[each].values()]
