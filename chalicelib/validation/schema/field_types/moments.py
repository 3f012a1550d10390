"""Dates and times in the default formats, which are XML Schema's."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import total_ordering
from typing import Any

from attrs import frozen

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ZONE = r"(?P<zone>Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_TIME = re.compile(rf"(?P<time>[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}})(?:\.(?P<fraction>[0-9]+))?{_ZONE}")
XSD_YEAR = "-?(?:[0-9]{4}|[1-9][0-9]{4,17})"
"""A year of XML Schema 1.1: four digits, or up to 18 without leading zeros. The year before 0001 is 0000."""
_PLAIN_TIME = re.compile("[0-9]{2}:[0-9]{2}:[0-9]{2}")
"""The specification: `hh:mm:ss`, without a fraction and a zone."""
SOME_DAY = date(2000, 1, 1)
"""The day of a time without a date."""


def in_utc(moment: datetime) -> datetime:
    """Return a time in UTC, in which it counts if it has no zone."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # within hours of the years 1 and 9999, where UTC has no date
        return moment.replace(tzinfo=UTC)


def parse_date(text: str) -> date | None:
    """Parse `YYYY-MM-DD`; None if it is not a day of the years 0001 to 9999."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    """Parse `hh:mm:ss`; None if it is not a time of day."""
    moment = _moment(SOME_DAY, text) if _PLAIN_TIME.fullmatch(text) else None
    return None if moment is None else moment.timetz()


def parse_datetime(text: str) -> "datetime | DistantMoment | None":
    """Parse XML Schema's dateTime; None if it is not one."""
    day, separator, clock = text.partition("T")
    if not separator:
        return None
    if _DATE.fullmatch(day) and day[:4] not in _EDGES:
        on = parse_date(day)
        return None if on is None else _moment(on, clock)
    match = _DISTANT_DATE.fullmatch(day)
    if match is None:
        return None
    cycle, proxy = divmod(int(match["year"]) - _PROXY, _CYCLE)
    on = parse_date(f"{_PROXY + proxy}-{match['rest']}")
    moment = None if on is None else _moment(on, clock)
    return None if moment is None else DistantMoment.of(cycle, moment)


_DISTANT_DATE = re.compile(rf"(?P<year>{XSD_YEAR})-(?P<rest>[0-9]{{2}}-[0-9]{{2}})")
_EDGES = frozenset({"0000", "0001", "9999"})
"""Years in which a zone, or 24:00:00, may lead to a year that Python's dates do not have."""
_CYCLE, _PROXY = 400, 2000
"""The calendar repeats itself each 400 years, so that a year from 2000 to 2399 stands for any other."""


@total_ordering
@frozen(eq=True)
class DistantMoment:
    """A time in a year that Python's dates do not have; it can be compared with datetimes."""

    cycle: int
    """How many times 400 years it is later than `moment`."""
    moment: datetime
    """In the years 2000 to 2399, in UTC."""

    @classmethod
    def of(cls, cycle: int, moment: datetime) -> "datetime | DistantMoment":
        """Return the time that is this number of cycles later, as a datetime if its year is one of Python's."""
        cycles, proxy = divmod(moment.year - _PROXY, _CYCLE)
        cycle, year = cycle + cycles, _PROXY + proxy
        actual = year + _CYCLE * cycle
        if date.min.year <= actual <= date.max.year:
            return moment.replace(year=actual)
        return cls(cycle, moment.replace(year=year))

    def __lt__(self, other: Any) -> bool:
        """Return whether this time is earlier."""
        if isinstance(other, DistantMoment):
            return (self.cycle, self.moment) < (other.cycle, other.moment)
        return self.cycle < 0 if isinstance(other, datetime) else NotImplemented


def _moment(day: date, clock: str) -> datetime | None:
    """Return a time of that day in UTC; 24:00:00 is midnight of the next day. None if it is not a time."""
    match = _TIME.fullmatch(clock)
    if match is None:
        return None
    fraction = match["fraction"] or ""
    midnight = match["time"] == "24:00:00" and not fraction.strip("0")
    at = "00:00:00" if midnight else match["time"]
    try:
        moment = datetime.fromisoformat(f"{day}T{at}.{fraction[:6]:0<6}{match['zone'] or 'Z'}")
        return in_utc(moment) + timedelta(days=midnight)
    except (OverflowError, ValueError):
        return None
