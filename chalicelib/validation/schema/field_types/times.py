"""Dates, times and durations.

The default formats are XML Schema's. For comparison, a time without a zone counts as UTC. Seconds are exact to the
microsecond.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from functools import total_ordering
from typing import Any

from attrs import frozen

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.causes.times import (
    date_cause,
    datetime_cause,
    duration_cause,
    time_cause,
    year_cause,
    yearmonth_cause,
)
from chalicelib.validation.schema.field_types import calendar
from chalicelib.validation.schema.field_types.field_type import BOUNDS, FieldType, Order, Value, format_of

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ZONE = r"(?P<zone>Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_TIME = re.compile(rf"(?P<time>[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}})(?:\.(?P<fraction>[0-9]+))?{_ZONE}")
_PLAIN_TIME = re.compile("[0-9]{2}:[0-9]{2}:[0-9]{2}")
"""The specification: `hh:mm:ss`, without a fraction and a zone."""
_YEAR = re.compile(r"[0-9]{4}")
_YEARMONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?=[0-9T])(?:(?P<years>N)Y)?(?:(?P<months>N)M)?(?:(?P<days>N)D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>N)H)?(?:(?P<minutes>N)M)?(?:(?P<seconds>N(?:\.N)?)S)?)?)".replace("N", "[0-9]{1,18}")
)
"""Each number of a duration has at most 18 digits."""
_SOME_DAY = date(2000, 1, 1)


def date_(node: Node) -> FieldType:
    """Compile the type of calendar dates."""
    plain = FieldType(
        expected="a date",
        parse=_parse_date,
        examples=("2024-02-29",),
        near=_near_days("%Y-%m-%d"),
        cause=date_cause(None),
        order=_IN_TIME,
        form=calendar.DAY,
        within=calendar.days_between,
        constraints=BOUNDS,
    )
    return _temporal(node, plain, lambda moment: moment.date())


def datetime_(node: Node) -> FieldType:
    """Compile the type of dates with a time."""
    plain = FieldType(
        expected="a date and time",
        parse=_parse_datetime,
        examples=("2024-02-29T12:30:00Z",),
        near=_near_days("%Y-%m-%dT%H:%M:%SZ"),
        cause=datetime_cause(_parse_datetime, None),
        order=_IN_TIME,
        form=f"{calendar.DAY}T{calendar.CLOCK}",
        is_whole=False,
        constraints=BOUNDS,
    )
    return _temporal(node, plain, _in_utc)


def time_(node: Node) -> FieldType:
    """Compile the type of times of day."""
    plain = FieldType(
        expected="a time",
        parse=_parse_time,
        examples=("12:30:00", "00:00:00", "06:00:00", "18:00:00", "23:59:59"),
        cause=time_cause(None),
        order=_IN_TIME,
        form=calendar.TIME,
        is_whole=False,
        constraints=BOUNDS,
    )
    return _temporal(node, plain, lambda moment: _in_utc(moment).timetz())


def year(node: Node) -> FieldType:
    """Compile the type of years of four digits."""
    format_of(node)
    return FieldType(
        expected="a year",
        parse=lambda text: Decimal(text) if _YEAR.fullmatch(text) else None,
        examples=("2024", "2000", "1900"),
        near=lambda limit: (f"{int(limit) + step:04}" for step in (0, 1, -1)),
        cause=year_cause,
        order=_IN_TIME,
        form=_YEAR.pattern,
        constraints=BOUNDS,
    )


def yearmonth(node: Node) -> FieldType:
    """Compile the type of months of a year."""
    format_of(node)
    return FieldType(
        expected="a month of a year",
        parse=lambda text: text if _YEARMONTH.fullmatch(text) else None,
        examples=("2024-02", "2000-01", "1900-01"),
        near=_near_months,
        cause=yearmonth_cause,
        order=_IN_TIME,
        form=_YEARMONTH.pattern,
        constraints=BOUNDS,
    )


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


def _temporal(node: Node, plain: FieldType, cut: Callable[[datetime], Value]) -> FieldType:
    """Return the type for the field's format: the default, a pattern, or `any`, which dateutil parses.

    `cut` returns the part of a datetime that counts.
    """
    form = node.get("format", descriptor.string, "default").removeprefix("fmt:")
    if form == "default":
        return plain
    if form != "any" and not re.search("%[^%]", form):
        written = _in_directives(form)
        if written:
            node.refuse(
                f"the format {form!r} has no directive: write {written!r}, or leave it out for {plain.described}"
            )
        node.warn(f"the format {form!r} has no directive, such as %Y, so that it matches one text only")
    if form == "any":
        return FieldType(
            expected=f"{plain.expected} in a common notation",
            parse=_by_guessing(cut),
            examples=plain.examples,
            near=plain.near,
            order=plain.order,
            constraints=BOUNDS,
        )
    parse = _by_pattern(form, node, cut)
    causes = {"a date": date_cause(form), "a time": time_cause(form)}
    return FieldType(
        parse=parse,
        expected=plain.expected,
        examples=(_EXAMPLE.strftime(form),),
        near=_near_days(form),
        cause=causes.get(plain.expected, datetime_cause(parse, form)),
        order=plain.order,
        form=calendar.usual_form(form),
        is_whole=False,
        constraints=BOUNDS,
    )


_IN_TIME = Order("{} or later", "{} or earlier", "a value later than {}", "a value earlier than {}")


def _near_days(form: str) -> Callable[[Any], Iterator[str]]:
    """Return a function that writes the days around a date, or the times around another one."""

    def near(limit: Any) -> Iterator[str]:
        for days in (0, 1, -1):
            try:
                moment = datetime.combine(_SOME_DAY, limit) if isinstance(limit, time) else limit
                yield (moment + timedelta(days=days)).strftime(form)
            except (OverflowError, ValueError):
                continue

    return near


def _near_months(limit: Any) -> Iterator[str]:
    year_, month = map(int, limit.split("-"))
    for months in (0, 1, -1):
        at = 12 * year_ + month - 1 + months
        yield f"{at // 12:04}-{at % 12 + 1:02}"


def _in_directives(form: str) -> str | None:
    """Return a strptime pattern for a format such as `YYYY-MM-DD`, or for an empty one; None if it is neither."""
    words = {"yyyy": "%Y", "yy": "%y", "dd": "%d", "hh": "%H", "ss": "%S", "mi": "%M"}
    written = re.sub("(?i)(?<=h:)mm|(?<=hh)mm", "mi", form)
    written = re.sub("(?i)yyyy|yy|dd|hh|ss|mi", lambda word: words[word[0].lower()], written)
    written = re.sub("(?i)mm", "%m", written)
    return written if re.search("%[^%]", written) else None if form else "%Y-%m-%d"


_EXAMPLE = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)


def _by_pattern(form: str, node: Node, cut: Callable[[datetime], Value]) -> Callable[[str], Value | None]:
    """Return a parser by a strptime pattern. Digits are `0` to `9`."""
    if len(form) > _LONGEST_PATTERN:
        node.refuse(f"the format has more than {_LONGEST_PATTERN} characters")
    try:
        datetime.strptime("", form)  # noqa: DTZ007 - only the pattern is tried
    except (ValueError, re.error) as error:
        if "does not match format" not in str(error):
            node.refuse(f"the format {form!r} is no pattern: {error}")

    def parse(text: str) -> Value | None:
        if len(text) > _LONGEST_MOMENT or any(each.isdigit() and not each.isascii() for each in text):
            return None
        try:
            return cut(datetime.strptime(text, form))  # noqa: DTZ007 - the pattern decides
        except (ValueError, OverflowError):
            return None

    return parse


def _by_guessing(cut: Callable[[datetime], Value]) -> Callable[[str], Value | None]:
    from dateutil import parser  # noqa: PLC0415 - slow to import, and few schemas need it

    def parse(text: str) -> Value | None:
        if len(text) > _LONGEST_GUESS:
            return None
        try:
            return cut(parser.parse(text, default=_DEFAULT, tzinfos=lambda _, offset: _zone(offset)))
        except (ArithmeticError, TypeError, ValueError):
            return None

    return parse


_DEFAULT = datetime(2000, 1, 1)  # noqa: DTZ001 - what a text leaves out must not depend on today


_LONGEST_PATTERN = 300
"""In characters. A text in the usual form of such a pattern is at most `_LONGEST_MOMENT` long."""
_LONGEST_MOMENT = 1_000
"""In characters. strptime takes any number of spaces, and tries them one by one."""
_LONGEST_GUESS = 100
"""In characters. dateutil is slow on long texts."""


def _zone(offset: int | None) -> timezone:
    """Return a zone. Without this, dateutil warns of unknown names, and the warning quotes the cell."""
    return timezone(timedelta(seconds=offset or 0))


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # within hours of the years 1 and 9999, where UTC has no date
        return moment.replace(tzinfo=UTC)


def _parse_date(text: str) -> date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _parse_time(text: str) -> time | None:
    moment = _moment(_SOME_DAY, text) if _PLAIN_TIME.fullmatch(text) else None
    return None if moment is None else moment.timetz()


def _parse_datetime(text: str) -> datetime | None:
    day, separator, clock = text.partition("T")
    on = _parse_date(day) if separator else None
    return None if on is None else _moment(on, clock)


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
        return _in_utc(moment) + timedelta(days=midnight)
    except (OverflowError, ValueError):
        return None


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
        parts = {name: Fraction(part or 0) for name, part in match.groupdict().items() if name != "sign"}
        seconds = ((parts["days"] * 24 + parts["hours"]) * 60 + parts["minutes"]) * 60 + parts["seconds"]
        months = int(parts["years"] * 12 + parts["months"])
        return cls(-months, -seconds) if match["sign"] else cls(months, seconds)

    def __lt__(self, other: "Duration") -> bool:
        """Return whether this one is shorter."""
        return self._average < other._average

    @property
    def _average(self) -> Fraction:
        return self.months * self._SECONDS_A_MONTH + self.seconds
