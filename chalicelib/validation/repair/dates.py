"""Rules for dates and times: whether the day or the month comes first is decided over the whole column."""

import re
from collections.abc import Iterator

from attrs import evolve

from chalicelib.validation.repair.changes import Change
from chalicelib.validation.repair.column_cells import ColumnCells
from chalicelib.validation.repair.proposals import Proposal, change, occurs
from chalicelib.validation.repair.texts import SPACE
from chalicelib.validation.schema.table_schema import Field

_YEAR, _MONTH, _DAY = "([0-9]{4})", "(0?[1-9]|1[0-2])", "(0?[1-9]|[12][0-9]|3[01])"
_LATE = "(?:1[3-9]|2[0-9]|3[01])"
"""A number that is a day and no month."""
_CLOCK = "[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_SEPARATOR = "[/.-]"


def dates(field: Field, cells: ColumnCells) -> list[Proposal]:
    """Propose how dates are to be written, given cells of the column."""
    order = _order(field.type.format)
    if order is None:
        return []
    is_default = field.type.format == "default"
    return [
        *_ordered(order, cells, rest=""),
        *_other_forms(order, rest="", year_first=is_default),
        *([Proposal(rule="midnight", changes=(_midnight(),))] if is_default else []),
    ]


def datetimes(field: Field, cells: ColumnCells) -> list[Proposal]:
    """Propose how dates with a time of the default format are to be written."""
    if field.type.format != "default":
        return []
    order = "$y-$m-$d"
    zone = rf"(?:[Zz]|[{SPACE}]?(?:UTC|GMT)|[{SPACE}]?[+-][0-9]{{2}}:?(?:[0-9]{{2}})?)?"
    day = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    return [
        *_ordered(order, cells, rest=_rest(zone)),
        *_other_forms(order, rest=_rest(zone), year_first=True),
        Proposal(
            rule="time-separator",
            changes=(change(rf"{day}[Tt{SPACE}]+{_CLOCK}{zone}", (rf"^({day})[Tt{SPACE}]+", "$1T")),),
        ),
        Proposal(
            rule="missing-seconds",
            changes=(
                change(rf"{day}T[0-9]{{1,2}}:[0-9]{{2}}{zone}", ("(T[0-9]{1,2}:[0-9]{2})", "$1:00")),
                change(rf"{day}T[0-9]:[0-9]{{2}}:.*", ("T([0-9]):", "T0$1:")),
            ),
        ),
        Proposal(
            rule="zone-colon",
            changes=(
                change(
                    rf"{day}T{_CLOCK}{zone}",
                    (rf"[{SPACE}]?(?:UTC|GMT|z)$", "Z"),
                    (rf"[{SPACE}]+(?=[+-])", ""),
                    ("(:[0-9.]+[+-][0-9]{2})([0-9]{2})$", "$1:$2"),
                    ("(:[0-9.]+[+-][0-9]{2})$", "$1:00"),
                    (",", "."),
                ),
            ),
        ),
    ]


def times(field: Field, _: ColumnCells) -> list[Proposal]:
    """Propose how times of day of the default format are to be written."""
    if field.type.format != "default":
        return []
    return [
        Proposal(
            rule="missing-seconds",
            changes=(
                change("[0-9]{1,2}:[0-9]{2}", ("$", ":00")),
                change("[0-9]:[0-9]{2}:[0-9]{2}", ("^", "0")),
            ),
        )
    ]


def _order(form: str) -> str | None:
    """Return the order of a date's parts as a template; None if it is not of digits alone."""
    if form == "default":
        return "$y-$m-$d"
    if sorted(re.findall("%.", form)) != ["%Y", "%d", "%m"] or re.search("[0-9$]", form):
        return None
    return form.replace("%Y", "$y").replace("%m", "$m").replace("%d", "$d")


def _rest(zone: str) -> str:
    return rf"(?:[Tt{SPACE}]+{_CLOCK}{zone})?"


