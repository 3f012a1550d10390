"""Why a text is not a number."""

import re
import unicodedata
from collections.abc import Callable, Sequence

from chalicelib.validation.schema.causes.corrections import Cause, Correction, Parse, cause_by_corrections

_MINUS = str.maketrans(dict.fromkeys("\N{MINUS SIGN}\N{EN DASH}\N{EM DASH}\N{NON-BREAKING HYPHEN}\N{HYPHEN}", "-"))
_GROUPED = re.compile(
    "[+-]?[0-9]{1,3}(?P<mark>[,.'_ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
    "\N{RIGHT SINGLE QUOTATION MARK}])(?:[0-9]{2,3}(?P=mark))*[0-9]{3}(?P<rest>[.,][0-9]+)?"
)
"""A number with a separator after each three digits, or each two, as in India."""


def number_cause(parse: Parse, *, decimal_char: str, group_char: str, takes_exponent: bool) -> Cause:
    """Return a function that explains why a text is not a number that is written so."""
    shown = {",": "a comma", ".": "a point"}.get(decimal_char, decimal_char)
    corrections = (
        *_SIGNS,
        Correction(f"write {shown} before the decimals", _with_mark(decimal_char, group_char)),
        Correction("write no thousands separators", _ungrouped(decimal_char)),
        Correction("write the number alone, without a currency, unit or other characters", _alone),
    )

    def cause(text: str) -> str | None:
        if not takes_exponent and re.fullmatch(r"[+-]?[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+", text):
            return "write it without an exponent"
        if re.fullmatch(r"[+-]?[0-9]{1,3}[.,][0-9]{3}", text) and not group_char:
            return f"write {shown} before the decimals, and no thousands separators"
        return _words(text) or cause_by_corrections(text, parse, corrections)

    return cause


def integer_cause(parse: Parse, *, group_char: str) -> Cause:
    """Return a function that explains why a text is not a whole number."""
    corrections = (
        *_SIGNS,
        Correction("write no thousands separators", _ungrouped("")),
        Correction("write the number alone, without a currency, unit or other characters", _alone),
    )

    def cause(text: str) -> str | None:
        if re.fullmatch(r"[+-]?[0-9]{1,3}(?:[.,][0-9]{3})+", text) and not group_char:
            return "write no thousands separators"
        if re.fullmatch(r"[+-]?[0-9]*[.,][0-9]*", text):
            return "write no decimals"
        if re.fullmatch(r"[+-]?[0-9]+(?:[.,][0-9]*)?[eE][+-]?[0-9]+", text):
            return "write all digits, without an exponent"
        return _words(text) or cause_by_corrections(text, parse, corrections)

    return cause


def _words(text: str) -> str | None:
    if re.fullmatch("[0-9OoIl.,]*[OoIl][0-9OoIl.,]*", text) and any(map(str.isdigit, text)):
        return "a letter looks like a digit: write 0 and 1"
    return None


def _western(text: str) -> str:
    return (
        text if text.isascii() else "".join(str(unicodedata.digit(each)) if each.isdigit() else each for each in text)
    )


def _leading_minus(text: str) -> str:
    if text.startswith("(") and text.endswith(")"):
        return f"-{text[1:-1]}"
    return f"-{text[:-1]}" if text.endswith("-") else text


_SIGNS: Sequence[Correction] = (
    Correction("write the hyphen - for the minus sign", lambda text: text.translate(_MINUS)),
    Correction("write the digits 0 to 9", _western),
    Correction("write the minus sign first, as in -12", _leading_minus),
    Correction("write no space within it", lambda text: re.sub(r"(?<=[+-])\s+|\s+(?=[eE])|(?<=[eE])\s+", "", text)),
)


def _with_mark(decimal_char: str, group_char: str) -> Callable[[str], str]:
    """Return a function that writes the decimal mark in place of another one."""

    def marked(text: str) -> str:
        other = "." if decimal_char == "," else ","
        if other == group_char or text.count(other) != 1 or decimal_char in text:
            return text
        return text.replace(other, decimal_char)

    return marked


def _ungrouped(decimal_char: str) -> Callable[[str], str]:
    def ungrouped(text: str) -> str:
        found = _GROUPED.search(text)
        if not found or (found["rest"] or "")[:1] == found["mark"]:
            return text
        rest = found["rest"] or ""
        whole = found[0].removesuffix(rest).replace(found["mark"], "")
        return text[: found.start()] + whole + (decimal_char + rest[1:] if decimal_char else rest) + text[found.end() :]

    return ungrouped


def _alone(text: str) -> str:
    """Return the number in a text that has signs, words or units around it."""
    found = re.findall(r"[+-]?[0-9][0-9.,' ]*(?:[eE][+-]?[0-9]+)?", text)
    return found[0].rstrip("., '") if len(found) == 1 else text
