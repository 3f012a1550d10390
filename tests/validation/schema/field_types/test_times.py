"""Dates, times and durations: the texts that are accepted, and their values."""

import re
from datetime import UTC, date, datetime, time
from itertools import pairwise
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import validate
from chalicelib.validation.schema.field_types import canonical
from chalicelib.validation.schema.field_types.durations import Duration
from tests.validation.schema.field_types.compiled import compiled
from tests.validation.verdicts import schema_of

DATE = {"type": "date"}
DATETIME = {"type": "datetime"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-02-29", date(2024, 2, 29)),
        ("2000-02-29", date(2000, 2, 29)),
        ("0001-01-01", date(1, 1, 1)),
        ("9999-12-31", date(9999, 12, 31)),
    ],
)
def test_dates_are_days_of_the_calendar(text: str, value: date) -> None:
    """A date is XML Schema's date without a zone."""
    assert value == compiled(**DATE).parse(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "2024", "2024-02", "2024-2-3", "24-02-29", "02024-02-29", "2023-02-29", "1900-02-29", "2024-02-30"),
        *("2024-04-31", "2024-13-01", "2024-00-10", "2024-01-00", "2024-01-32", "20240229", "2024-060", "2024-W09-4"),
        *("2024W094", "2024/02/29", "29/02/2024", "29.02.2024", "02-29-2024", "Feb 29 2024", "2024-02-29T00:00:00"),
        *(
            "2024-02-29Z",
            " 2024-02-29",
            "2024-02-29 ",
            "2024-02-29\n",
            "\uff12\uff10\uff12\uff14-02-29",
            "2024-02-\uff12\uff19",
            "2024\u201002\u201029",
        ),
        *("-2024-02-29", "+2024-02-29", "today", "45351"),
    ],
)
def test_other_texts_are_not_a_date(text: str) -> None:
    """Only YYYY-MM-DD, and only days that exist."""
    assert compiled(**DATE).parse(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-02-29T12:30:00Z", datetime(2024, 2, 29, 12, 30, tzinfo=UTC)),
        ("2024-02-29T12:30:00", datetime(2024, 2, 29, 12, 30, tzinfo=UTC)),
        ("2024-02-29T12:30:00.5Z", datetime(2024, 2, 29, 12, 30, 0, 500_000, tzinfo=UTC)),
        ("2024-02-29T12:30:00.000001", datetime(2024, 2, 29, 12, 30, 0, 1, tzinfo=UTC)),
        ("2024-02-29T12:30:00.123456000Z", datetime(2024, 2, 29, 12, 30, 0, 123_456, tzinfo=UTC)),
        ("2024-02-29T12:30:00+05:30", datetime(2024, 2, 29, 7, 0, tzinfo=UTC)),
        ("2024-02-29T12:30:00-00:00", datetime(2024, 2, 29, 12, 30, tzinfo=UTC)),
        ("2024-02-29T12:30:00+14:00", datetime(2024, 2, 28, 22, 30, tzinfo=UTC)),
        ("2024-02-29T12:30:00-13:59", datetime(2024, 3, 1, 2, 29, tzinfo=UTC)),
        ("2024-02-29T23:59:59Z", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
        ("2024-02-28T24:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2024-12-31T24:00:00.000", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2024-12-31T24:00:00-01:00", datetime(2025, 1, 1, 1, tzinfo=UTC)),
    ],
)
def test_datetimes_are_moments(text: str, value: datetime) -> None:
    """XML Schema's dateTime: without a zone it is UTC, and 24:00:00 is the next midnight."""
    assert value == compiled(**DATETIME).parse(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "2024-02-29", "12:30:00", "2024-02-29T", "2024-02-29T12", "2024-02-29T12:30", "2024-02-29T12:30Z"),
        *("2024-02-29 12:30:00", "2024-02-29t12:30:00", "2024-02-29T12:30:00z", "2024-02-29T12:30:00 Z"),
        *("2023-02-29T12:30:00", "2024-02-30T12:30:00", "2024-13-01T12:30:00", "2024-2-29T12:30:00"),
        *("2024-02-29T25:00:00", "2024-02-29T24:00:01", "2024-02-29T24:01:00", "2024-02-29T24:00:00.1"),
        *("2024-02-29T12:60:00", "2024-02-29T12:30:60", "2024-02-29T1:30:00", "2024-02-29T12:30:0"),
        *("2024-02-29T12:30:00.", "2024-02-29T12:30:00,5", "2024-02-29T12:30:00.5.5", "20240229T123000"),
        *("2024-02-29T12:30:00+0530", "2024-02-29T12:30:00+05", "2024-02-29T12:30:00+14:01"),
        "2024-02-29T12:30:00+15:00",
        *("2024-02-29T12:30:00+05:60", "2024-02-29T12:30:00+05:30:00", "2024-02-29T12:30:00 UTC", "1709209800"),
        *(" 2024-02-29T12:30:00", "2024-02-29T12:30:00 ", "2024-02-29T12:30:00\n", "2024-02-29T12:30:0\uff10"),
    ],
)
def test_other_texts_are_not_a_datetime(text: str) -> None:
    """Only one form, and only days and times that exist."""
    assert compiled(**DATETIME).parse(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("00:00:00", time(0, 0, tzinfo=UTC)),
        ("12:30:00", time(12, 30, tzinfo=UTC)),
        ("23:59:59", time(23, 59, 59, tzinfo=UTC)),
        ("24:00:00", time(0, 0, tzinfo=UTC)),
    ],
)
def test_times_are_times_of_day(text: str, value: time) -> None:
    """The default form is hh:mm:ss, and nothing else."""
    assert value == compiled(type="time").parse(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "12", "12:30", "1:30:00", "12:3:00", "12:30:0", "123000", "25:00:00", "24:00:01", "12:60:00"),
        *("12:30:60", "12:30:00.", "12:30:00,5", "12:30:00 PM", "T12:30:00", " 12:30:00", "12:30:00 ", "12:30:00\n"),
        *(
            "12:30:00+5",
            "12:30:00+0530",
            "12:30:00z",
            "12:30:00.25",
            "12:30:00Z",
            "12:30:00+05:30",
            "2024-02-29T12:30:00",
            "\uff11\uff12:30:00",
            "noon",
        ),
    ],
)
def test_other_texts_are_not_a_time(text: str) -> None:
    """Only one form, without spaces."""
    assert compiled(type="time").parse(text) is None


