"""What is to be read of an object, and what has been read."""

import re
from collections.abc import Iterable
from typing import Self

from attrs import field, frozen

from chalicelib.errors import PartsInconsistent
from chalicelib.uploads.field_validators import at_least, matching
from chalicelib.uploads.parts.failed_child import FailedChild
from chalicelib.uploads.task_failure import TaskFailure

PLAN = matching("[0-9a-f]{32}-[0-9]{1,4}", "the name of a plan: 32 hexadecimal digits and a number", longest=37)
_REPORT, _SHARE = "part-", "keys-"
_NAME = re.compile(_REPORT + "-".join(7 * ["([0-9]+)"]), re.ASCII)


@frozen(kw_only=True)
class PartToRead:
    """Asks for one part to be read, or for one share of the keys of all parts to be compared."""

    number: int = field(validator=at_least(0))
    """The number of the part or share, from 0."""
    entry: int | None = field(default=None, validator=at_least(0))
    """The offset of the part's first record; None to guess it."""
    round: int = field(default=0, validator=at_least(0))
    """The round in which a share is compared: from round 1 on, it finds rows that refer only to faulty rows."""

    def failed(self, shares: int, failure: TaskFailure) -> FailedChild:
        """Return the failure of this reading. `shares` is the number of shares of the keys; 0 if this is a part."""
        if shares:
            what = f"share {self.number} of the {shares} of the keys" + (
                f" in round {self.round}" if self.round else ""
            )
            return FailedChild(what=what, writes=round_name(self.round, self.number, shares), failure=failure)
        what, writes = f"part {self.number}", f"{_REPORT}{self.number:05}-"
        if self.entry is None:
            return FailedChild(what=what, writes=writes, failure=failure)
        return FailedChild(what=f"{what} from byte {self.entry:,} on", writes=f"{writes}{self.entry}-", failure=failure)


@frozen(kw_only=True)
class PlannedParts:
    """The parts to read next."""

    plan: str = field(validator=PLAN)
    """The name of the plan that they belong to. Each planning has its own, so that no parts of another are merged."""
    round: int = field(default=1, validator=at_least(1))
    """The current round of the Map, from 1."""
    concurrency: int = field(validator=at_least(1))
    """How many are read at once."""
    shares: int | None = field(default=None, validator=at_least(0))
    """In how many shares the keys of all parts are read; 0 if parts are read.

    None if the state machine is of an earlier release, which leaves the number out.
    """
    readings: tuple[PartToRead, ...]
    failure: TaskFailure | None = None
    """Why one of the last readings failed for good; None if none did."""

    def require_current_machine(self) -> None:
        """Raise PartsInconsistent if the state machine is of an earlier release, without shares of keys and splits."""
        if self.shares is None:
            raise PartsInconsistent("the state machine is of an earlier release, and cannot finish this file")


@frozen(kw_only=True)
class PartRead:
    """One part that was read. The name of its report says so, so that seams are checked without reading reports."""

    number: int
    entry: int
    exit: int
    """The offset of the first record that was not read."""
    records: int = 0
    lines: int = 0
    errors_at: int = 0
    """Where in the file the listed errors begin, behind the rest of the report."""
    keys_at: int = 0
    """Where in the file the keys begin, behind the errors."""
    size: int = field(default=0, eq=False)
    """The size of the file in bytes; 0 if it is unknown."""

    @property
    def name(self) -> str:
        """The name of its report."""
        numbers = (self.entry, self.exit, self.records, self.lines, self.errors_at, self.keys_at)
        return f"{_REPORT}{self.number:05}-{'-'.join(map(str, numbers))}"

    @property
    def has_keys(self) -> bool:
        """Whether keys follow the report."""
        return self.size > self.keys_at

    @classmethod
    def of(cls, name: str, size: int) -> Self:
        """Parse the name of a report; raises PartsInconsistent."""
        match = _NAME.fullmatch(name)
        if match is None:
            raise PartsInconsistent(f"{name} is not the name of a part's report")
        number, entry, exit_, records, lines, errors_at, keys_at = map(int, match.groups())
        return cls(
            number=number,
            entry=entry,
            exit=exit_,
            records=records,
            lines=lines,
            errors_at=errors_at,
            keys_at=keys_at,
            size=size,
        )

    @classmethod
    def among(cls, files: Iterable[tuple[str, int]]) -> list[Self]:
        """Return the parts that have reports among these files, given by names and sizes."""
        return [cls.of(name, size) for name, size in files if name.startswith(_REPORT)]


def round_name(round_: int, number: int, of: int) -> str:
    """Return the beginning of the name of a share's file in a round; the number of faults found follows it."""
    return f"{_SHARE}{round_:03}-{number:05}-{of}-"
