"""Texts for cells of dates, times, years and durations."""

import re
from collections.abc import Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import Any

Descriptor = Mapping[str, Any]


def _day(rng: Random) -> str:
    return f"{rng.choice((2023, 2024, rng.randint(1, 9999))):04}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def _clock(rng: Random) -> str:
    fraction = rng.choice(("", "", ".5", ".123456", ".1234567", ".0"))
    zone = rng.choice(("", "", "Z", "+00:00", "-05:30", "+14:00", "+13:59"))
    return f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}{fraction}{zone}"


_DAYS = (
    "2024-02-29",
    "2023-02-29",
    "2000-02-29",
    "1900-02-29",
    "0001-01-01",
    "0000-01-01",
    "0004-02-29",
    "9999-12-31",
    "2024-02-30",
    "2024-04-31",
    "2024-12-31",
    "2024-13-01",
    "2024-00-10",
    "2024-01-00",
    "2024-1-1",
    "20240101",
    "2024-W01-1",
    "10000-01-01",
    "-0001-01-01",
    "-0000-02-29",
    "12023-02-29",
    "12024-02-29",
    "123456789012345678-06-30",
    "1234567890123456789-06-30",
    "-12024-02-29",
    "2024-02-29 ",
    "２０２４-01-01",
    "2024-01-01T00:00:00",
)
_CLOCKS = (
    "00:00:00",
    "23:59:59",
    "24:00:00",
    "24:00:00.0",
    "24:00:01",
    "24:00:00Z",
    "24:00:00-14:00",
    "23:59:60",
    "12:60:00",
    "12:00",
    "1:00:00",
    "12:00:00.",
    "12:00:00,5",
    "12:00:00z",
    "12:00:00+14:01",
    "12:00:00+15:00",
    "12:00:00-00:00",
    "12:00:00+0100",
    "120000",
    "12:00:00.123456789Z",
    " 12:00:00",
    "１2:00:00",
)


def moments(rng: Random, descriptor: Descriptor) -> Sequence[str]:
    """Return texts for cells of dates, times and datetimes, in the field's format."""
    kind = descriptor["type"]
    form = str(descriptor.get("format", "default")).removeprefix("fmt:")
    if form == "any":
        return [
            "1 Feb 2024",
            "2024-02-01",
            "02/01/2024",
            "noon",
            "12:30",
            "2024",
            "Feb 30",
            "today",
            "10pm",
            "1e5",
            "x",
        ]
    if form != "default":
        return [_formatted(rng, form) for _ in range(40)] + [_day(rng), _clock(rng), "", "%"]
    days = [*(_day(rng) for _ in range(20)), *_DAYS]
    clocks = [*(_clock(rng) for _ in range(20)), *_CLOCKS]
    if kind == "date":
        return days
    if kind == "time":
        return clocks
    edges = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T24:00:00", "2024-02-29t00:00:00"]
    return [*(f"{rng.choice(days)}T{rng.choice(clocks)}" for _ in range(40)), *edges, "2024-02-29 12:00:00", days[0]]


_PARTS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "%Y": ("2024", "2023", "1900", "0001", "0000", "24", "9999", "02024", "２０２４"),
        "%y": ("24", "00", "68", "69", "4"),
        "%m": ("01", "02", "2", "12", "13", "00", " 2"),
        "%d": ("01", "28", "29", "30", "31", "32", "1", "00"),
        "%H": ("00", "23", "24", "7"),
        "%I": ("01", "12", "13"),
        "%M": ("00", "59", "60", "7"),
        "%S": ("00", "59", "60", "61", "62", "7"),
        "%f": ("0", "123456", "1234567", ""),
        "%j": ("001", "366", "367"),
        "%b": ("Jan", "FEB", "dec", "Smarch"),
        "%B": ("January", "may"),
        "%p": ("AM", "pm"),
        "%z": ("+0100", "Z", "-05:30", "+01"),
        "%%": ("%",),
    }
)


def _formatted(rng: Random, form: str) -> str:
    calm = rng.random() < 0.7

    def part(match: re.Match[str]) -> str:
        choices = _PARTS.get(match[0], ("1",))
        return rng.choice(choices[:2] if calm else choices)

    text = re.sub("%.", part, form)
    return text if rng.random() < 0.9 else rng.choice((text.replace(" ", "  "), text + " ", text.swapcase(), text[:-1]))


def years(rng: Random, _: Descriptor) -> Sequence[str]:
    """Return texts for cells of years."""
    odd = (
        "0000",
        "9999",
        "24",
        "02024",
        "-2024",
        "+2024",
        "12024",
        "-0044",
        "1" * 18,
        "1" * 19,
        "-0000",
        "２０２４",
        "2024 ",
        "2024.0",
        "1e3",
    )
    return [*(f"{rng.randint(0, 9999):04}" for _ in range(20)), *odd]


def months(rng: Random, _: Descriptor) -> Sequence[str]:
    """Return texts for cells of years with a month."""
    odd = (
        "2024-00",
        "2024-13",
        "2024-1",
        "0000-12",
        "12024-02",
        "-0044-03",
        "02024-01",
        "1" * 19 + "-01",
        "202401",
        "2024-01-01",
        "2024-01 ",
    )
    return [*(f"{rng.randint(0, 9999):04}-{rng.randint(1, 12):02}" for _ in range(20)), *odd]


_DURATIONS = (
    "P1Y",
    "P1Y2M3DT4H5M6S",
    "P1W",
    "PT0S",
    "-P1D",
    "P0D",
    "PT1.5S",
    "PT.5S",
    "PT1.S",
    "P",
    "PT",
    "P1YT",
    "P1M",
    "PT1M",
    "PT60S",
    "P12M",
    "P7D",
    "P1W1D",
    "+P1D",
    "P-1D",
    "P1D2M",
    "p1d",
    "P" + "9" * 18 + "Y",
    "P" + "9" * 19 + "Y",
    "PT1H1S",
    "P1DT",
    "P1DT1M",
    "P1Y1D",
    "P１D",
)


def durations(rng: Random, _: Descriptor) -> Sequence[str]:
    """Return texts for cells of durations."""
    return [*_DURATIONS, *(f"P{rng.randint(0, 99)}DT{rng.randint(0, 99)}H" for _ in range(10))]
