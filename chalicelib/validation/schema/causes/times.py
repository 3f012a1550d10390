"""Why a text is not a date, a time or a duration."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from chalicelib.validation.schema.causes.corrections import Cause, Correction, Parse, cause_by_corrections

_ZONE_LIKE = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_SERIAL = re.compile(r"[2-6][0-9]{4}(?:[.,][0-9]+)?")
"""Days since 1900, as spreadsheets store dates, from 1954 to 2091."""

_DATES: Mapping[str, str] = MappingProxyType(
    {
        "%Y-%m-%d": "YYYY-MM-DD",
        "%d.%m.%Y": "DD.MM.YYYY",
        "%d.%m.%y": "DD.MM.YY, with a year of two digits",
        "%Y/%m/%d": "YYYY/MM/DD",
        "%Y.%m.%d": "YYYY.MM.DD",
        "%Y%m%d": "YYYYMMDD",
        "%d-%m-%Y": "DD-MM-YYYY",
        "%d/%m/%Y": "DD/MM/YYYY",
        "%m/%d/%Y": "MM/DD/YYYY",
        "%m-%d-%Y": "MM-DD-YYYY",
        "%d/%m/%y": "DD/MM/YY, with a year of two digits",
        "%m/%d/%y": "MM/DD/YY, with a year of two digits",
        "%d-%b-%Y": "DD-Mon-YYYY, with the name of the month",
        "%d-%b-%y": "DD-Mon-YY, with the name of the month and a year of two digits",
        "%d %b %Y": "DD Mon YYYY, with the name of the month",
        "%d %B %Y": "DD Month YYYY, with the name of the month",
        "%b %d, %Y": "Mon DD, YYYY, with the name of the month",
        "%B %d, %Y": "Month DD, YYYY, with the name of the month",
        "%Y-%m": "YYYY-MM: the day is missing",
        "%m/%Y": "MM/YYYY: the day is missing",
        "%m.%Y": "MM.YYYY: the day is missing",
        "%Y": "YYYY: month and day are missing",
    }
)
_CLOCKS: Sequence[str] = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%H.%M", "%H%M", "%H%M%S")


def _fits(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007 - only the form is tried
    except ValueError:
        return False
    return True


def _form_of_date(text: str) -> str | None:
    """Return in which usual form a date is written, or in which two, if both are possible."""
    names = [name for form, name in _DATES.items() if _fits(text, form)]
    return " or ".join(names[:2]) or None


def _form_of_clock(text: str) -> str | None:
    return next((form for form in _CLOCKS if _fits(text, form)), None)


def _parts(text: str) -> tuple[str, str]:
    """Split a text into a date and a time of day."""
    match = re.fullmatch(r"(.*[0-9])[T ,]+([0-9]{1,2}[:.][0-9].*)", text)
    return (match[1], match[2]) if match else (text, "")


def _is_clock(text: str) -> bool:
    clock = re.sub(r"(?:[.,][0-9]+)? ?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?|UTC|GMT)?$", "", text)
    return _form_of_clock(clock) is not None


def date_cause(form: str | None) -> Cause:
    """Return a function that explains why a text is not a date of a strptime form, or of the default one."""
    wanted = form or "%Y-%m-%d"

    def cause(text: str) -> str | None:
        day, clock = _parts(text)
        if clock and _is_clock(clock) and (_form_of_date(day) or _fits(day, wanted)):
            return "write the date alone, without a time"
        return _other_form(text, wanted, padded=form is None)

    return cause


def _other_form(text: str, wanted: str, *, padded: bool) -> str | None:
    """Return how a date is written, if that is not as wanted, or why there is no such date."""
    if padded and re.fullmatch("[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", text) and _fits(text, wanted):
        return "write month and day with two digits"
    if _SERIAL.fullmatch(text):
        return "this is the number that spreadsheets store for a date: format the column as a date"
    if name := _form_of_date(text):
        return f"this has the form {name}"
    return "there is no such day in the calendar" if re.fullmatch(_shape(wanted), text) else None


_SHAPES: Mapping[str, str] = MappingProxyType(
    {"%Y": "[0-9]{4}", "%y": "[0-9]{2}", "%f": "[0-9]{1,6}", "%b": "[A-Za-z]{3}", "%B": "[A-Za-z]+", "%p": "[AaPp][Mm]"}
)


def _shape(form: str) -> str:
    """Return an expression of the texts that look like a strptime form."""
    parts = re.findall("%.|[^%]", form)
    return "".join(_SHAPES.get(each, "[0-9]{1,2}") if each.startswith("%") else re.escape(each) for each in parts)


def time_cause(form: str | None) -> Cause:
    """Return a function that explains why a text is not a time of a strptime form, or of the default one."""
    wanted = form or "%H:%M:%S"

    def cause(text: str) -> str | None:
        _, clock = _parts(text)
        if clock and _is_clock(clock):
            return "write the time alone, without a date"
        if form is None and (advice := _default_clock(text)):
            return advice
        return "there is no such time of day" if re.fullmatch(_shape(wanted), text) else None

    return cause


def _default_clock(text: str) -> str | None:
    """Return why a text is not `hh:mm:ss`."""
    if re.fullmatch(r"[0-9]{2}:[0-9]{2}:[0-9]{2}.*(?:Z|[+-][0-9]{2}:?[0-9]{2})", text):
        return "write no time zone"
    if re.fullmatch(r"[0-9]{2}:[0-9]{2}:[0-9]{2}[.,][0-9]+", text):
        return "write no fraction of a second"
    if _fits(text, "%I:%M %p") or _fits(text, "%I:%M:%S %p") or _fits(text, "%I:%M%p"):
        return "write the hours from 00 to 23"
    if _fits(text, "%H:%M"):
        return "write the seconds, too"
    return "write hours, minutes and seconds with two digits" if _fits(text, "%H:%M:%S") else None


def _in_default_form(text: str) -> str:
    """Write the date of a text as YYYY-MM-DD if it can be read in one way only."""
    day, separator, clock = _split(text)
    for form in ("%d.%m.%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y-%m-%d"):
        if _fits(day, form):
            return f"{datetime.strptime(day, form):%Y-%m-%d}{separator}{clock}"  # noqa: DTZ007 - a date
    return text


def _split(text: str) -> tuple[str, str, str]:
    match = re.fullmatch(r"([^T ]+)([T ])(.*)", text)
    return (match[1], match[2], match[3]) if match else (text, "", "")


def _replaced(pattern: str, by: str) -> Callable[[str], str]:
    form = re.compile(pattern)
    return lambda text: form.sub(by, text)


_MOMENTS: Sequence[Correction] = (
    Correction(
        "write the zone with a colon, as in +02:00", _replaced(r"(?<=[0-9])([+-][0-9]{2})([0-9]{2})$", r"\1:\2")
    ),
    Correction("write the zone with minutes, as in +02:00", _replaced(r"(?<=:)([0-9.]+[+-][0-9]{2})$", r"\1:00")),
    Correction("write T between the date and the time", _replaced(r"^(\S+) +(?=[0-9])", r"\1T")),
    Correction("write T and Z as capital letters", lambda text: text.replace("t", "T").replace("z", "Z")),
    Correction(
        "write the zone as Z, or as in +02:00", _replaced(r"(?<=[0-9]) ?(?:UTC|GMT|CEST|CET|[A-Z]{3,4}|\[.*\])$", "Z")
    ),
    Correction("write no space before the zone", _replaced(r"(?<=[0-9]) +(?=[+-]|Z$)", "")),
    Correction("write a point before the fraction of a second", _replaced(r"(?<=[0-9]),(?=[0-9])", ".")),
    Correction("write the seconds, too", _replaced(r"([T ][0-9]{2}:[0-9]{2})(?=$|Z$|[+-])", r"\1:00")),
    Correction("write the date as YYYY-MM-DD", _in_default_form),
    Correction("write the hour with two digits", _replaced("(?<=[T ])([0-9])(?=:)", r"0\1")),
)


def datetime_cause(parse: Parse, form: str | None) -> Cause:
    """Return a function that explains why a text is not a date and time of a strptime form, or of the default one."""

    def cause(text: str) -> str | None:
        if form is None:
            if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) and _fits(text, "%Y-%m-%d"):
                return "the time is missing"
            if advice := cause_by_corrections(text, parse, _MOMENTS):
                return advice
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}.*", text):
                return "there is no such day, time or zone"
        elif re.fullmatch(_shape(form), text):
            return "there is no such day or time"
        if _SERIAL.fullmatch(text):
            return "this is the number that spreadsheets store for a time: format the column as a date and time"
        day, clock = _parts(text)
        if clock and (found := _form_of_date(day)):
            return f"its date has the form {found}"
        return "the time is missing" if _form_of_date(text) else None

    return cause


def year_cause(text: str) -> str | None:
    """Return why a text is not a year of four digits."""
    if re.fullmatch("[0-9]{2}", text):
        return "write the year with four digits"
    if re.fullmatch(r"[0-9]{4}\.0+", text):
        return "write no decimals"
    return "write the year alone" if _form_of_date(text) or re.fullmatch("[0-9]{4}[-/][0-9]{2,4}", text) else None


def yearmonth_cause(text: str) -> str | None:
    """Return why a text is not a month of a year."""
    if re.fullmatch("[0-9]{4}-[0-9]", text):
        return "write the month with two digits"
    if re.fullmatch("[0-9]{4}[/.]?[0-9]{2}", text) or re.fullmatch("[0-9]{1,2}[-/.][0-9]{4}", text):
        return "write the year, a hyphen and the month"
    if re.fullmatch("[0-9]{4}-[0-9]{2}", text):
        return "the month is one of 01 to 12"
    if re.fullmatch("[0-9]{4}", text):
        return "the month is missing"
    return "write the year and the month alone" if _form_of_date(text) else None


def _weeks_as_days(text: str) -> str:
    return re.sub("([0-9]{1,15})W", lambda weeks: f"{7 * int(weeks[1])}D", text)


def _from_clock(text: str) -> str:
    match = re.fullmatch("([0-9]{1,4}):([0-9]{2})(?::([0-9]{2}))?", text)
    return f"PT{match[1]}H{match[2]}M{match[3] or 0}S" if match else text


def duration_cause(parse: Parse) -> Cause:
    """Return a function that explains why a text is not a duration."""
    corrections = (
        Correction("write capital letters", str.upper),
        Correction("write P first", lambda text: text if text.lstrip("-").upper().startswith("P") else f"P{text}"),
        Correction("write weeks as days", _weeks_as_days),
        Correction("write a point before the decimals", _replaced("(?<=[0-9]),(?=[0-9])", ".")),
        Correction("write hours and minutes with their letters, as in PT1H30M", _from_clock),
        Correction(
            "write T before hours, minutes and seconds", _replaced("^(-?P(?:[0-9]+[YD])*)(?=[0-9.]+[HMS])", r"\1T")
        ),
    )

    def cause(text: str) -> str | None:
        if re.fullmatch(r"[0-9]+(?:[.,][0-9]+)?", text):
            return "a number has no unit: write PT90M for 90 minutes, for example"
        return cause_by_corrections(text, parse, corrections)

    return cause
