"""Messages name the cause that a cell shows, in words that say what to write."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.validation.schema.causes.messages import cause, messages

INTEGER = {"type": "integer"}
NUMBER = {"type": "number"}
DATE = {"type": "date"}
GERMAN_DATE = {"type": "date", "format": "%d.%m.%Y"}
TIME = {"type": "time"}
DATETIME = {"type": "datetime"}
DURATION = {"type": "duration"}
BOOLEAN = {"type": "boolean"}
OBJECT = {"type": "object"}
POINT = {"type": "geopoint"}
EMAIL = {"type": "string", "format": "email"}
URI = {"type": "string", "format": "uri"}
UUID = {"type": "string", "format": "uuid"}
BINARY = {"type": "string", "format": "binary"}
CODE = {"type": "string", "constraints": {"pattern": "[A-Z]{3}-[0-9]{3}"}}
STATE = {"type": "string", "constraints": {"enum": ["active", "in stock"]}}


@pytest.mark.parametrize(
    ("descriptor", "cell", "expected"),
    [
        (INTEGER, "12.5", "write no decimals"),
        (INTEGER, "1,250", "write no thousands separators"),
        (INTEGER, "1 250", "write no thousands separators"),
        (INTEGER, "1e3", "write all digits, without an exponent"),
        (INTEGER, "12 EUR", "write the number alone, without a currency, unit or other characters"),
        (INTEGER, "\N{MINUS SIGN}5", "write the hyphen - for the minus sign"),
        (INTEGER, "(5)", "write the minus sign first, as in -12"),
        (INTEGER, "\N{ARABIC-INDIC DIGIT THREE}", "write the digits 0 to 9"),
        (INTEGER, "1O", "a letter looks like a digit: write 0 and 1"),
        (INTEGER, "'7'", "leave out the quotes around it"),
        (INTEGER, "7\N{ZERO WIDTH SPACE}", "leave out an invisible character, such as a no-break space"),
        (INTEGER, "#REF!", "this is the error of a spreadsheet's formula"),
        (INTEGER, "=A1+1", "this is a formula: write its result"),
        (INTEGER, "N/A", "leave the cell empty where there is no value"),
        (INTEGER | {"missingValues": ["NA"]}, "-", "write NA where there is no value"),
        (INTEGER | {"constraints": {"required": True}}, "-", "a value is required"),
        (INTEGER, "twelve", None),
        (NUMBER, "12,50", "write a point before the decimals"),
        (NUMBER, "1.234,56", "write no thousands separators"),
        (NUMBER, "1,250", "write a point before the decimals, and no thousands separators"),
        (NUMBER | {"decimalChar": ","}, "12.5", "write a comma before the decimals"),
        (NUMBER | {"format": "decimal"}, "1e3", "write it without an exponent"),
        (BOOLEAN, "tRUE", "only the case of its letters is wrong"),
        (STATE, "Active", "only the case of its letters is wrong"),
        (STATE, "in-stock", "only its spaces, hyphens or invisible characters are wrong"),
        (CODE, "abc-123", "write capital letters"),
        (CODE, "ABC\N{EN DASH}123", "write the hyphen - for other dashes"),
        (CODE, "AB", None),
        (DATE, "29.02.2024", "this has the form DD.MM.YYYY"),
        (DATE, "02/03/2024", "this has the form DD/MM/YYYY or MM/DD/YYYY"),
        (DATE, "2023-02-29", "there is no such day in the calendar"),
        (DATE, "2024-2-9", "write month and day with two digits"),
        (DATE, "2024-02-29 10:00", "write the date alone, without a time"),
        (DATE, "45351", "this is the number that spreadsheets store for a date: format the column as a date"),
        (GERMAN_DATE, "2024-02-29", "this has the form YYYY-MM-DD"),
        (GERMAN_DATE, "30.02.2024", "there is no such day in the calendar"),
        (TIME, "10:00", "write the seconds, too"),
        (TIME, "10:00:00Z", "write no time zone"),
        (TIME, "10:00:00.5", "write no fraction of a second"),
        (TIME, "10:00 PM", "write the hours from 00 to 23"),
        (TIME, "25:00:00", "there is no such time of day"),
        (TIME, "2024-01-01 10:00:00", "write the time alone, without a date"),
        (DATETIME, "2024-02-29T10:00:00+0200", "write the zone with a colon, as in +02:00"),
        (DATETIME, "2024-02-29T10:00:00+02", "write the zone with minutes, as in +02:00"),
        (DATETIME, "2024-02-29 10:00:00", "write T between the date and the time"),
        (DATETIME, "2024-02-29", "the time is missing"),
        (DATETIME, "2024-02-30T10:00:00Z", "there is no such day, time or zone"),
        (DATETIME | {"format": "%d.%m.%Y %H:%M"}, "2024-02-29 10:00", "its date has the form YYYY-MM-DD"),
        ({"type": "year"}, "24", "write the year with four digits"),
        ({"type": "yearmonth"}, "02/2024", "write the year, a hyphen and the month"),
        ({"type": "yearmonth"}, "2024-13", "the month is one of 01 to 12"),
        (DURATION, "P1W", "write weeks as days"),
        (DURATION, "1:30", "write hours and minutes with their letters, as in PT1H30M"),
        (DURATION, "90", "a number has no unit: write PT90M for 90 minutes, for example"),
        (OBJECT, "{'a': 1}", "write names and texts in double quotes"),
        (OBJECT, '{"a": NaN}', "write null in place of NaN"),
        (OBJECT, '{"a" 1}', "its JSON is wrong at character 6"),
        (OBJECT, "[1]", "this is an array in JSON"),
        ({"type": "list", "itemType": "integer"}, "1,x", "item 2 is not an integer"),
        (POINT, "52.5 13.4", "write a comma between longitude and latitude"),
        (POINT, "45,100", "write the longitude first, then the latitude"),
        (POINT, "200, 100", "longitudes are from -180 to 180, latitudes from -90 to 90"),
        (EMAIL, "Anna <a@example.org>", "write the address alone, without a name"),
        (EMAIL, "anna", "the @ is missing"),
        (URI, "www.example.org", "write the scheme first, as in https://"),
        (URI, "https://example.org/a b", "write spaces as %20"),
        (UUID, "123e4567e89b42d3a456426614174000", "write the hyphens, after 8, 4, 4 and 4 digits"),
        (BINARY, "SGVsbG8", "write = at the end, until the length is a multiple of four"),
        ({"type": "string", "constraints": {"maxLength": 2}}, "abc", "this has 3 characters"),
        ({"type": "array", "constraints": {"minLength": 1}}, "[]", "this has 0 items"),
        ({"type": "string", "constraints": {"required": True}}, "", "the cell is empty"),
    ],
)
def test_message_names_the_cause(descriptor: Mapping[str, Any], cell: str, expected: str | None) -> None:
    """What would make a cell right is named, and nothing if that is not known."""
    assert expected == cause(descriptor, cell)


def test_several_causes_are_named_together() -> None:
    """Corrections that make a cell right together are all named."""
    assert "write the zone with a colon, as in +02:00, and write T between the date and the time" == cause(
        DATETIME, "2024-02-29 10:00:00+0200"
    )


@pytest.mark.parametrize(
    ("descriptor", "cell", "expected"),
    [
        (INTEGER, "x", "expected an integer, as in 42"),
        (INTEGER | {"constraints": {"minimum": 100}}, "x", "expected an integer, as in 100"),
        (INTEGER | {"constraints": {"minimum": 100}}, "1", "expected 100 or more, as in 100"),
        (INTEGER | {"constraints": {"exclusiveMaximum": -5}}, "0", "expected less than -5, as in -6"),
        (NUMBER | {"decimalChar": ","}, "x", "expected a number, as in 12,5"),
        (NUMBER | {"decimalChar": ",", "constraints": {"maximum": 0.5}}, "1", "expected 0,5 or less, as in 0,5"),
        (
            NUMBER | {"constraints": {"exclusiveMinimum": 0.001, "exclusiveMaximum": 0.002}},
            "1",
            "expected less than 0.002, as in 0.0015",
        ),
        (GERMAN_DATE, "x", "expected a date, as in 29.02.2024"),
        (
            GERMAN_DATE | {"constraints": {"exclusiveMinimum": "31.12.2024"}},
            "31.12.2024",
            "expected a value later than 31.12.2024, as in 01.01.2025",
        ),
        (BOOLEAN | {"trueValues": ["ja"], "falseValues": ["nein"]}, "x", "expected one of ja, nein"),
        (STATE, "x", "expected one of active, in stock"),
        (
            {"type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"], "constraints": {"enum": [True]}},
            "nein",
            "expected one of ja",
        ),
        (CODE, "x", "expected text of the agreed form, as in ABC-123 (pattern: [A-Z]{3}-[0-9]{3})"),
        (INTEGER | {"constraints": {"required": True}}, "", "expected a value, as in 42; the cell is empty"),
        (
            {"type": "string", "constraints": {"minLength": 3}},
            "a",
            "expected at least 3 characters, as in abc; this has 1 character",
        ),
    ],
)
def test_message_has_an_example_that_meets_all_constraints(
    descriptor: Mapping[str, Any], cell: str, expected: str
) -> None:
    """The example is right in every respect, and written as the field wants it."""
    assert [expected] == messages(descriptor, cell)


def test_many_allowed_values_are_not_all_listed() -> None:
    """A message lists as many values as it has room for, and how many there are."""
    (message,) = messages({"type": "integer", "constraints": {"enum": list(range(1000))}}, "-1")
    assert message.startswith("expected one of 0, 1, 2, ")
    assert message.endswith(" … (1,000 values)")


@pytest.mark.parametrize("descriptor", [INTEGER, NUMBER, DATE, DATETIME, DURATION, EMAIL, OBJECT, POINT, UUID, CODE])
def test_message_does_not_repeat_the_cell(descriptor: Mapping[str, Any]) -> None:
    """Messages are logged, and a cell is not."""
    for cell in ("secret-8731,5 ", "8731.55.11", '{"secret": 8731', "secret@8731@", "8731-87-31"):
        assert not any("8731" in message or "secret" in message for message in messages(descriptor, cell))
