"""Texts for cells of each type: values, values at its limits, and texts that only look like values."""

import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from random import Random
from types import MappingProxyType

from tests.fuzz.json_values import ARRAYS, GEOJSON, LON_LATS, ORDERS, PAIRS, TOPOJSON, Changing
from tests.fuzz.temporal_values import Descriptor, durations, moments, months, years

UGLY: Sequence[str] = (
    "",
    " ",
    "  ",
    "\t",
    "\xa0",
    "\ufeff",
    "\ufeffx",
    "\u2028",
    "\x0b",
    "\x85",
    "\x1c",
    "\x7f",
    "é",
    "e\u0301",
    "\u0130",
    "\u017f",
    "\u212a",
    "😀",
    "\U0010ffff",
    "\uffff",
    "\ufffe",
    "日本",
    "１２",
    "٣",
    ",",
    ";",
    '"',
    '""',
    "'",
    "a,b",
    'say "x"',
    "two\nlines",
    "two\r\nlines",
    "two\rlines",
    "\n",
    "\r",
    "\r\n",
    "\n\r",
    "\r\r\n",
    "x\n",
    "\nx",
    "#x",
    "-",
    "NA",
    "null",
    "-999",
    "0",
    "1",
    "\\N",
    "\\",
    "\\\\",
    "a\\,b",
    "x" * 300,
    "é" * 64,
)
"""Texts that some readers parse incorrectly."""
RAW: Sequence[str] = (
    "\0",
    "x\0",
    "\udcff",
    "x\udcc3",
    "\udcc3(",
    "\udced\udca0\udc80",
    "\udcc0\udcaf",
    "\udce0\udc80\udcaf",
    "\udcf4\udc90\udc80\udc80",
    "\udcf8\udc88\udc80\udc80\udc80",
    "\udcef\udcbb",
    "\udcf0\udc9f\udc98",
    "\udc80",
)
"""Undecodable bytes, as Python escapes them."""


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


# --- by type ----------------------------------------------------------------------------------------------------------


def _strings(rng: Random, descriptor: Descriptor) -> Sequence[str]:
    words = ["".join(rng.choices("abcxyzABC é0129-_.,;'\"😀ßſ", k=rng.randint(1, 12))) for _ in range(20)]
    match descriptor.get("format"):
        case "email":
            return [*_EMAILS, *(f"{word}@example.org" for word in words[:5])]
        case "uri":
            return [*_URIS, *(f"urn:{word}" for word in words[:5])]
        case "uuid":
            ids = [str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(20)]
            return [*ids, ids[0].upper(), ids[0].replace("-", ""), f"{{{ids[0]}}}", f"urn:uuid:{ids[0]}", ids[0][:-1]]
        case "binary":
            return ["", "QQ==", "QUI=", "QUJD", "QQ=", "QUJD\n", "QR==", "Q===", "QUJDREVG", "QUJ-", "QQ==QQ==", "===="]
    return [*words, *rng.sample(UGLY, 12)]


_EMAILS = (
    "a@b.co",
    "first.last@example.org",
    "é@bücher.example",
    "a@b",
    "a..b@c.org",
    "a@-b.org",
    "a@b-.org",
    "a@b.c",
    "a@b.xn--p1ai",
    "a@b.1a",
    "a@" + "x" * 63 + ".org",
    "a@" + "x" * 64 + ".org",
    "x" * 65 + "@b.org",
    '"a b"@c.org',
    "a,b@c.org",
    "A+B!#$%&'*/=?^_`{|}~-@c.org",
    "a@b.org.",
    ".a@b.org",
    "a@b.org\n",
    "😀@b.org",
    "a@[1.2.3.4]",
)
_URIS = (
    "https://example.org/",
    "http://a/b?c=d#e",
    "urn:x:y",
    "mailto:a@b.co",
    "http://[::1]:80/",
    "http://a/%20",
    "http://a/%2",
    "http://a b/",
    "example.org",
    "a:",
    "1a:b",
    "http://é/",
    "x://a,b;c",
    "x:??##",
    "x:a#b#c",
    "x://[",
    "x:/a//b",
    "x:|",
)