@pytest.mark.parametrize("text", ["2024", "0001", "9999", "1900"])
def test_years_have_four_digits(text: str) -> None:
    """A year has four digits and compares as a number."""
    assert int(text) == compiled(type="year").parse(text)


@pytest.mark.parametrize(
    "text", ["", "24", "024", "2024-01", "2024.0", " 2024", "2024 ", "2024\n", "2O24", "٢٠٢٤", "+2024"]
)
def test_other_texts_are_not_a_year(text: str) -> None:
    """Short forms, signs and spaces are refused."""
    assert compiled(type="year").parse(text) is None


@pytest.mark.parametrize("text", ["2024-01", "2024-12", "0001-06"])
def test_months_of_a_year_are_accepted(text: str) -> None:
    """XML Schema's gYearMonth."""
    assert compiled(type="yearmonth").parse(text) is not None


@pytest.mark.parametrize(
    "text", ["", "2024", "2024-1", "2024-00", "2024-13", "202401", "2024-01-01", "24-01", "2024/01", "2024-01\n"]
)
def test_other_texts_are_not_a_month(text: str) -> None:
    """A month has two digits, from 01 to 12."""
    assert compiled(type="yearmonth").parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("P1Y", "P1M", "P1D", "PT1H", "PT1M", "PT1S", "P1Y2M3DT4H5M6S", "P1YT1S", "PT1.5S", "PT0.000000001S"),
        *("-P1Y", "P0D", "P14M", "P400D", "PT36H", "P" + "9" * 18 + "D"),
    ],
)
def test_durations_are_those_of_xml_schema(text: str) -> None:
    """Parts may be left out, but not all of them."""
    assert compiled(type="duration").parse(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P1", "1Y", "P1YT", "P1S", "PT1Y", "P1M1Y", "P1D1M", "PT1S1M", "P1.5Y", "PT1.5H", "PT1.S"),
        *(
            "PT.5S",
            "PT1,5S",
            "+P1Y",
            "P-1Y",
            "P1Y1W",
            "P1W",
            "p1y",
            "P1y",
            " P1Y",
            "P1Y ",
            "P1Y\n",
            "P1 Y",
            "1 day",
            "P\uff11Y",
        ),
        "P0001-02-03T04:05:06",
    ],
)
def test_other_texts_are_not_a_duration(text: str) -> None:
    """The order is fixed, and only seconds have a fraction."""
    assert compiled(type="duration").parse(text) is None


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        *(("PT59M59S", "PT1H"), ("PT23H", "P1D"), ("P6D", "P7D"), ("P27D", "P1M"), ("P1M", "P32D"), ("P11M", "P1Y")),
        *(("P1Y", "P1Y1D"), ("P364D", "P1Y"), ("P1Y", "P367D"), ("-P1D", "P0D"), ("-P2D", "-P1D"), ("PT1S", "PT1.1S")),
    ],
)
def test_durations_compare_by_how_long_they_last(shorter: str, longer: str) -> None:
    """Months and years count with their average length."""
    small, large = compiled(type="duration").parse(shorter), compiled(type="duration").parse(longer)
    assert isinstance(small, Duration)
    assert isinstance(large, Duration)
    assert small < large
    assert not large < small
    assert small != large


