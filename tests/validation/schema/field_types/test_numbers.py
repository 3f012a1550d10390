"""Integers and numbers: the texts that are accepted, and their values."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.validation import validate
from chalicelib.validation.schema.field_types import canonical
from tests.validation.schema.field_types.compiled import compiled
from tests.validation.verdicts import schema_of

INTEGER = {"type": "integer"}
PLAIN_INTEGER = {"type": "integer", "format": "decimal"}
NUMBER = {"type": "number"}
PLAIN_NUMBER = {"type": "number", "format": "decimal"}


# --- integer ----------------------------------------------------------------------------------------------------------

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
def test_other_texts_are_not_an_integer(descriptor: Mapping[str, Any], text: str) -> None:
    """Exponents, fractions, other bases, separators and non-ASCII digits are refused."""
    assert compiled(**descriptor).parse(text) is None


def test_integers_may_have_very_many_digits() -> None:
    """Neither 64 bits nor Python's 4,300 digits are a limit."""
    assert Decimal("1e5000") == compiled(**INTEGER).parse("1" + "0" * 5000)


@pytest.mark.parametrize("text", SPACED_INTEGERS)
def test_white_space_around_an_integer_depends_on_the_format(text: str) -> None:
    """XML Schema allows white space around an integer; the format decimal does not."""
    assert Decimal(7) == compiled(**INTEGER).parse(text)
    assert compiled(**PLAIN_INTEGER).parse(text) is None


# --- number -----------------------------------------------------------------------------------------------------------

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
    """Numbers are XML Schema's decimals, exact to the last digit."""
    assert Decimal(value) == compiled(**descriptor).parse(text)


@pytest.mark.parametrize(("text", "value"), NUMBERS.items())
def test_exponents_and_space_around_need_the_default_format(text: str, value: str) -> None:
    """Table Schema allows both in a number; the format decimal does not."""
    assert Decimal(value) == compiled(**NUMBER).parse(text)
    assert compiled(**PLAIN_NUMBER).parse(text) is None


@pytest.mark.parametrize(("text", "value"), SPECIAL_NUMBERS.items())
def test_infinities_need_the_default_format(text: str, value: str) -> None:
    """INF and -INF are numbers in upper and lower case, but not decimals."""
    assert float(value) == compiled(**NUMBER).parse(text)
    assert compiled(**PLAIN_NUMBER).parse(text) is None


@pytest.mark.parametrize("text", ["NaN", "nan", "NAN"])
def test_nan_needs_the_default_format(text: str) -> None:
    """NaN is a number in upper and lower case, but not a decimal."""
    value = compiled(**NUMBER).parse(text)
    assert isinstance(value, float)
    assert value != value  # noqa: PLR0124 (what makes it NaN)
    assert compiled(**PLAIN_NUMBER).parse(text) is None


@pytest.mark.parametrize("descriptor", [NUMBER, PLAIN_NUMBER])
@pytest.mark.parametrize("text", NO_NUMBERS)
def test_other_texts_are_not_a_number(descriptor: Mapping[str, Any], text: str) -> None:
    """Separators and surrounding text must be declared; other bases and digits are refused."""
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
        ({"bareNumber": False, "groupChar": "."}, "EUR 1.000", "1000"),
        ({"bareNumber": False}, "9.5%", None),
    ],
)
def test_integer_properties_declare_how_it_is_written(
    properties: Mapping[str, Any], text: str, value: str | None
) -> None:
    """The properties groupChar and bareNumber apply to integers too."""
    expected = None if value is None else Decimal(value)
    assert expected == compiled(**INTEGER, **properties).parse(text)


@given(number=st.decimals(allow_nan=False, allow_infinity=False, places=4), zeros=st.integers(0, 4))
def test_zeros_at_either_end_change_no_value(number: Decimal, zeros: int) -> None:
    """Zeros before and after a decimal change no value."""
    text = f"{number:f}"
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    value = compiled(**NUMBER).parse(f"{sign}{'0' * zeros}{digits}{'0' * zeros}")
    assert number == value
    assert canonical(number) == canonical(value)


@pytest.mark.parametrize("text", ["1e99999999999999999999", "-1e99999999999999999999", "1e-99999999999999999999"])
def test_exponents_beyond_pythons_range_are_accepted(text: str) -> None:
    """Exponents beyond Python's range count as infinite, or as zero."""
    value = compiled(**NUMBER).parse(text)
    assert value is not None
    assert {"1": float("inf"), "-": float("-inf")}[text[0]] == value or 0 == value


@pytest.mark.parametrize("text", ["1e999999999", "-1e999999999", "1e-999999999", "9" * 1000 + "e9999999"])
def test_exponents_within_pythons_range_are_exact(text: str) -> None:
    """Large exponents are never expanded, so a short cell takes little memory."""
    value = compiled(**NUMBER).parse(text)
    assert Decimal(text) == value
    assert len(canonical(value)) < 1100


@pytest.mark.parametrize("kind", ["integer", "number"])
@pytest.mark.parametrize(("sign", "digits"), [(1, 400), (-1, 5000)])
def test_limit_may_have_any_number_of_digits(kind: str, sign: int, digits: int) -> None:
    """A limit that is beyond the range of floats, or has more digits than Python writes, is exact."""
    limit = sign * 10**digits
    schema = schema_of({"type": kind, "constraints": {"minimum": limit, "enum": [limit, limit + 1]}})
    report = validate([b"a\n1\n"], schema)
    assert [(2, "constraint-error")] * (2 if limit > 0 else 1) == [(error.row, error.code) for error in report.errors]
