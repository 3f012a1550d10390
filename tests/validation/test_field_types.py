"""Which texts are values of a type, and which value each stands for."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.validation.descriptor import Node
from chalicelib.validation.field_types import FieldType, Value, canonical, field_type

INTEGER = {"type": "integer"}
PLAIN_INTEGER = {"type": "integer", "format": "decimal"}
NUMBER = {"type": "number"}
PLAIN_NUMBER = {"type": "number", "format": "decimal"}
EMAIL = {"type": "string", "format": "email"}
DATE = {"type": "date"}
DATETIME = {"type": "datetime"}


def compiled(**descriptor: Any) -> FieldType:
    """Compile a field's type."""
    return field_type(Node(descriptor))


# --- integer --------------------------------------------------------------------------------------------------------

INTEGERS = {
    "0": 0,
    "-0": 0,
    "7": 7,
    "+7": 7,
    "-7": -7,
    "007": 7,
    "9223372036854775808": 2**63,
    "-170141183460469231731687303715884105729": -(2**127) - 1,
}
SPACED_INTEGERS = (" 7", "7 ", " 7 ", "\t7", "7\n", "\r\n7")
NO_INTEGERS = (
    *("", " ", "+", "-", "--7", "+-7", "7-", "7+", "- 7", "7 7", "1 000", "1,000", "1'000", "1_000"),
    *("1.0", "1.", ".0", "1e5", "1E5", "0x1F", "0b1", "0o7", "1f", "7a", "a", "true", "NaN", "INF", "-INF"),
    *("\uff11\uff12", "٣", "1٣", "²", "Ⅳ", "\u22127", "\xa07", "7\xa0", "\u20037", "\u200b7", "\ufeff7"),
    *("7\x0b", "7\x0c", "\x857"),
)


@pytest.mark.parametrize("descriptor", [INTEGER, PLAIN_INTEGER])
@pytest.mark.parametrize(("text", "value"), INTEGERS.items())
def test_integers_are_ascii_digits_with_a_sign_or_none(descriptor: Mapping[str, Any], text: str, value: int) -> None:
    """Leading zeros are allowed, and there is no largest integer."""
    assert Decimal(value) == compiled(**descriptor).parse(text)


@pytest.mark.parametrize("descriptor", [INTEGER, PLAIN_INTEGER])
@pytest.mark.parametrize("text", NO_INTEGERS)
def test_what_only_looks_like_an_integer_is_none(descriptor: Mapping[str, Any], text: str) -> None:
    """No exponents, fractions, other bases, separators, other digits or other spaces."""
    assert compiled(**descriptor).parse(text) is None


def test_integers_may_have_very_many_digits() -> None:
    """Neither 64 bits nor Python's 4,300 digits are a limit."""
    assert Decimal("1e5000") == compiled(**INTEGER).parse("1" + "0" * 5000)


@pytest.mark.parametrize("text", SPACED_INTEGERS)
def test_space_around_an_integer_depends_on_the_format(text: str) -> None:
    """XML Schema lets white space stand around an integer; the format decimal does not."""
    assert Decimal(7) == compiled(**INTEGER).parse(text)
    assert compiled(**PLAIN_INTEGER).parse(text) is None


# --- number ---------------------------------------------------------------------------------------------------------

PLAIN_NUMBERS = {
    "0": "0",
    "-0.0": "0",
    "1": "1",
    "1.5": "1.5",
    "+1.5": "1.5",
    "-1.5": "-1.5",
    "01.50": "1.5",
    "1.": "1",
    ".5": "0.5",
    "-.5": "-0.5",
    "0.1000000000000000055511151231257827": "0.1000000000000000055511151231257827",
    "123456789012345678901234567890.12": "123456789012345678901234567890.12",
}
NUMBERS = {
    "1e5": "100000",
    "1E5": "100000",
    "1e+5": "100000",
    "1.5e-3": "0.0015",
    ".5e1": "5",
    "1.e1": "10",
    "-1e0": "-1",
    "1e999": "1e999",
    " 1.5": "1.5",
    "1.5\t": "1.5",
    "\r\n1.5 ": "1.5",
}
SPECIAL_NUMBERS = {
    "INF": "inf",
    "inf": "inf",
    "Inf": "inf",
    "-INF": "-inf",
    "-inf": "-inf",
    " INF ": "inf",
}
NO_NUMBERS = (
    *("", " ", ".", "+", "-", "+.", "1..5", "1.5.5", "--1", "+-1", "- 1", "1 .5", "1. 5", "1-", "1,5"),
    *("1,000.5", "1_0.5"),
    *("1 000", "$1", "1%", "€1", "0x1p3", "0x1F", "1f", "1d", "1L", "1/2", "a", "true", "e5", "1e", "1e+"),
    *("1e5.0", "1e 5"),
    *("infinity", "Infinity", "-infinity", "+INF", "--INF", "snan", "+NaN", "-NaN", "1.5NaN", "1.#INF", "#N/A", "∞"),
    *("\uff11.\uff15", "1\uff0e5", "٣", "½", "1.²", "\u22121", "\xa01", "1\xa0", "\u20031", "1\x0b"),
)