@pytest.mark.parametrize(
    ("kind", "form", "text", "value"),
    [
        ("date", "%d/%m/%Y", "29/02/2024", date(2024, 2, 29)),
        ("date", "%d/%m/%Y", "9/2/2024", date(2024, 2, 9)),
        ("date", "fmt:%d/%m/%Y", "29/02/2024", date(2024, 2, 29)),
        ("date", "%Y%m%d", "20240229", date(2024, 2, 29)),
        ("date", "%d %b %y", "30 Nov 14", date(2014, 11, 30)),
        ("date", "%d/%m/%Y", "29/02/2023", None),
        ("date", "%d/%m/%Y", "2024-02-29", None),
        ("date", "%d/%m/%Y", "29/02/2024 ", None),
        ("date", "%d/%m/%Y", "\uff12\uff19/02/2024", None),
        ("date", "%d/%m/%Y", "31/12/99999", None),
        ("datetime", "%d/%m/%Y %H:%M:%S", "12/11/2018 09:15:32", datetime(2018, 11, 12, 9, 15, 32, tzinfo=UTC)),
        ("datetime", "%Y-%m-%d %H:%M%z", "2024-02-29 12:30+0200", datetime(2024, 2, 29, 10, 30, tzinfo=UTC)),
        ("datetime", "%d/%m/%Y %H:%M:%S", "12/11/2018", None),
        ("time", "%H:%M", "09:15", time(9, 15, tzinfo=UTC)),
        ("time", "%I:%M %p", "09:15 PM", time(21, 15, tzinfo=UTC)),
        ("time", "%H:%M", "09:15:00", None),
        ("time", "%H:%M", "24:00", None),
        ("date", "any", "2024-02-29", date(2024, 2, 29)),
        ("date", "any", "29 February 2024", date(2024, 2, 29)),
        ("date", "any", "Feb 29, 2024", date(2024, 2, 29)),
        ("date", "any", "30 February 2024", None),
        ("date", "any", "tomorrow", None),
        ("date", "any", " ", None),
        ("datetime", "any", "29 Feb 2024 12:30", datetime(2024, 2, 29, 12, 30, tzinfo=UTC)),
        ("datetime", "any", "2024-02-29T12:30:00+02:00", datetime(2024, 2, 29, 10, 30, tzinfo=UTC)),
        ("datetime", "any", "not a date", None),
        ("time", "any", "9:15 pm", time(21, 15, tzinfo=UTC)),
        ("time", "any", "late", None),
    ],
)
def test_a_format_declares_how_moments_are_written(
    kind: str, form: str, text: str, value: date | time | datetime | None
) -> None:
    """A format is a strptime pattern, with or without the old `fmt:`, or `any`, which dateutil parses."""
    assert value == compiled(type=kind, format=form).parse(text)


@pytest.mark.parametrize("kind", ["date", "time", "datetime"])
@pytest.mark.parametrize("form", ["%Q", "%d%", "fmt:%-d", "%Y-%"])
def test_a_broken_format_is_refused(kind: str, form: str) -> None:
    """A broken format is an error of the schema, not of every cell."""
    with pytest.raises(SchemaInvalid, match=r"^\$: the format '.*' is no pattern: "):
        compiled(type=kind, format=form)


def test_half_of_a_surrogate_pair_is_refused() -> None:
    """JSON can contain one, and no file can."""
    with pytest.raises(SchemaInvalid, match="half of a surrogate pair"):
        compiled(type="date", format="%Y\ud800")


@pytest.mark.parametrize("kind", ["year", "yearmonth", "duration"])
def test_other_times_have_one_format(kind: str) -> None:
    """Other temporal types accept the default format only."""
    assert compiled(type=kind).expected == compiled(type=kind, format="default").expected
    with pytest.raises(SchemaInvalid, match=r"^\$\.format: expected one of default$"):
        compiled(type=kind, format="%Y")


