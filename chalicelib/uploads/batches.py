"""Process many items, so that the failure of one does not stop the others."""

from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Self, TypeVar

from attrs import define, field

from chalicelib.errors import AssayError
from chalicelib.telemetry import logs

T = TypeVar("T")


@define
class Turns:
    """Has each thing take its turn, counts what became of them, and fails once all had theirs; a context manager."""

    failed: StrEnum
    """What a failure counts as."""
    outcomes: Counter[StrEnum] = field(factory=Counter, init=False)
    _failures: list[AssayError] = field(factory=list, init=False)

    def __enter__(self) -> Self:
        """Begin to count."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Note in the canonical line what became of all; raises the first failure, unless there is something worse."""
        logs.note(**{outcome: self.outcomes[outcome] for outcome in type(self.failed)})
        if kind is None and self._failures:
            raise self._failures[0]

    def take(self, things: Iterable[T], do: Callable[[T], StrEnum], place: Callable[[T], dict[str, str]]) -> None:
        """Do the same with each thing; a failure is logged with the thing's place."""
        for thing in things:
            try:
                outcome = do(thing)
            except AssayError as error:
                outcome = self.failed
                self._failures.append(error)
                logs.warn("failed, to be tried again", **place(thing), error=type(error).__name__, reason=str(error))
            self.outcomes[outcome] += 1
