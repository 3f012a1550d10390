"""Durations: those of XML Schema, without weeks."""

import re
from fractions import Fraction
from functools import total_ordering

from attrs import frozen

from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.causes.times import duration_cause
from chalicelib.validation.schema.field_types import calendar
from chalicelib.validation.schema.field_types.field_type import BOUNDS, FieldType, Order, format_of

_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?=[0-9T])(?:(?P<years>N)Y)?(?:(?P<months>N)M)?(?:(?P<days>N)D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>N)H)?(?:(?P<minutes>N)M)?(?:(?P<seconds>N(?:\.N)?)S)?)?)".replace("N", "[0-9]{1,18}")
)
"""Each number of a duration has at most 18 digits."""


def duration(node: Node) -> FieldType:
    """Compile the type of durations, XML Schema's."""
    format_of(node)
    return FieldType(
        expected="a duration",
        parse=Duration.parse,
        examples=("P1Y2M3DT4H5M6S", "PT1H30M", "PT30M", "PT1S", "P1D", "P30D", "P1Y", "P100Y", "-P1D"),
        cause=duration_cause(Duration.parse),
        order=Order("{} or longer", "{} or shorter", "a value longer than {}", "a value shorter than {}"),
        form=calendar.DURATION,
        constraints=BOUNDS,
    )


def parts_of(text: str) -> tuple[str, dict[str, Fraction]]:
    """Return the sign of a duration, `-` or nothing, and its numbers by unit: `years`, `months` … `seconds`."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("not a duration")
    return match["sign"] or "", _parts(match)


def _parts(match: "re.Match[str]") -> dict[str, Fraction]:
    return {name: Fraction(part or 0) for name, part in match.groupdict().items() if name != "sign"}


@total_ordering
@frozen
class Duration:
    """A duration: months and seconds.

    Durations are compared by their average length; XML Schema leaves the order of some undefined.
    """

    months: int
    seconds: Fraction

    _SECONDS_A_MONTH = 2_629_746  # the Gregorian calendar's average

    @classmethod
    def parse(cls, text: str) -> "Duration | None":
        """Parse a duration. Returns None if it is not one."""
        match = _DURATION.fullmatch(text)
        if match is None:
            return None
        parts = _parts(match)
        seconds = ((parts["days"] * 24 + parts["hours"]) * 60 + parts["minutes"]) * 60 + parts["seconds"]
        months = int(parts["years"] * 12 + parts["months"])
        return cls(-months, -seconds) if match["sign"] else cls(months, seconds)

    def __lt__(self, other: "Duration") -> bool:
        """Return whether this one is shorter."""
        return self._average < other._average

    @property
    def _average(self) -> Fraction:
        return self.months * self._SECONDS_A_MONTH + self.seconds
