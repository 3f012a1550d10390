"""Regular expressions of dates, times and durations."""

import re
from calendar import isleap, monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType

from chalicelib.validation.schema.field_types.field_type import Bound
from chalicelib.validation.schema.field_types.ranges import NOTHING, same_length

_YEAR = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
"""From 0001 to 9999."""
_LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_DAY_OF_YEAR = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
"""Without the 29th of February."""

DAY = f"(?:{_YEAR}-{_DAY_OF_YEAR}|{_LEAP_YEAR}-02-29)"
"""Every day of the Gregorian calendar from the year 1 to 9999."""
TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
"""Every time of day in whole seconds, except 24:00:00."""
CLOCK = TIME + r"(?:\.[0-9]+)?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
"""Every time of day, with or without a zone, except 24:00:00."""


def _some_of(*parts: str) -> str:
    """Return an expression of one part or more, in their order."""
    first, *others = parts
    following = "".join(f"(?:{part})?" for part in others)
    return f"(?:{first}{following}|{_some_of(*others)})" if others else first


_DIGITS = "[0-9]{1,18}"
_ON_CLOCK = "T" + _some_of(f"{_DIGITS}H", f"{_DIGITS}M", rf"{_DIGITS}(?:\.{_DIGITS})?S")
DURATION = f"-?P{_some_of(*(_DIGITS + unit for unit in 'YMD'), _ON_CLOCK)}"
"""A duration of XML Schema."""


_LEAP_YEARS = frozenset(filter(isleap, range(1800, 2201)))
"""The years whose 29th of February is in an expression; others are left to the reference checker."""


def days_between(bounds: Sequence[Bound]) -> str | None:
    """Return an expression of the days within all bounds."""
    first, last = date.min, date.max
    for bound in bounds:
        if bound.is_exclusive and bound.limit == (date.max if bound.is_least else date.min):
            return NOTHING
        day = timedelta(days=bound.is_exclusive)
        first = max(first, bound.limit + day) if bound.is_least else first
        last = last if bound.is_least else min(last, bound.limit - day)
    return "|".join(_days(first, last)) or NOTHING


def _days(first: date, last: date) -> Iterator[str]:
    if first > last:
        return
    if first.year == last.year:
        yield from _days_of_year(first, last)
        return
    yield from _days_of_year(first, first.replace(month=12, day=31))
    if first.year + 1 < last.year:
        yield f"{same_length(f'{first.year + 1:04}', f'{last.year - 1:04}')}-{_DAY_OF_YEAR}"
        if leap_years := [f"{year:04}" for year in range(first.year + 1, last.year) if year in _LEAP_YEARS]:
            yield f"(?:{'|'.join(leap_years)})-02-29"
    yield from _days_of_year(last.replace(month=1, day=1), last)


def _days_of_year(first: date, last: date) -> Iterator[str]:
    for month in range(first.month, last.month + 1):
        start = first.day if month == first.month else 1
        end = last.day if month == last.month else monthrange(first.year, month)[1]
        yield f"{first.year:04}-{month:02}-{same_length(f'{start:02}', f'{end:02}')}"


# --- patterns of strptime -------------------------------------------------------------------------------------------

_DIRECTIVES: Mapping[str, str] = MappingProxyType(
    {
        "%Y": "[1-9][0-9]{3}",
        "%y": "[0-9]{2}",
        "%H": "(?:[01][0-9]|2[0-3])",
        "%M": "[0-5][0-9]",
        "%S": "[0-5][0-9]",
        "%f": "[0-9]{6}",
        "%%": "%",
    }
)
_DAYS_OF_MONTHS = (
    ("(?:0[1-9]|1[0-2])", "(?:0[1-9]|1[0-9]|2[0-8])"),
    ("(?:0[13-9]|1[0-2])", "(?:29|30)"),
    ("(?:0[13578]|1[02])", "31"),
)
"""Months, and the days that all of them have, without the 29th of February."""
_WITHOUT_ZERO: Mapping[str, str] = MappingProxyType(
    {directive: _DIRECTIVES[directive].replace("][0-9]", "]?[0-9]") for directive in ("%H", "%M", "%S")}
)
"""The same where strptime needs no leading zero."""


def usual_form(pattern: str) -> str | None:
    """Return an expression of most texts that match a strptime pattern, or None.

    A leading zero may be missing where a number has no other digits beside it, so that there is one way to read it.
    """
    parts = re.findall(r"%.|[^%\s]|\s+", pattern)
    if "".join(parts) != pattern or any(part.isspace() and part.strip(" ") for part in parts):
        return None
    if any(character.isdigit() and not character.isascii() for character in pattern):
        return None  # such digits are in no value
    forms = []
    for months, days in _DAYS_OF_MONTHS:
        known = {**_DIRECTIVES, "%m": months, "%d": days}
        alone = {**known, **_WITHOUT_ZERO, "%m": months.replace("0[", "0?["), "%d": days.replace("0[", "0?[")}
        if any(part.startswith("%") and part not in known for part in parts):
            return None
        around = zip(["", *parts], parts, [*parts[1:], ""], strict=False)
        forms.append(
            "".join(
                (known if _has_digits(before) or _has_digits(after) else alone).get(part) or re.escape(part)
                for before, part, after in around
            )
        )
    return "|".join(dict.fromkeys(forms))


def _has_digits(part: str) -> bool:
    """Return whether a part of a pattern stands for digits, or is one."""
    return part.isdigit() or (part.startswith("%") and part != "%%")
