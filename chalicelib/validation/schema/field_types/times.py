"""Dates, times, years and months.

The default formats are XML Schema's. For comparison, a time without a zone counts as UTC. Seconds are exact to the
microsecond.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.causes.times import (
    date_cause,
    datetime_cause,
    time_cause,
    year_cause,
    yearmonth_cause,
)
from chalicelib.validation.schema.field_types import calendar
from chalicelib.validation.schema.field_types.field_type import BOUNDS, FieldType, Order, Value, format_of
from chalicelib.validation.schema.field_types.moments import (
    SOME_DAY,
    XSD_YEAR,
    in_utc,
    parse_date,
    parse_datetime,
    parse_time,
)

_YEAR = re.compile(XSD_YEAR)
_YEARMONTH = re.compile(f"(?P<year>{XSD_YEAR})-(?P<month>0[1-9]|1[0-2])")


def date_(node: Node) -> FieldType:
    """Compile the type of calendar dates."""
    plain = FieldType(
        expected="a date",
        parse=parse_date,
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
        parse=parse_datetime,
        examples=("2024-02-29T12:30:00Z",),
        near=_near_days("%Y-%m-%dT%H:%M:%SZ"),
        cause=datetime_cause(parse_datetime, None),
        order=_IN_TIME,
        form=f"{calendar.DAY}T{calendar.CLOCK}",
        is_whole=False,
        constraints=BOUNDS,
    )
    return _temporal(node, plain, in_utc)


def time_(node: Node) -> FieldType:
    """Compile the type of times of day."""
    plain = FieldType(
        expected="a time",
        parse=parse_time,
        examples=("12:30:00", "00:00:00", "06:00:00", "18:00:00", "23:59:59"),
        cause=time_cause(None),
        order=_IN_TIME,
        form=calendar.TIME,
        is_whole=False,
        constraints=BOUNDS,
    )
    return _temporal(node, plain, lambda moment: in_utc(moment).timetz())


def year(node: Node) -> FieldType:
    """Compile the type of years: XML Schema's, without a zone."""
    format_of(node)
    return FieldType(
        expected="a year",
        parse=lambda text: Decimal(text) if _YEAR.fullmatch(text) else None,
        examples=("2024", "2000", "1900"),
        near=lambda limit: (_written_year(int(limit) + step) for step in (0, 1, -1)),
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
        parse=_parse_month,
        examples=("2024-02", "2000-01", "1900-01"),
        near=_near_months,
        cause=yearmonth_cause,
        order=_IN_TIME,
        form=_YEARMONTH.pattern,
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
                moment = datetime.combine(SOME_DAY, limit) if isinstance(limit, time) else limit
                yield (moment + timedelta(days=days)).strftime(form)
            except (OverflowError, TypeError, ValueError):  # beyond the years of Python's dates
                continue

    return near


def _parse_month(text: str) -> tuple[int, int] | None:
    match = _YEARMONTH.fullmatch(text)
    return (int(match["year"]), int(match["month"])) if match else None


def _near_months(limit: Any) -> Iterator[str]:
    year_, month = limit
    for months in (0, 1, -1):
        at = 12 * year_ + month - 1 + months
        yield f"{_written_year(at // 12)}-{at % 12 + 1:02}"


def _written_year(number: int) -> str:
    return f"{'-' if number < 0 else ''}{abs(number):04}"


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
    if re.search("[\ud800-\udfff]", form):
        node.refuse(f"the format {form!r} contains half of a surrogate pair")
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
