"""Regular expressions of the numbers between bounds.

Negative numbers are handled apart from the others, and each bound is split into its whole part and its fraction. Whole
numbers are distinguished by their number of digits, then digit by digit from the left; fractions digit by digit.
"""

import re
from collections.abc import Collection, Sequence
from decimal import Decimal

from attrs import frozen

from chalicelib.validation.schema.field_types.field_type import Bound

_MOST_DIGITS = 40
"""Bounds with more digits have no expression."""
NOTHING = r"[^\x00-\U0010ffff]"
"""The expression that no text matches."""


def any_of(texts: Collection[str]) -> str:
    """Return an expression of these texts alone; one of them may be empty."""
    return "|".join(map(re.escape, texts)) if texts else NOTHING


def integers_between(bounds: Sequence[Bound]) -> str | None:
    """Return an expression of the whole numbers within all bounds; None if it would be too long."""
    return _numbers_between(bounds, decimal_char=None)


def decimals_between(bounds: Sequence[Bound], decimal_char: str) -> str | None:
    """Return an expression of the decimal numbers within all bounds, in their usual form, or None."""
    return _numbers_between(bounds, decimal_char)


@frozen(kw_only=True)
class _Limit:
    """One end of a range of non-negative numbers."""

    whole: int = 0
    fraction: str = ""
    """Its digits without trailing zeros."""
    is_exclusive: bool = False

    @classmethod
    def of(cls, bound: Bound) -> "_Limit":
        whole, _, fraction = format(bound.limit.copy_abs(), "f").partition(".")
        return cls(whole=int(whole), fraction=fraction.rstrip("0"), is_exclusive=bound.is_exclusive)


def _numbers_between(bounds: Sequence[Bound], decimal_char: str | None) -> str | None:
    if not all(isinstance(each.limit, Decimal) and _is_short(each.limit) for each in bounds):
        return None
    lowest = [each for each in bounds if each.is_least]
    highest = [each for each in bounds if not each.is_least]
    least = max(lowest, key=lambda each: (each.limit, each.is_exclusive), default=None)
    most = min(highest, key=lambda each: (each.limit, not each.is_exclusive), default=None)
    parts = []
    if most is None or most.limit >= 0:
        lower = _Limit.of(least) if least and least.limit >= 0 else _Limit()
        parts.append(r"\+?" + _between(lower, _Limit.of(most) if most else None, decimal_char))
    if least is None or least.limit <= 0:
        lower = _Limit.of(most) if most and most.limit <= 0 else _Limit()
        parts.append("-" + _between(lower, _Limit.of(least) if least else None, decimal_char))
    return "|".join(parts) or NOTHING


def _is_short(limit: Decimal) -> bool:
    """Return whether a number has few digits when it is written without an exponent."""
    return abs(limit.adjusted()) <= _MOST_DIGITS and len(format(limit, "f")) <= _MOST_DIGITS


def _between(lower: _Limit, upper: _Limit | None, decimal_char: str | None) -> str:
    """Return an expression of the numbers without a sign. Leading zeros are allowed."""
    if decimal_char is None:
        first = lower.whole + bool(lower.fraction or lower.is_exclusive)
        last = upper.whole - (upper.is_exclusive and not upper.fraction) if upper else None
        return f"0*{_wholes(first, last)}"
    point = re.escape(decimal_char)
    from_lower = _fractions(lower.fraction, None, lower_excluded=lower.is_exclusive)
    if upper is None:
        above = f"{_wholes(lower.whole + 1, None)}(?:{point}[0-9]*)?"
        return f"0*(?:{lower.whole}{_after(point, from_lower)}|{above})"
    ends = {"lower_excluded": lower.is_exclusive, "upper_excluded": upper.is_exclusive}
    if lower.whole == upper.whole:
        return f"0*{lower.whole}{_after(point, _fractions(lower.fraction, upper.fraction, **ends))}"
    if lower.whole > upper.whole:
        return NOTHING
    to_upper = _fractions(None, upper.fraction, upper_excluded=upper.is_exclusive)
    middle = f"{_wholes(lower.whole + 1, upper.whole - 1)}(?:{point}[0-9]*)?"
    return f"0*(?:{lower.whole}{_after(point, from_lower)}|{middle}|{upper.whole}{_after(point, to_upper)})"


def _after(point: str, fractions: str) -> str:
    """Return the expression of what follows the whole part. No point means a fraction without digits."""
    return f"(?:{point}{fractions})?" if re.fullmatch(fractions, "") else f"{point}{fractions}"


def _wholes(first: int, last: int | None) -> str:
    """Return an expression of the whole numbers from `first` to `last`, or without end; no leading zeros."""
    if last is not None and first > last:
        return NOTHING
    if last is None:
        return f"(?:{_wholes(first, 10 ** len(str(first)) - 1)}|[1-9][0-9]{{{len(str(first))},}})"
    alternatives = []
    for length in range(len(str(first)), len(str(last)) + 1):
        start = max(first, 10 ** (length - 1) if length > 1 else 0)
        alternatives.append(same_length(str(start), str(min(last, 10**length - 1))))
    return f"(?:{'|'.join(alternatives)})"


def same_length(first: str, last: str) -> str:
    """Return an expression of the numbers between two with the same number of digits."""
    if not first or (set(first), set(last)) == ({"0"}, {"9"}):
        return f"[0-9]{{{len(first)}}}"
    if first[0] == last[0]:
        return first[0] + same_length(first[1:], last[1:])
    rest = len(first) - 1
    alternatives = [
        first[0] + same_length(first[1:], "9" * rest),
        f"{_digits(int(first[0]) + 1, int(last[0]) - 1)}[0-9]{{{rest}}}",
        last[0] + same_length("0" * rest, last[1:]),
    ]
    return f"(?:{'|'.join(alternatives)})"


def _digits(first: int, last: int) -> str:
    return f"[{first}-{last}]" if first <= last else NOTHING


def _fractions(
    lower: str | None, upper: str | None, *, lower_excluded: bool = False, upper_excluded: bool = False
) -> str:
    """Return an expression of the digits of the fractions between two; None is no bound."""
    if not lower and not lower_excluded:
        lower = None
    if upper == "":
        return "0*" if lower is None and not upper_excluded else NOTHING
    if upper is None and not lower:
        return "[0-9]*" if lower is None else "0*[1-9][0-9]*"
    alternatives = [""] if lower is None else []  # no more digits: the fraction ends here, below `upper`
    low, high = int((lower or "0")[0]), int((upper or "9")[0])
    for digit in range(low, high + 1):
        below = lower[1:] if lower is not None and digit == low else None
        above = upper[1:] if upper is not None and digit == high else None
        rest = _fractions(
            below, above, lower_excluded=lower_excluded and below is not None, upper_excluded=upper_excluded
        )
        alternatives.append(f"{digit}{rest}")
    return f"(?:{'|'.join(alternatives)})" if alternatives else NOTHING
