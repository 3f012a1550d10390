"""Where an execution keeps its plan and the reports of its parts: under a prefix whose objects start no execution."""

from secrets import token_hex
from typing import Final

from attrs import evolve, frozen

PREFIX: Final = "parts/"


def plan_name(parts: int) -> str:
    """Return a new name of a plan with this number of parts. It ends in the number, so that a listing has it."""
    return f"{token_hex(16)}-{parts}"


@frozen
class FileRange:
    """Some bytes of a file beside a plan."""

    name: str
    start: int
    end: int


@frozen(kw_only=True)
class PartsLocation:
    """Where one plan of one execution is. No other execution and no other plan writes there."""

    bucket: str
    upload_id: str
    execution_name: str
    plan: str

    @property
    def prefix(self) -> str:
        """The prefix of all keys."""
        return f"{PREFIX}{self.upload_id}/{self.execution_name}/{self.plan}/"

    @property
    def of_segments(self) -> "PartsLocation":
        """Where the segments are by which the object is split after its parts were merged."""
        return evolve(self, plan=f"{self.plan}-split")

    def key(self, name: str) -> str:
        """Return the key of a file."""
        return f"{self.prefix}{name}"
