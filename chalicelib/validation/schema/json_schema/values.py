"""JSON values as cells hold them: objects, arrays, texts, exact numbers, booleans and null."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from types import NoneType
from typing import Any

_CLASSES: Mapping[str, type] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": Decimal,
    "boolean": bool,
    "null": NoneType,
}
TYPES = frozenset({*_CLASSES, "integer"})
_ONE = Decimal(1)


def exact(value: Any) -> Any:
    """Return a value of a schema with its numbers as written: 0.1 is a tenth."""
    match value:
        case bool() | None | str() | Decimal():
            return value
        case int():
            return Decimal(value)
        case float():
            return Decimal(repr(value))
        case Mapping():
            return {name: exact(member) for name, member in value.items()}
    return [exact(item) for item in value]


def is_of(types: Iterable[str], *, written: bool) -> Callable[[Any], bool]:
    """Return a test for types. Up to draft 4 an integer is `written` as one, so that 1.0 is none."""
    names = frozenset(types)
    classes = frozenset(_CLASSES[name] for name in names if name != "integer")
    if "integer" not in names or Decimal in classes:
        return lambda value: type(value) in classes
    is_integer = _is_written_as_integer if written else _is_integer
    return lambda value: type(value) in classes or (type(value) is Decimal and is_integer(value))


def _is_integer(number: Decimal) -> bool:
    return number == number.to_integral_value()


def _is_written_as_integer(number: Decimal) -> bool:
    return number.same_quantum(_ONE)


def is_one_of(values: Sequence[Any]) -> Callable[[Any], bool]:
    """Return a test for values; it takes no longer than the values of the schema are large."""
    exactly = [exact(value) for value in values]
    scalars = {(type(value), value) for value in exactly if not isinstance(value, dict | list)}
    structures = [value for value in exactly if isinstance(value, dict | list)]

    def test(value: Any) -> bool:
        if isinstance(value, dict | list):
            return any(_is_same(value, structure) for structure in structures)
        return (type(value), value) in scalars

    return test


def _is_same(one: Any, other: Any) -> bool:
    """Compare values: true is not 1, but 1.0 is."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_is_same(member, other[name]) for name, member in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return bool(one == other)


def is_multiple(number: Decimal, step: Decimal) -> bool:
    """Return whether a number is a multiple of a step, exactly and in time linear in its digits."""
    if not number:
        return True
    digits, exponent = _parts(number)
    step_digits, step_exponent = _parts(step)
    divisor, shift = int(step_digits), exponent - step_exponent
    if shift >= 0:
        return _remainder(digits, divisor) * pow(10, shift, divisor) % divisor == 0
    zeros = len(digits) - len(digits.rstrip("0"))
    if zeros >= -shift:
        return _remainder(digits[:shift], divisor) == 0
    # The number has more decimals than any multiple of the step.
    return False


def _parts(number: Decimal) -> tuple[str, int]:
    """Return the digits of a finite number and its exponent."""
    digits = str(number).upper().partition("E")[0].lstrip("-").replace(".", "").lstrip("0") or "0"
    return digits, number.adjusted() - len(digits) + 1


_DIGITS_AT_ONCE = 1000


def _remainder(digits: str, divisor: int) -> int:
    """Return the remainder of a number of any length. To convert it whole would take quadratic time."""
    remainder = 0
    for start in range(0, len(digits), _DIGITS_AT_ONCE):
        part = digits[start : start + _DIGITS_AT_ONCE]
        remainder = (remainder * 10 ** len(part) + int(part)) % divisor
    return remainder