@pytest.mark.parametrize("descriptor", [NUMBER, PLAIN_NUMBER])
@pytest.mark.parametrize(("text", "value"), PLAIN_NUMBERS.items())
def test_numbers_are_exact_decimals(descriptor: Mapping[str, Any], text: str, value: str) -> None:
    """Digits, a point or none, digits: XML Schema's decimal, to the last digit."""
    assert Decimal(value) == compiled(**descriptor).parse(text)


@pytest.mark.parametrize(("text", "value"), NUMBERS.items())
def test_exponents_and_space_around_need_the_default_format(text: str, value: str) -> None:
    """Table Schema allows both in a number; the format decimal does not."""
    assert Decimal(value) == compiled(**NUMBER).parse(text)
    assert compiled(**PLAIN_NUMBER).parse(text) is None


@pytest.mark.parametrize(("text", "value"), SPECIAL_NUMBERS.items())
def test_infinities_need_the_default_format(text: str, value: str) -> None:
    """INF and -INF are numbers, in any case, but no decimals."""
    assert float(value) == compiled(**NUMBER).parse(text)
    assert compiled(**PLAIN_NUMBER).parse(text) is None


@pytest.mark.parametrize("text", ["NaN", "nan", "NAN"])
def test_nan_needs_the_default_format(text: str) -> None:
    """NaN is a number in Table Schema, in any case, but no decimal."""
    value = compiled(**NUMBER).parse(text)
    assert isinstance(value, float)
    assert value != value  # noqa: PLR0124 (what makes it NaN)
    assert compiled(**PLAIN_NUMBER).parse(text) is None


@pytest.mark.parametrize("descriptor", [NUMBER, PLAIN_NUMBER])
@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_only_looks_like_a_number_is_none(descriptor: Mapping[str, Any], text: str) -> None:
    """No separators, currencies, other bases, other digits or other spaces that are not declared."""
    assert compiled(**descriptor).parse(text) is None


@pytest.mark.parametrize(
    ("properties", "text", "value"),
    [
        ({"decimalChar": ","}, "1,5", "1.5"),
        ({"decimalChar": ","}, ",5", "0.5"),
        ({"decimalChar": ","}, "1", "1"),
        ({"decimalChar": ","}, "1.5", None),
        ({"groupChar": ","}, "1,000.5", "1000.5"),
        ({"groupChar": ","}, "1,234,567", "1234567"),
        ({"groupChar": ","}, "1234", "1234"),
        ({"groupChar": ","}, ",1", None),
        ({"groupChar": ","}, "1,", None),
        ({"groupChar": ","}, "1,,0", None),
        ({"groupChar": ","}, "1.5,0", None),
        ({"groupChar": ","}, "1 000", None),
        ({"groupChar": " "}, "1 000", "1000"),
        ({"groupChar": ".", "decimalChar": ","}, "1.000,5", "1000.5"),
        ({"groupChar": ".", "decimalChar": ","}, "1,000.5", None),
        ({"bareNumber": False}, "€ 95", "95"),
        ({"bareNumber": False}, "95 %", "95"),
        ({"bareNumber": False}, "EUR 1.5 net", "1.5"),
        ({"bareNumber": False}, "$-5", "-5"),
        ({"bareNumber": False}, "EUR .5", "0.5"),
        ({"bareNumber": False}, "95", "95"),
        ({"bareNumber": False}, "€", None),
        ({"bareNumber": False}, "", None),
        ({"bareNumber": False}, "1 or 2", None),
        ({"bareNumber": True}, "€ 95", None),
    ],
)
def test_number_properties_declare_how_it_is_written(
    properties: Mapping[str, Any], text: str, value: str | None
) -> None:
    """decimalChar, groupChar and bareNumber are as Table Schema has them."""
    expected = None if value is None else Decimal(value)
    assert expected == compiled(**NUMBER, **properties).parse(text)


