"""Expressions of numbers between bounds agree with Decimal's comparison."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from operator import ge, gt, le, lt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.validation.regex.translation import is_translatable
from chalicelib.validation.schema.field_types.field_type import Bound
from chalicelib.validation.schema.field_types.ranges import decimals_between, integers_between, same_length

WHOLES = st.integers(-1200, 1200) | st.integers(-(10**12), 10**12) | st.sampled_from([0, 9, 10, 99, 100, -1, -10, -99])
LIMITS = st.builds(lambda whole, places: Decimal(whole).scaleb(-places), WHOLES, st.integers(0, 4))
SIGNS = st.sampled_from(["", "", "-", "+"])
ZEROS = st.sampled_from(["", "", "0", "000"])


def bounds_of(limits: st.SearchStrategy[Decimal]) -> st.SearchStrategy[list[Bound]]:
    """Generate lower and upper bounds, inclusive or exclusive; possibly all or no numbers are within."""
    return st.lists(st.builds(Bound, limits, st.booleans(), st.booleans()), min_size=1, max_size=3)


def is_within(number: Decimal, bounds: Sequence[Bound]) -> bool:
    """Return whether a number is within all bounds."""
    compared: dict[tuple[bool, bool], Callable[[Decimal, Decimal], bool]] = {
        (True, True): gt,
        (True, False): ge,
        (False, True): lt,
        (False, False): le,
    }
    return all(compared[each.is_least, each.is_exclusive](number, each.limit) for each in bounds)


def near(data: st.DataObject, bounds: Sequence[Bound], places: int) -> Decimal:
    """Generate a number that is a limit, next to one, or anywhere, with or without a sign."""
    limit: Decimal = data.draw(st.sampled_from([*(each.limit for each in bounds), Decimal(0)]))
    step = Decimal(data.draw(st.integers(-2, 2) | st.integers(-2000, 2000))).scaleb(-data.draw(st.integers(0, places)))
    return data.draw(st.sampled_from([1, 1, 1, -1])) * (limit + step)


@given(bounds=bounds_of(WHOLES.map(Decimal)), data=st.data())
def test_whole_numbers_match_if_they_are_within_all_bounds(bounds: list[Bound], data: st.DataObject) -> None:
    """Signs and leading zeros make no difference."""
    form = integers_between(bounds)
    assert form is not None
    for _ in range(6):
        digits = format(abs(near(data, bounds, 0)), "f")
        text = data.draw(SIGNS) + data.draw(ZEROS) + digits
        assert is_within(Decimal(text), bounds) == bool(re.fullmatch(form, text))


@pytest.mark.parametrize("is_least", [True, False])
@pytest.mark.parametrize("is_exclusive", [True, False])
@pytest.mark.parametrize("limit", ["9" * 38, "-" + "9" * 38, "1" * 38, "1" * 20 + "." + "9" * 18])
def test_limits_are_exact_to_the_last_digit(limit: str, *, is_least: bool, is_exclusive: bool) -> None:
    """Limits may have more digits than Decimal's default precision."""
    bounds = [Bound(Decimal(limit), is_least, is_exclusive)]
    form = decimals_between(bounds, ".")
    assert form is not None
    for text in (limit, limit[:-1] + str((int(limit[-1]) + 1) % 10), limit[:-1] + str(int(limit[-1]) - 1), limit + "0"):
        assert is_within(Decimal(text), bounds) == bool(re.fullmatch(form, text))
    if "." not in limit:
        whole = integers_between(bounds)
        assert whole is not None
        assert is_within(Decimal(limit), bounds) == bool(re.fullmatch(whole, limit))


