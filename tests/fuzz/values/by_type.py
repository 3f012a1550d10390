"""Texts for cells of each type: values, values at its limits, and texts that only look like values."""

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from types import MappingProxyType

from tests.fuzz.values.numbers import numbers, wholes
from tests.fuzz.values.structured import arrays, objects, places, shapes
from tests.fuzz.values.temporal import Descriptor, durations, moments, months, years
from tests.fuzz.values.texts import UGLY, strings


def texts_of(rng: Random, descriptor: Descriptor) -> list[str]:
    """Generate texts to try in a column with that descriptor, ignoring its constraints."""
    kind = str(descriptor.get("type", "any"))
    made = [str(each) for each in _MAKERS[kind](rng, descriptor)]
    return [*made, *(_decorated(rng, text) for text in rng.sample(made, min(len(made), 6)))]


def neighbours(text: str) -> list[str]:
    """Return texts that come just before or after one, where it ends in digits."""
    found = []
    for match in list(re.finditer("[0-9]", text))[-2:]:
        at, digit = match.start(), int(match[0])
        found += [f"{text[:at]}{(digit + step) % 10}{text[at + 1 :]}" for step in (1, -1)]
    number = re.fullmatch(r"(.*?)([0-9]+)(\D*)", text, re.DOTALL)
    if number and len(number[2]) < 50:
        found += [f"{number[1]}{max(int(number[2]) + step, 0):0{len(number[2])}}{number[3]}" for step in (1, -1)]
        found += [f"{number[1]}0{number[2]}{number[3]}", f"{number[1]}{number[2]}0{number[3]}"]
    return found


def _decorated(rng: Random, text: str) -> str:
    """Change a text a little."""
    digits = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    ways: Sequence[Callable[[str], str]] = (
        lambda each: f" {each}",
        lambda each: f"{each} ",
        lambda each: f"\t{each}\n",
        lambda each: f"{each}\r\n",
        lambda each: f"\xa0{each}",
        lambda each: f"+{each}",
        lambda each: f"-{each}",
        lambda each: f"0{each}",
        lambda each: f"{each}0",
        lambda each: f"{each}.",
        lambda each: f"${each}",
        lambda each: f"{each}%",
        lambda each: each.translate(digits),
        str.upper,
        str.lower,
        str.swapcase,
        lambda each: each[:-1],
        lambda each: each[1:],
        lambda each: each * 2,
        lambda each: f'"{each}"',
        lambda each: f"{each}\u200b",
    )
    return rng.choice(ways)(text)


def _booleans(_: Random, descriptor: Descriptor) -> Sequence[str]:
    words = [*descriptor.get("trueValues", ()), *descriptor.get("falseValues", ())]
    return [*words, *("true", "True", "TRUE", "1", "false", "False", "FALSE", "0", "yes", "tRue", "t", "2", "")]


def _lists(rng: Random, descriptor: Descriptor) -> Sequence[str]:
    delimiter = str(descriptor.get("delimiter", ","))
    items: Sequence[str] = {
        "integer": ("1", "2", "007", "x"),
        "number": ("1.5", "NaN", "1e5", "x"),
        "boolean": ("true", "0", "yes"),
        "date": ("2024-02-29", "2023-02-29"),
        "time": ("12:00:00", "25:00:00"),
        "datetime": ("2024-02-29T12:00:00", "2024-02-29"),
    }.get(str(descriptor.get("itemType")), ("a", "b", "é", ""))
    made = [delimiter.join(rng.choices(items[:2], k=rng.randint(1, 4))) for _ in range(12)]
    return [*made, *(delimiter.join(rng.choices(items, k=3)) for _ in range(5)), "", delimiter]


def _anything(rng: Random, _: Descriptor) -> Sequence[str]:
    return [*rng.sample(UGLY, 20), *(str(rng.randint(0, 999)) for _ in range(8))]


_MAKERS: Mapping[str, Callable[[Random, Descriptor], Sequence[str]]] = MappingProxyType(
    {
        "string": strings,
        "integer": wholes,
        "number": numbers,
        "boolean": _booleans,
        "date": moments,
        "time": moments,
        "datetime": moments,
        "year": years,
        "yearmonth": months,
        "duration": durations,
        "object": objects,
        "array": arrays,
        "list": _lists,
        "geopoint": places,
        "geojson": shapes,
        "any": _anything,
    }
)
TYPES: Sequence[str] = tuple(_MAKERS)
