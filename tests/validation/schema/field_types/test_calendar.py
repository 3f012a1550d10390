"""Expressions of dates, times and durations agree with the parsers."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chalicelib.validation.regex.translation import is_translatable
from chalicelib.validation.schema.field_types.calendar import CLOCK, DAY, DURATION, days_between, usual_form
from chalicelib.validation.schema.field_types.durations import Duration
from chalicelib.validation.schema.field_types.field_type import Bound
from tests.validation.schema.field_types.compiled import compiled

YEARS = [0, 1, 4, 99, 100, 400, 1000, 1582, 1900, 1999, 2000, 2019, 2020, 2023, 2024, 2100, 2400, 9996, 9999]


def day_of(text: str) -> date | None:
    """Parse a date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@pytest.mark.parametrize("year", YEARS)
def test_days_are_those_of_the_calendar(year: int) -> None:
    """The expression matches every day of a year, and no other text."""
    texts = [f"{year:04}-{month:02}-{day:02}" for month in range(14) for day in range(34)]
    assert [text for text in texts if day_of(text)] == [text for text in texts if re.fullmatch(DAY, text)]


def test_leap_years_are_those_of_the_calendar() -> None:
    """Leap days are right in all years, and so is the last day of a year."""
    texts = [f"{year:04}-{day}" for year in range(10_000) for day in ("02-28", "02-29", "02-30", "12-31")]
    assert [text for text in texts if day_of(text)] == [text for text in texts if re.fullmatch(DAY, text)]


@pytest.mark.parametrize(
    "text", ["2024-2-29", "20240229", "2024-02-29 ", "2024-02-29\n", "\uff12024-02-29", "-2024-02-29"]
)
def test_other_texts_do_not_match_a_day(text: str) -> None:
    """Only four digits, two and two match."""
    assert re.fullmatch(DAY, text) is None


HOURS, SIXTIETHS = ["0", "00", "09", "19", "20", "23", "24", "25"], ["", "0", "00", "59", "60"]
ENDS = ["", ".", ".0", ".123456789", "Z", "z", ".5Z", " ", "\n", "Z\n", ",5", "+09:60", "+1:00", "+0100"]
ENDS += ["+00:00", "-00:00", "+09:59", "-13:59", "+14:00", "+14:01", "+15:00"]


def test_times_are_those_of_a_day_but_for_midnight_as_its_end() -> None:
    """Hours, minutes, seconds, fraction and zone are those of the parser, except 24:00:00."""
    parse = compiled(type="datetime").parse
    for hour, minute, second, end in product(HOURS, SIXTIETHS, SIXTIETHS, ENDS):
        text = f"{hour}:{minute}:{second}{end}"
        expected = parse(f"2024-02-29T{text}") is not None and hour != "24"
        assert expected == bool(re.fullmatch(CLOCK, text)), text


PARTS = st.sampled_from([*"PT-Y1+", "1Y", "2M", "3D", "4W", "5H", "6M", "7S", "7.5S", ".5S", "7.S", "\uff11D"])


@given(text=st.lists(PARTS, max_size=9).map("".join) | st.from_regex(DURATION, fullmatch=True))
@example(text="P" + "9" * 18 + "Y")
@example(text="P" + "9" * 19 + "Y")
@example(text="PT0." + "9" * 18 + "S")
@example(text="PT0." + "9" * 19 + "S")
def test_durations_are_those_of_the_parser(text: str) -> None:
    """The expression matches the same texts as the parser."""
    assert (Duration.parse(text) is not None) == bool(re.fullmatch(DURATION, text))


def test_any_parts_of_a_duration_may_be_left_out() -> None:
    """One part must be there, and one after a T."""
    for parts in product(*(("", part) for part in ("-", "P", "1Y", "2M", "3D", "T", "4H", "5M", "6.7S"))):
        text = "".join(parts)
        assert (Duration.parse(text) is not None) == bool(re.fullmatch(DURATION, text)), text


# --- days between bounds --------------------------------------------------------------------------------------------

DATES = st.dates() | st.dates(date(2019, 12, 1), date(2024, 3, 2)) | st.sampled_from([date.min, date.max])
LIMITS = st.lists(st.builds(Bound, DATES, st.booleans(), st.booleans()), min_size=1, max_size=3)
FROM_THE_FIRST_DAY = Bound(date.min, is_least=True, is_exclusive=False)


def is_within(day: date, bounds: Sequence[Bound]) -> bool:
    """Return whether a day is within all bounds."""
    return all(
        (each.limit < day if each.is_least else day < each.limit) or (day == each.limit and not each.is_exclusive)
        for each in bounds
    )