@pytest.mark.parametrize(
    ("properties", "text", "value"),
    [
        ({"groupChar": ","}, "1,000", "1000"),
        ({"groupChar": ","}, "-1,000", "-1000"),
        ({"groupChar": ","}, "1,000.0", None),
        ({"bareNumber": False}, "95%", "95"),
        ({"bareNumber": False}, "-95%", "-95"),
        ({"bareNumber": False}, "9.5%", None),
    ],
)
def test_integer_properties_declare_how_it_is_written(
    properties: Mapping[str, Any], text: str, value: str | None
) -> None:
    """GroupChar and bareNumber apply to integers too, and make no number of them."""
    expected = None if value is None else Decimal(value)
    assert expected == compiled(**INTEGER, **properties).parse(text)


# --- text -----------------------------------------------------------------------------------------------------------

ADDRESSES = (
    "ada@example.com",
    "a@b.co",
    "ada.lovelace+csv@mail.example.co.uk",
    "o'hara@example.com",
    "!#$%&'*+/=?^_`{|}~-@example.com",
    "1@2.com",
    "a@xn--mller-kva.de",
    "a@example.xn--p1ai",
    "jörg@müller.de",
    "用户@例子.广告",
    f"a@{'b' * 63}.com",
)
NO_ADDRESSES = (
    *("", " ", "@", "ada", "ada@", "@example.com", "ada@example", "ada@localhost", "ada.example.com"),
    "ada@@example.com",
    *("a@b@example.com", " ada@example.com", "ada@example.com ", "ada @example.com", "ada@ example.com"),
    *("ada@example.com\n", "ada@exam\nple.com", "ada@example.com,bob@example.com", "Ada <ada@example.com>"),
    *(".ada@example.com", "ada.@example.com", "a..b@example.com", "ada@.example.com", "ada@example..com"),
    "ada@example.com.",
    *("ada@-example.com", "ada@example-.com", "ada@example.c", "ada@example.123", "ada@127.0.0.1", "a(b)@example.com"),
    *("a,b@example.com", "a;b@example.com", 'a"b@example.com', "a\\b@example.com", "mailto:ada@example.com"),
    f"a@{'b' * 64}.com",
)


@pytest.mark.parametrize("text", ["", " ", "x", "NaN", "\ufeff", "a\nb", "😀"])
def test_any_text_is_a_string(text: str) -> None:
    """Strings are not trimmed."""
    assert text == compiled(type="string").parse(text)
    assert text == compiled().parse(text)


@pytest.mark.parametrize("text", ADDRESSES)
def test_addresses_as_people_have_them_are_accepted(text: str) -> None:
    """Dot-atom, @, host name of two labels or more, in any script."""
    assert text == compiled(**EMAIL).parse(text)


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_mail_could_not_be_sent_to_is_no_address(text: str) -> None:
    """Neither spaces nor empty labels nor a second address."""
    assert compiled(**EMAIL).parse(text) is None


# --- truth ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("true", True), ("True", True), ("TRUE", True), ("1", True)),
        *(("false", False), ("False", False), ("FALSE", False), ("0", False)),
    ],
)
def test_booleans_are_table_schemas_eight_words(text: str, *, value: bool) -> None:
    """Unless the field declares its own."""
    assert value is compiled(type="boolean").parse(text)


@pytest.mark.parametrize(
    "text", ["", "t", "f", "yes", "no", "Y", "on", "tRUE", "2", "-1", "01", " true", "true ", "true\n"]
)
def test_other_words_are_no_booleans(text: str) -> None:
    """Neither other spellings nor spaces."""
    assert compiled(type="boolean").parse(text) is None


def test_declared_words_replace_the_eight() -> None:
    """TrueValues and falseValues stand each for itself."""
    kind = compiled(type="boolean", trueValues=["ja", "j"], falseValues=["nein"])
    assert [True, True, False, None, None] == [kind.parse(text) for text in ("ja", "j", "nein", "true", "0")]
    assert "one of ja, j, nein" == kind.expected
    half = compiled(type="boolean", trueValues=["ja"])
    assert [True, None, False] == [half.parse(text) for text in ("ja", "true", "false")]