@pytest.mark.parametrize(("spaces", "is_read"), [(998, True), (999, False)])
def test_a_text_is_read_by_a_pattern_up_to_a_thousand_characters(spaces: int, *, is_read: bool) -> None:
    """A text of more than 1,000 characters is refused; strptime would be slow."""
    assert is_read == (compiled(type="time", format="%H %M").parse(f"9{' ' * spaces}5") is not None)


def test_a_pattern_may_have_three_hundred_characters() -> None:
    """A longer format is refused with the schema."""
    assert compiled(type="time", format="%H" + "x" * 298).parse("09" + "x" * 298)
    with pytest.raises(SchemaInvalid, match="more than 300 characters"):
        compiled(type="time", format="%H" + "x" * 299)


@pytest.mark.parametrize(
    ("form", "meant"),
    [
        *(("YYYY-MM-DD", "%Y-%m-%d"), ("dd/mm/yyyy", "%d/%m/%Y"), ("", "%Y-%m-%d")),
        *(("YYYY-MM-DD hh:mm:ss", "%Y-%m-%d %H:%M:%S"), ("fmt:DD.MM.YY", "%d.%m.%y")),
    ],
)
def test_a_format_without_a_directive_is_refused(form: str, meant: str) -> None:
    """It could match one text only; the message says what to write."""
    with pytest.raises(SchemaInvalid, match=f"has no directive: write {re.escape(repr(meant))}, or leave it out"):
        compiled(type="date", format=form)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("12024-02-29T00:00:00Z", "12024-02-29T02:00:00+02:00"),
        ("10000-01-01T00:00:00Z", "9999-12-31T24:00:00Z"),
        ("10000-01-01T04:00:00Z", "9999-12-31T23:00:00-05:00"),
        ("0000-12-31T19:00:00Z", "0001-01-01T00:00:00+05:00"),
        ("-0001-12-31T23:00:00Z", "0000-01-01T00:00:00+01:00"),
    ],
)
def test_years_beyond_those_of_python_are_exact(text: str, same: str) -> None:
    """XML Schema's years have a sign, and any number of digits from four on."""
    parse = compiled(type="datetime").parse
    assert parse(text) is not None
    assert canonical(parse(text)) == canonical(parse(same))


def test_distant_years_are_in_order() -> None:
    """With each other, and with the years that Python's dates have."""
    parse = compiled(type="datetime").parse
    texts = ["-12024-06-01T00:00:00", "-0044-03-15T00:00:00", "0000-01-01T00:00:00", "0001-01-01T00:00:00"]
    texts += ["2024-01-01T00:00:00", "9999-12-31T24:00:00", "12024-01-01T00:00:00", "12024-01-01T00:00:00-01:00"]
    moments: list[Any] = [parse(text) for text in texts]
    assert all(one < other and other > one and one != other for one, other in pairwise(moments))


@pytest.mark.parametrize("year", ["02024", "+2024", "024", "1" * 19, "--2024", "2024.0"])
def test_years_are_xml_schemas(year: str) -> None:
    """Leading zeros are allowed up to four digits, and no plus sign."""
    assert compiled(type="datetime").parse(f"{year}-01-01T00:00:00") is None
    assert compiled(type="year").parse(year) is None
    assert compiled(type="yearmonth").parse(f"{year}-01") is None


@pytest.mark.parametrize("day", ["12024-02-30", "12023-02-29", "-0001-02-29"])
def test_days_of_distant_years_are_those_of_the_calendar(day: str) -> None:
    """The Gregorian calendar, before and after the years of Python."""
    assert compiled(type="datetime").parse(f"{day}T00:00:00") is None


@pytest.mark.parametrize(
    ("kind", "minimum", "good", "bad"),
    [
        ("datetime", "9999-01-01T00:00:00", "10000-01-01T00:00:00", "-9999-01-01T00:00:00"),
        ("year", "-0044", "12024", "-0045"),
        ("yearmonth", "9999-12", "10000-01", "-10000-12"),
    ],
)
def test_bounds_of_distant_years(kind: str, minimum: Any, good: str, bad: str) -> None:
    """Compared by value, not as texts, by every engine."""
    rows = f"a\n{good}\n{bad}\n".encode()
    schema = schema_of({"type": kind, "constraints": {"minimum": minimum}})
    for engine in ("reference", "portable", "native"):
        report = validate([rows], schema, engine=engine)
        assert [(3, "constraint-error")] == [(error.row, error.code) for error in report.errors]