def _wholes(rng: Random, descriptor: Descriptor) -> Sequence[str]:
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


def _numbers(rng: Random, descriptor: Descriptor) -> Sequence[str]:
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


def _booleans(_: Random, descriptor: Descriptor) -> Sequence[str]:
    words = [*descriptor.get("trueValues", ()), *descriptor.get("falseValues", ())]
    return [*words, *("true", "True", "TRUE", "1", "false", "False", "FALSE", "0", "yes", "tRue", "t", "2", "")]


def _objects(rng: Random, _: Descriptor) -> Sequence[str]:
    made = [json.dumps({"a": rng.randint(0, 9), "b": rng.choice(("x", "é", [1], None))}) for _ in range(8)]
    odd = (
        "{}",
        '{"a":1,"a":2}',
        '{"a": NaN}',
        '{"a": 1e999999}',
        "{",
        "[]",
        "1",
        '{"a":"\\u0000"}',
        "{'a': 1}",
        ' {"a":1}',
    )
    return [*made, *odd, '{\n"a": 1}', *_changed(rng, ORDERS)]


def _changed(rng: Random, values: Sequence[object]) -> Sequence[str]:
    changing = Changing(values, rng)
    return [changing.text() for _ in range(12)]


def _arrays(rng: Random, _: Descriptor) -> Sequence[str]:
    made = [json.dumps([rng.randint(0, 9) for _ in range(rng.randint(0, 4))]) for _ in range(8)]
    made += _changed(rng, ARRAYS)
    return [*made, "[]", "[1,]", "[[]]", '["a","b"]', "{}", "1", "[1, 1.0]", "[1.0]", "[" * 101 + "]" * 101, "[1"]


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


def _places(rng: Random, descriptor: Descriptor) -> Sequence[str]:
    match descriptor.get("format"):
        case "array":
            odd = ["[90, 45]", "[90.5,45.5]", "[180, 90]", "[181, 0]", "[1]", "[1,2,3]", '["1","2"]', "90,45"]
            return [*odd, *_changed(rng, PAIRS)]
        case "object":
            odd = ['{"lon": 90, "lat": 45}', '{"lon": 181, "lat": 0}', '{"lon": 1}', '{"lat":1,"lon":2}', "{}"]
            return [*odd, *_changed(rng, LON_LATS)]
    return [
        "90, 45",
        "90.50,45.50",
        "-180,-90",
        "180,90",
        "180.1,0",
        "0,90.1",
        "1;2",
        "1,2,3",
        "1e1,2",
        "1e3, 2",
        "-.5, 090.0",
        "1,2E-1",
        "Peer, Emma",
        "+1,.5",
        "1 , 2",
    ]


def _shapes(rng: Random, descriptor: Descriptor) -> Sequence[str]:
    if descriptor.get("format") == "topojson":
        made = ['{"type": "Topology", "objects": {}, "arcs": []}', '{"type": "Topology"}', '{"type": null}', "{}"]
        return [*made, *_changed(rng, TOPOJSON)]
    good = ('{"type":"Point","coordinates":[1,2]}', '{"type":"FeatureCollection","features":[]}')
    odd = ('{"type":"Point"}', '{"type":"Point","coordinates":[]}', "{}", "[]")
    return [*good, *odd, *_changed(rng, GEOJSON)]


def _anything(rng: Random, _: Descriptor) -> Sequence[str]:
    return [*rng.sample(UGLY, 20), *(str(rng.randint(0, 999)) for _ in range(8))]


_MAKERS: Mapping[str, Callable[[Random, Descriptor], Sequence[str]]] = MappingProxyType(
    {
        "string": _strings,
        "integer": _wholes,
        "number": _numbers,
        "boolean": _booleans,
        "date": moments,
        "time": moments,
        "datetime": moments,
        "year": years,
        "yearmonth": months,
        "duration": durations,
        "object": _objects,
        "array": _arrays,
        "list": _lists,
        "geopoint": _places,
        "geojson": _shapes,
        "any": _anything,
    }
)
TYPES: Sequence[str] = tuple(_MAKERS)
