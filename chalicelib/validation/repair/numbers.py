"""Rules for numbers: which mark is the decimal one is decided over the whole column, never by one cell."""

import re
from collections.abc import Iterable
from decimal import Decimal

from attrs import evolve, frozen

from chalicelib.validation.repair.column_cells import ColumnCells, CountedTexts
from chalicelib.validation.repair.proposals import Proposal, any_of, change, occurs
from chalicelib.validation.repair.texts import SPACE
from chalicelib.validation.schema.table_schema import Field

_SIGN = "[+-]?"
_HEAD = "[1-9][0-9]{0,2}"
"""The digits before the first group mark."""
_APART = rf"[{SPACE}'\u2019_]"
"""Marks that can only separate thousands."""
_SYMBOLS = r"\x24\u00a3\u00a5\u20a9-\u20bf"
_CODES = (
    *("EUR", "USD", "GBP", "CHF", "JPY", "CNY", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "AUD", "CAD"),
    *("NZD", "INR", "BRL", "MXN", "ZAR", "TRY", "SGD", "HKD", "KRW", "ILS", "THB", "AED", "SAR", "UAH", "ISK"),
)
_WORDS = ("Euro", "euro", "US\\$", "R\\$", "A\\$", "C\\$", r"SFr\.", r"Fr\.", r"kr\.?", "z\u0142", "K\u010d", "Ft")
_CURRENCY = f"(?:{'|'.join((*_WORDS, *_CODES, *map(str.lower, _CODES)))}|[{_SYMBOLS}])"
_NUMBER = rf"[+-]?[0-9.,][0-9.,'\u2019_{SPACE}]*"


@frozen
class _Marks:
    """The decimal mark of a field, and the one that it is often confused with."""

    own: str
    other: str
    own_grouped: str
    """Numbers with the field's decimal mark between thousands, which is wrong."""
    other_grouped: str
    other_decimal: str
    """Numbers that prove that the other mark is a decimal mark."""
    own_decimal: str
    """Numbers that prove that the field's own mark is the decimal mark, and the other one separates thousands."""
    other_thousands: str
    """The same, without those in which no mark but the field's own stands."""
    unclear: str
    """Numbers that can be read either way, such as `1,299`."""

    @classmethod
    def of(cls, own: str) -> "_Marks":
        other = "," if own == "." else "."
        o, p = re.escape(other), re.escape(own)
        mixed = rf"{_SIGN}{_HEAD}(?:{o}[0-9]{{3}})+{p}[0-9]+"
        several = rf"{_SIGN}{_HEAD}(?:{o}[0-9]{{3}}){{2,}}"
        return cls(
            own=p,
            other=o,
            own_grouped=rf"{_SIGN}{_HEAD}(?:{p}[0-9]{{3}})+(?:{o}[0-9]+)?",
            other_grouped=rf"{_SIGN}{_HEAD}(?:{o}[0-9]{{3}})+(?:{p}[0-9]*)?",
            other_decimal=any_of(
                _plain_decimal(o),
                _with_exponent(o),
                rf"{_SIGN}{_HEAD}(?:(?:{p}|{_APART})[0-9]{{3}})+{o}[0-9]+",
                rf"{_SIGN}{_HEAD}(?:{p}[0-9]{{3}}){{2,}}",
            ),
            own_decimal=any_of(_plain_decimal(p), mixed, several, rf"{_SIGN}{_HEAD}(?:{_APART}[0-9]{{3}})+{p}[0-9]+"),
            other_thousands=any_of(mixed, several),
            unclear=rf"{_SIGN}{_HEAD}{o}[0-9]{{3}}",
        )


def _plain_decimal(mark: str) -> str:
    """Return an expression of numbers in which a mark does not separate thousands."""
    short = rf"[0-9]*{mark}(?:[0-9]{{1,2}}|[0-9]{{4,}})"
    return rf"{_SIGN}(?:{short}|(?:[0-9]{{4,}}|0[0-9]*)?{mark}[0-9]{{3}})"


def _with_exponent(mark: str) -> str:
    """Return an expression of numbers with decimals and an exponent; no number of this kind has thousands apart."""
    return rf"{_SIGN}[0-9]+{mark}[0-9]+[eE][+-]?[0-9]+"


def numbers(field: Field, cells: ColumnCells) -> list[Proposal]:
    """Propose how numbers are to be written, given cells of the column."""
    is_whole = field.type.name == "integer"
    own = "." if is_whole else next((each for each in ".," if field.type.parse(f"1{each}5") == Decimal("1.5")), None)
    if own is None or field.type.parse("1250") != Decimal(1250):
        return []
    marks = _Marks.of(own)
    bare = CountedTexts.of(re.sub(_CURRENCY, "", cell).strip(" \t\xa0\u202f%") for cell in cells)
    percent = CountedTexts.of(cell for cell in cells if cell.rstrip().endswith("%"))
    return [
        _currency(),
        *_percent(field, marks, percent, is_whole=is_whole),
        _minus(),
        *(_whole_marks(marks, bare) if is_whole else _marks(marks, bare)),
    ]


def _currency() -> Proposal:
    gap = f"[{SPACE}]*"
    when = any_of(f"[+-]?{gap}{_CURRENCY}{gap}{_NUMBER}", f"{_NUMBER}{_CURRENCY}")
    return Proposal(rule="currency-mark", changes=(change(when, (f"{gap}{_CURRENCY}{gap}", "")),))