def _written(order: str, parts: str) -> str:
    """Return the template of an order for groups that are the year, the month and the day in the order of `parts`."""
    for at, part in enumerate(parts, start=1):
        order = order.replace(f"${part}", f"${at}")
    return order


def _other_forms(order: str, *, rest: str, year_first: bool) -> Iterator[Proposal]:
    """Propose to rewrite dates that can be read in one way only: those with the year first, or a month's name."""
    changes: list[Change] = []
    if year_first:
        ymd = rf"{_YEAR}{_SEPARATOR}{_MONTH}{_SEPARATOR}{_DAY}"
        compact = "([0-9]{4})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
        changes.append(change(f"{ymd}{rest}", *_padded(ymd, _written(order, "ymd"))))
        changes.append(change(f"{compact}{rest}", (f"^{compact}", _written(order, "ymd"))))
    elif order != "$y-$m-$d":
        ymd = "([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        changes.append(change(f"{ymd}{rest}", (f"^{ymd}", _written(order, "ymd"))))
    yield Proposal(rule="date-form", changes=tuple(changes))
    named: list[Change] = []
    for number, (short, long) in enumerate(zip(_MONTHS, _LONG_MONTHS, strict=True), start=1):
        name = _any_case(f"{long}|{short}")
        dmy = rf"(?:{_DAY})[.]?[ -](?:{name})[.]?,?[ -]{_YEAR}"
        mdy = rf"(?:{name})[.]? {_DAY},? {_YEAR}"
        template = _written(order.replace("$m", f"{number:02}"), "dy")
        named += [change(f"{shape}{rest}", *_padded(shape, template)) for shape in (dmy, mdy)]
    yield Proposal(rule="month-name", changes=tuple(named))


def _padded(shape: str, template: str) -> tuple[tuple[str, str], ...]:
    """Return substitutions that write a date by a template, days and months with two digits."""
    marked = re.sub(r"(\$[1-9])", "\x01\\1\x02", template)
    return ((f"^{shape}(?![0-9])", marked), ("\x01([0-9])\x02", "0$1"), ("[\x01\x02]", ""))


def _any_case(names: str) -> str:
    return "".join(f"[{each.upper()}{each}]" if each.isalpha() else each for each in names)


def _ordered(order: str, cells: ColumnCells, *, rest: str) -> list[Proposal]:
    """Propose to rewrite dates with the year last, in the order that the column proves, or else in either."""
    day_first = rf"{_DAY}({_SEPARATOR}){_MONTH}\2{_YEAR}"
    month_first = rf"{_MONTH}({_SEPARATOR}){_DAY}\2{_YEAR}"
    late_first = rf"{_LATE}({_SEPARATOR})(?:0?[1-9]|1[0-2])\1[0-9]{{4}}"
    late_second = rf"(?:0?[1-9]|1[0-2])({_SEPARATOR}){_LATE}\1[0-9]{{4}}"
    by_day, by_month = occurs(f"{late_first}{rest}", cells), occurs(f"{late_second}{rest}", cells)
    is_same_shape = re.fullmatch(r"\$([dm])[/.-]\$[dm][/.-]\$y", order)
    readings = []
    for variant, shape, parts, opposite in (
        ("day-month", day_first, "d-my", late_second),
        ("month-day", month_first, "m-dy", late_first),
    ):
        made = change(f"{shape}{rest}", *_padded(shape, _written(order, parts)), unless=f"{opposite}{rest}")
        # In a column of the other order, cells that are valid by chance mean another day.
        swaps = is_same_shape is not None and is_same_shape[1] != parts[0]
        readings.append((variant, evolve(made, valid_too=swaps)))
    if by_day != by_month:
        variant, made = readings[0 if by_day else 1]
        return [Proposal(rule="date-order", changes=(made,))]
    return [
        Proposal(
            rule="date-order", variant=variant, certain=False, changes=(evolve(made, unless=None, valid_too=False),)
        )
        for variant, made in readings
    ]


def _midnight() -> Change:
    day = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    return change(rf"{day}[T ]0?0:00(?::00(?:\.0+)?)?Z?", (f"^({day}).*$", "$1"))