# --- time -----------------------------------------------------------------------------------------------------------


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
    """Year, month and day, as XML Schema's date without a zone."""
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
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    """One form, real days, no spaces."""
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
        "9999-12-31T24:00:00",
    ],
)
def test_what_only_looks_like_a_datetime_is_none(text: str) -> None:
    """One form, real days, real times, no spaces."""
    assert compiled(**DATETIME).parse(text) is None


# --- values and messages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("descriptor", "one", "other"),
    [
        (INTEGER, "1", "01"),
        (INTEGER, "1", "+1"),
        (INTEGER, "0", "-0"),
        (INTEGER, "100", "0100"),
        (NUMBER, "1.0", "1.00"),
        (NUMBER, "1", "1.0"),
        (NUMBER, "100", "1e2"),
        (NUMBER, "0", "-0.00"),
        (NUMBER, "nan", "NaN"),
        (NUMBER, "1" + "0" * 50, "1e50"),
        ({"type": "boolean"}, "1", "true"),
        (DATETIME, "2024-02-29T12:30:00Z", "2024-02-29T12:30:00"),
        (DATETIME, "2024-02-29T12:30:00Z", "2024-02-29T14:30:00.0+02:00"),
    ],
)
def test_equal_values_are_written_alike(descriptor: Mapping[str, Any], one: str, other: str) -> None:
    """Uniqueness compares values, not texts."""
    kind = compiled(**descriptor)
    assert _canonical(kind.parse(one)) == _canonical(kind.parse(other))


@pytest.mark.parametrize(
    ("descriptor", "texts"),
    [
        (INTEGER, ["0", "1", "-1", "10", "100", "1" + "0" * 40, "1" + "0" * 39 + "1"]),
        (NUMBER, ["0", "0.1", "0.10000000000000000000000000000000000000001", "1e9", "1e-9", "NaN", "INF", "-INF"]),
        ({"type": "string"}, ["", " ", "a", "A", "ä", "a\u0308", "None"]),
        ({"type": "boolean"}, ["true", "false"]),
        (DATE, ["2024-01-01", "2024-01-02", "2023-01-01"]),
        (DATETIME, ["2024-01-01T00:00:00", "2024-01-01T00:00:00.000001", "2024-01-01T00:00:00+01:00"]),
    ],
)
def test_different_values_are_written_differently(descriptor: Mapping[str, Any], texts: list[str]) -> None:
    """Uniqueness loses no digit."""
    written = [_canonical(compiled(**descriptor).parse(text)) for text in texts]
    assert not [pair for pair in combinations(written, 2) if pair[0] == pair[1]]


def _canonical(value: Value | None) -> str:
    assert value is not None
    return canonical(value)


@given(number=st.decimals(allow_nan=False, allow_infinity=False, places=4), zeros=st.integers(0, 4))
@settings(max_examples=200, deadline=None)
def test_zeros_at_either_end_change_no_value(number: Decimal, zeros: int) -> None:
    """Any decimal is read as itself, however many zeros it is written with."""
    text = f"{number:f}"
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    value = compiled(**NUMBER).parse(f"{sign}{'0' * zeros}{digits}{'0' * zeros}")
    assert number == value
    assert _canonical(number) == _canonical(value)


@pytest.mark.parametrize(
    ("descriptor", "expected"),
    [
        (INTEGER, "expected an integer"),
        (PLAIN_INTEGER, "expected an integer"),
        (NUMBER, "expected a number"),
        (PLAIN_NUMBER, "expected a decimal number"),
        (EMAIL, "expected an e-mail address"),
        ({"type": "boolean"}, "expected one of true, True, TRUE, 1, false, False, FALSE, 0"),
        (DATE, "expected a date, as in 2024-02-29"),
        (DATETIME, "expected a date and time, as in 2024-02-29T12:30:00Z"),
    ],
)
def test_fault_says_what_was_expected(descriptor: Mapping[str, Any], expected: str) -> None:
    """A type-error's message is for whoever has to repair the file."""
    fault = compiled(**descriptor).fault
    assert ("type-error", expected) == (fault.code, fault.message)
