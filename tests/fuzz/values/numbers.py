"""Texts for cells of integers and numbers."""

from collections.abc import Sequence
from random import Random

from tests.fuzz.values.temporal import Descriptor


def wholes(rng: Random, descriptor: Descriptor) -> Sequence[str]:
    """Return texts for a column of integers."""
    numbers = [rng.choice((1, -1)) * rng.getrandbits(rng.choice((1, 3, 7, 10, 16, 31, 64, 70))) for _ in range(25)]
    texts = [str(number) for number in numbers]
    if group := str(descriptor.get("groupChar", "")):
        texts += [f"{number:,}".replace(",", group) for number in numbers]
        texts += [f"1{group}", f"{group}1", f"1{group}{group}0", f"1{group}0{group}00"]
    return [*texts, *_ODD_WHOLES]


_ODD_WHOLES = (
    "0",
    "-0",
    "+0",
    "007",
    "+7",
    "--7",
    "1.0",
    "1.",
    "1e5",
    "0x1F",
    "1_000",
    " 7 ",
    "7\t",
    "\xa07",
    "１２",
    "1O",
    "9" * 39,
    "9" * 40,
    "9" * 41,
    "0" * 45 + "1",
    "9" * 300,
    "1,000",
    "$7",
    "7 EUR",
    "-$7",
    "(7)",
    "99.9%",
    "\u22127",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
)


def numbers(rng: Random, descriptor: Descriptor) -> Sequence[str]:
    """Return texts for a column of numbers."""
    mark = str(descriptor.get("decimalChar", "."))
    texts = []
    for _ in range(30):
        number = (rng.random() - 0.5) * 10 ** rng.randint(-3, 9)
        texts.append(f"{number:.{rng.randint(0, 5)}f}".replace(".", mark))
    if group := str(descriptor.get("groupChar", "")):
        texts += [f"1{group}000{mark}5", f"1{group}{group}0", f"{group}1", f"1{mark}0{group}0", f"1{group}2{group}3"]
    odd = [each.replace(".", mark) for each in _ODD_NUMBERS]
    return [*texts, *odd, *rng.sample(_ODD_WHOLES, 12)]


_ODD_NUMBERS = (
    "1.",
    ".5",
    "-.5",
    "+.5e1",
    ".",
    "-",
    "1e5",
    "1E+5",
    "1e-5",
    "1e",
    "1e400",
    "1e-999999999",
    "1e99999999999999999999",
    "NaN",
    "nan",
    "INF",
    "-INF",
    "+INF",
    "Infinity",
    " NaN ",
    "0.10",
    "00.1",
    "0.30000000000000000000000000000000000000001",
    "1.5.2",
    "1.5 ",
    "\n1.5",
    "$1.5",
    "1.5%",
    "-0.0",
)
