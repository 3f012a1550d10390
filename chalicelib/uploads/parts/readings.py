"""Which parts of an object are to be read, and which have been read."""

import re
from typing import Self

from attrs import field, frozen

from chalicelib.errors import PartsInconsistent
from chalicelib.uploads.field_validators import at_least, matching

_NAME = re.compile(r"part-([0-9]+)-([0-9]+)-([0-9]+)", re.ASCII)
PLAN = matching("[0-9a-f]{32}", "32 hexadecimal digits", longest=32)


@frozen(kw_only=True)
class PartToRead:
    """Asks for one part to be read."""

    number: int = field(validator=at_least(0))
    """The number of the part, from 0."""
    entry: int | None = field(default=None, validator=at_least(0))
    """The offset of its first record; None to guess it."""


@frozen(kw_only=True)
class PlannedParts:
    """The parts to read next."""

    plan: str = field(validator=PLAN)
    """The name of the plan that they belong to. Each planning has its own, so that no parts of another are merged."""
    round: int = field(default=1, validator=at_least(1))
    """The current round, from 1."""
    concurrency: int = field(validator=at_least(1))
    """How many are read at once."""
    readings: tuple[PartToRead, ...]


@frozen(kw_only=True)
class PartRead:
    """One part that was read. The name of its report says so, so that seams are checked without reading reports."""

    number: int
    entry: int
    exit: int
    """The offset of the first record that was not read."""
    size: int = field(default=0, eq=False)
    """The size of the report in bytes; 0 if it is unknown."""

    @property
    def name(self) -> str:
        """The name of its report."""
        return f"part-{self.number:05}-{self.entry}-{self.exit}"

    @classmethod
    def of(cls, name: str, size: int) -> Self:
        """Parse the name of a report; raises PartsInconsistent."""
        match = _NAME.fullmatch(name)
        if match is None:
            raise PartsInconsistent(f"{name} is not the name of a part's report")
        number, entry, exit_ = map(int, match.groups())
        return cls(number=number, entry=entry, exit=exit_, size=size)