def _minus() -> Proposal:
    dashes = "[\u2212\u2012-\u2015\u2010\u2011]"
    return Proposal(
        rule="minus-sign",
        changes=(
            change(f"{dashes}{_NUMBER}", (f"^{dashes}", "-")),
            change("[0-9.,]+-", ("^([0-9.,]+)-$", "-$1")),
        ),
    )


def _percent(field: Field, marks: _Marks, cells: CountedTexts, *, is_whole: bool) -> list[Proposal]:
    """Propose what 12 % means: 12, or 0.12. The field decides it if it allows only one of them."""
    mark = rf"[{SPACE}]*%"
    when = f"{_NUMBER}%"
    drop = Proposal(rule="percent-mark", variant="percent", changes=(change(when, (f"{mark}$", "")),))
    if is_whole:
        return [evolve(drop, variant=None)]
    o, p = marks.other, marks.own
    point = "." if p == r"\." else ","
    shape = rf"[+-]?[0-9]+(?:[{o}{p}][0-9]+)?{mark}"
    fraction = Proposal(
        rule="percent-mark",
        variant="fraction",
        changes=(
            change(
                shape,
                (f"{mark}$", ""),
                ("^([+-]?)", "$100"),
                (f"^([+-]?[0-9]*)([0-9]{{2}})(?:[{o}{p}]([0-9]*))?$", f"$1{point}$2$3"),
                ("^([+-]?)0+(?=[0-9])", "$1"),
            ),
        ),
    )
    limits = CountedTexts.of(cell for text in cells if (cell := _digits(text, point)))
    if not all(_is_valid(field, cell) for cell in limits):
        return [evolve(fraction, variant=None)]
    if limits.total and not any(
        _is_valid(field, format(Decimal(cell.replace(",", ".")) / 100, "f")) for cell in limits
    ):
        return [evolve(drop, variant=None)]
    return [evolve(drop, certain=False), evolve(fraction, certain=False)]


def _digits(text: str, point: str) -> str | None:
    number = text.rstrip("% \t\xa0\u202f").replace(",", ".")
    return number.replace(".", point) if re.fullmatch(r"[+-]?[0-9]+(?:\.[0-9]+)?", number) else None


def _is_valid(field: Field, text: str) -> bool:
    value = field.type.parse(text)
    return value is not None and all(each.fault_of(text, value) is None for each in field.constraints)


def _marks(marks: _Marks, cells: Iterable[str]) -> list[Proposal]:
    """Propose what the marks of numbers with decimals mean."""
    own, other = occurs(marks.own_decimal, cells), occurs(marks.other_decimal, cells)
    apart = change(rf"{_SIGN}{_HEAD}(?:{_APART}[0-9]{{3}})+(?:[.,][0-9]+)?", (_APART, ""))
    own_apart = change(marks.own_grouped, (marks.own, ""), unless=marks.other_thousands)
    other_apart = change(marks.other_grouped, (marks.other, ""), unless=marks.other_decimal)
    point = "." if marks.own == r"\." else ","
    swap = (marks.other, point)
    proven = change(
        any_of(_plain_decimal(marks.other), _with_exponent(marks.other)), swap, unless=marks.other_thousands
    )
    unclear = change(marks.unclear, swap, unless=marks.own_decimal)
    rule = "decimal-comma" if point == "." else "decimal-point"
    decimal = Proposal(rule=rule, changes=(proven, unclear))
    grouping = Proposal(rule="grouping", changes=(apart,))
    if other and not own:
        return [evolve(grouping, changes=(apart, own_apart)), decimal]
    if own and not other:
        return [evolve(grouping, changes=(apart, other_apart))]
    if other:  # and own: self-evident cells alone are certain, unless the other mark separates thousands somewhere
        certain = [] if occurs(marks.other_thousands, cells) else [evolve(decimal, changes=(proven,))]
        offered = [
            evolve(decimal, variant="decimal", certain=False, changes=(evolve(unclear, unless=None),)),
            evolve(grouping, variant="grouping", certain=False, changes=(evolve(other_apart, unless=None),)),
        ]
        return [grouping, *certain, *offered]
    return [
        grouping,
        evolve(decimal, variant="decimal", certain=False, changes=(evolve(unclear, unless=None),)),
        evolve(grouping, variant="grouping", certain=False, changes=(evolve(other_apart, unless=None),)),
    ]


def _whole_marks(marks: _Marks, cells: Iterable[str]) -> list[Proposal]:
    """Propose what the marks of whole numbers mean: they separate thousands, unless the column has decimals."""
    changes = [change(rf"{_SIGN}{_HEAD}(?:{_APART}[0-9]{{3}})+(?:[.,]0+)?", (_APART, ""))]
    for mark, rest in ((marks.own, marks.other), (marks.other, marks.own)):
        decimals = rf"{_SIGN}[0-9]*{mark}(?:[0-9]{{1,2}}|[0-9]{{4,}})"
        if not occurs(decimals, cells):
            changes.append(change(rf"{_SIGN}{_HEAD}(?:{mark}[0-9]{{3}})+(?:{rest}0+)?", (mark, ""), unless=decimals))
    return [
        Proposal(rule="grouping", changes=tuple(changes)),
        Proposal(rule="zero-decimals", changes=(change(rf"{_SIGN}[0-9]+[.,]0{{1,2}}", (r"[.,]0+$", "")),)),
    ]