@given(bounds=bounds_of(LIMITS), mark=st.sampled_from(".,"), data=st.data())
def test_decimal_numbers_match_if_they_are_within_all_bounds(
    bounds: list[Bound], mark: str, data: st.DataObject
) -> None:
    """They are exact to the last digit, for bounds with a common whole part, exclusive ones, and empty ranges."""
    form = decimals_between(bounds, mark)
    assert form is not None
    for _ in range(6):
        digits = format(abs(near(data, bounds, 6)), "f")
        digits += data.draw(ZEROS) if "." in digits else data.draw(st.sampled_from(["", ".", ".0", ".000"]))
        text = data.draw(SIGNS) + data.draw(ZEROS) + digits
        assert is_within(Decimal(text), bounds) == bool(re.fullmatch(form, text.replace(".", mark)))


@given(bounds=bounds_of(LIMITS), text=st.text(st.sampled_from("0159+-., eE\n\uff11x"), max_size=6))
def test_unusual_notations_never_match(bounds: list[Bound], text: str) -> None:
    """Exponents, spaces, non-ASCII digits and other decimal marks never match."""
    whole, fraction = integers_between(bounds), decimals_between(bounds, ".")
    assert whole is not None
    assert fraction is not None
    assert re.fullmatch(r"[+-]?[0-9]+", text) or not re.fullmatch(whole, text)
    assert re.fullmatch(r"[+-]?[0-9]+(?:\.[0-9]*)?", text) or not re.fullmatch(fraction, text)


@given(bounds=bounds_of(LIMITS))
def test_the_expressions_have_a_translation(bounds: list[Bound]) -> None:
    """The fast path can use every expression."""
    for form in (integers_between(bounds), decimals_between(bounds, ".")):
        assert form is not None
        assert is_translatable(form)


@pytest.mark.parametrize(
    ("least", "most", "inside", "outside"),
    [
        ("0", "0", ["0", "-0", "+00"], ["1", "-1", "10"]),
        ("7", "7", ["7", "+7", "007"], ["-7", "6", "8", "77", ""]),
        ("-7", "-7", ["-7", "-07"], ["7", "+7", "-6", "-8"]),
        ("99", "100", ["99", "100"], ["98", "101", "999", "9"]),
        ("-100", "-99", ["-99", "-100"], ["-98", "-101", "99"]),
        ("-5", "1000", ["-5", "0", "-0", "999", "1000"], ["-6", "1001", "-10", "10000"]),
        ("1", "9223372036854775807", ["9223372036854775807"], ["9223372036854775808", "0", "-1"]),
        ("1.5", "2.5", ["2"], ["1", "3"]),
        ("-2.5", "-1.5", ["-2"], ["-1", "-3", "2"]),
        ("2.1", "2.9", [], ["2", "3", "0"]),
        ("3", "2", [], ["2", "3", "0", "-3"]),
        ("1", "-1", [], ["0", "1", "-1"]),
    ],
)
def test_whole_numbers_between_two(least: str, most: str, inside: Sequence[str], outside: Sequence[str]) -> None:
    """Whole limits are included."""
    form = integers_between([Bound(Decimal(least), True, False), Bound(Decimal(most), False, False)])  # noqa: FBT003
    assert form is not None
    assert [*inside] == [text for text in (*inside, *outside) if re.fullmatch(form, text)]


@pytest.mark.parametrize("limit", [Decimal("1e40"), Decimal("1e-50"), Decimal(10**41), float("inf"), float("-inf")])
def test_very_long_bounds_have_no_expression(limit: object) -> None:
    """Limits of more than forty digits, and infinities, have no expression."""
    bound = Bound(limit, is_least=False, is_exclusive=False)
    assert integers_between([bound]) is None
    assert decimals_between([bound], ".") is None


@given(ends=st.tuples(st.integers(0, 99_999), st.integers(0, 99_999)), other=st.integers(0, 99_999))
def test_numbers_of_the_same_length_are_compared_digit_by_digit(ends: tuple[int, int], other: int) -> None:
    """The comparison runs digit by digit from the left."""
    first, last = sorted(ends)
    form = same_length(f"{first:05}", f"{last:05}")
    for number in (first - 1, first, other, last, last + 1):
        if 0 <= number <= 99_999:
            assert (first <= number <= last) == bool(re.fullmatch(form, f"{number:05}"))