def shifted(day: date, days: int) -> date:
    """Return a later day, or the last one that exists."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def is_left_to_the_checker(day: date) -> bool:
    """Return whether an expression may leave out a day that is within its bounds."""
    return (day.month, day.day) == (2, 29) and not 1800 <= day.year <= 2200


@given(bounds=LIMITS, days=st.lists(DATES, max_size=4), steps=st.lists(st.integers(-800, 800), max_size=4))
@example(bounds=[FROM_THE_FIRST_DAY], days=[date(1796, 2, 29), date(2000, 2, 29), date(2204, 2, 29)], steps=[])
def test_days_match_if_they_are_within_all_bounds(bounds: list[Bound], days: list[date], steps: list[int]) -> None:
    """Bounds are exact to the day. A leap day outside 1800 to 2200 may be left out."""
    form = days_between(bounds)
    assert form is not None
    near = [shifted(each.limit, step) for each in bounds for step in (-366, -1, 0, 1, 366, *steps)]
    for day in (*days, *near):
        matches = bool(re.fullmatch(form, str(day)))
        assert is_within(day, bounds) == matches or (is_left_to_the_checker(day) and not matches), day


@given(bounds=LIMITS, year=st.integers(0, 9999), month=st.integers(0, 13), day=st.integers(0, 32))
def test_bounds_accept_no_day_that_does_not_exist(bounds: list[Bound], year: int, month: int, day: int) -> None:
    """The 29th of February matches in leap years only."""
    form, text = days_between(bounds), f"{year:04}-{month:02}-{day:02}"
    assert form is not None
    assert day_of(text) or not re.fullmatch(form, text)


@pytest.mark.parametrize(
    ("limit", "is_least"),
    [
        ("1900-01-01", True),
        ("2024-12-31", False),
    ],
)
def test_one_bound_leaves_an_expression_that_has_a_translation(limit: str, *, is_least: bool) -> None:
    """The fast path can use the expression of one bound."""
    form = days_between([Bound(date.fromisoformat(limit), is_least, is_exclusive=False)])
    assert form is not None
    assert is_translatable(form)


# --- patterns of strptime -------------------------------------------------------------------------------------------

DIRECTIVES = ["%Y", "%y", "%m", "%d", "%H", "%M", "%S", "%%"]
LITERALS = ["-", "/", ".", " ", ":", "T", "(", "+", "*", "[", "\\", "|", "^", "$", "é", ",", '"', "0", "5"]
MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31))  # noqa: DTZ001 - strptime's have no zone


@st.composite
def formats(draw: st.DrawFn) -> str:
    """Generate a pattern with each directive at most once."""
    directives = draw(st.lists(st.sampled_from(DIRECTIVES), unique=True))
    between = st.lists(st.sampled_from(LITERALS), max_size=2).map("".join)
    return draw(between) + "".join(each + draw(between) for each in directives)


def is_read(text: str, form: str) -> bool:
    """Return whether strptime accepts a text."""
    try:
        datetime.strptime(text, form)  # noqa: DTZ007
    except ValueError:
        return False
    return True


@given(form=formats(), moment=MOMENTS, data=st.data())
def test_the_usual_form_of_a_pattern_agrees_with_strptime(form: str, moment: datetime, data: st.DataObject) -> None:
    """Strptime accepts what the form matches, and the form matches what strftime writes, except leap days."""
    usual = usual_form(form)
    assert usual is not None
    written = moment.strftime(form)
    is_leap_day = "%d" in form and "%m" in form and (moment.month, moment.day) == (2, 29)
    assert is_leap_day or re.fullmatch(usual, written)
    at = data.draw(st.integers(0, len(written)))
    changed = written[:at] + data.draw(st.sampled_from([*"0139 -", ""])) + written[at + data.draw(st.integers(0, 1)) :]
    shorter = re.sub("(?<![0-9])0(?=[0-9](?![0-9]))", "", written)
    for text in (written, changed, shorter):
        assert is_read(text, form) or not re.fullmatch(usual, text)


@pytest.mark.parametrize(
    ("form", "text", "is_usual"),
    [
        ("%d/%m/%Y %H:%M:%S", "1/2/2024 9:5:0", True),
        ("%d%% %m", "3% 4", True),
        ("%d%m%Y", "1022024", False),
        ("%H%M:%S", "933:5", False),
        ("%d1/%m", "31/2", False),
        ("%d/%m", " 1/2", False),
    ],
)
def test_a_leading_zero_may_be_missing_where_a_number_stands_alone(form: str, text: str, *, is_usual: bool) -> None:
    """Elsewhere there may be two ways to read the digits."""
    usual = usual_form(form)
    assert usual is not None
    assert is_usual == (re.fullmatch(usual, text) is not None)


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%Y%m%d", "%m%d", "%d%m%y", "%d", "%m", "%d.%m.%y", "%Y-%d"])
def test_every_day_of_the_usual_form_exists(form: str) -> None:
    """Months have the right number of days, whether or not the pattern has a year."""
    usual = usual_form(form)
    assert usual is not None
    for year, month, day in product(("1900", "2023", "2024"), range(14), range(33)):
        written = (
            form.replace("%Y", year).replace("%y", year[2:]).replace("%m", f"{month:02}").replace("%d", f"{day:02}")
        )
        assert is_read(written, form) or not re.fullmatch(usual, written), written


@pytest.mark.parametrize("form", ["%j", "%Y-%j", "%d %b %Y", "%I:%M %p", "%A", "%z", "%H:%M%Z", "%Y\t%m", "%c", "%Y\n"])
def test_patterns_of_names_zones_and_odd_spaces_have_no_usual_form(form: str) -> None:
    """Such patterns have no expression: strptime decides."""
    assert usual_form(form) is None


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%Y٣", "2024٣"),
        ("%Y²", "2024²"),
        ("%f%m%d", "11230"),
        ("%f%Y%m%d", "120000215"),
        ("%H:%M:%S.%f", "12:00:00.1"),
        ("%S.%f", "59.123456"),
    ],
)
def test_texts_of_the_usual_form_are_values(form: str, text: str) -> None:
    """Every text that the form matches is a value."""
    kind = compiled(type="datetime", format=form)
    if kind.form is not None and re.fullmatch(kind.form, text):
        assert kind.parse(text) is not None


@given(day=st.dates(), step=st.integers(1, 3))
def test_adjacent_days_are_distinguished(day: date, step: int) -> None:
    """An exclusive limit differs from an inclusive one by one day."""
    assume(day <= date.max - timedelta(days=step))
    exclusive = days_between([Bound(day, is_least=True, is_exclusive=True)])
    inclusive = days_between([Bound(day + timedelta(days=1), is_least=True, is_exclusive=False)])
    assert inclusive == exclusive
