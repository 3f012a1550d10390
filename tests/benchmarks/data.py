"""Generated files to measure on. They are the same every time, and are cached."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import count, islice
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Final, TypeVar

from attrs import frozen

from tests.benchmarks.tables import CUSTOMERS, FIVE_HUNDRED, KEYED, SPARSE, TEN_KINDS, WIDE, Table

T = TypeVar("T")

MEGABYTE: Final = 1_000_000
_EDITION: Final = sha256(Path(__file__).read_bytes()).hexdigest()[:8]
"""A digest of this module. It is part of the files' names, so that a change here generates new files."""

_GIVEN: Final = (
    *("Ada", "Björn", "Chloé", "Dario", "Elif", "Farid", "Grete", "Hana", "Ivo"),
    *("Jun", "Kofi", "Lucía", "Mats", "Noor", "Oisín", "Priya", "Rui", "Søren"),
)
_FAMILY: Final = (
    *("Ahmed", "Berg", "Costa", "Dubois", "Evans", "Fischer", "García"),
    *("Horvat", "Ito", "Jensen", "Kovač", "Lindqvist", "Meyer", "Nagy"),
)
_HOSTS: Final = ("example.com", "example.org", "post.example.net", "sales.example.co.uk", "a-company.example.io")
_WORLD: Final = (
    "Αλεξάνδρα Παπαδοπούλου",
    "Владимир Александрович",
    "山田太郎・株式会社東京",
    "محمد عبد الرحمن",
    "प्रिया शर्मा",
    "김민수 (서울특별시)",
    "Nguyễn Thị Hường",
    "Þórðr Ægisson 🧊",
    "ჯორჯ ბერიძე",
    "Zażółć gęślą jaźń",
)

_BAD_IDS: Final = ("", "n/a", "7a", "3.0", " 42", "1_000", "0x2A", "\u0661\u0662", "--1", "1e3")
_BAD_EMAILS: Final = ("", "unknown", "ada@localhost", "@example.com", "ada at example.com", "ada@example.c")
_BAD_AMOUNTS: Final = ("", "free", "1e5", "NaN", "12.30 EUR", "1.2.3", "$5", " 7", '"1,50"')
_SHARE_OF_BAD_CELLS: Final = 0.001
_SHARE_OF_RAGGED_ROWS: Final = 0.0002
_SHARE_OF_EMPTY_CELLS: Final = 0.6
_MOST_PRESENT: Final = 400
"""The most cells of a row that has fewer cells than there are columns."""
CLEAN_ROWS: Final = 4_000
"""The rows before the first malformed one: a file that is malformed from its first bytes is refused as a whole."""
_POOL: Final = 20_000
"""How many values of a kind are generated; rows pick from them, because picking is faster than generating."""


@frozen
class _Recipe:
    """How a kind of file is generated."""

    table: Table
    rows: Callable[[Random], Iterator[str]]
    """Yields records without end, each with its line terminator."""
    is_quoted: bool = False


def made(recipe: str, megabytes: int, directory: Path) -> Path:
    """Return a file of at most `megabytes`, generating it if it does not exist."""
    path = directory / f"{recipe}-{megabytes}MB-{_EDITION}.csv"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        for outdated in directory.glob(f"{recipe}-{megabytes}MB-*"):
            outdated.unlink()
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            file.writelines(_records(_RECIPES[recipe], megabytes * MEGABYTE))
        partial.rename(path)
    return path


def _records(recipe: _Recipe, size: int) -> Iterator[bytes]:
    """Yield the header and as many whole records as fit."""
    written = 0
    for record in _text(recipe):
        encoded = record.encode(errors="surrogateescape")
        written += len(encoded)
        if written > size:
            return
        yield encoded


def _text(recipe: _Recipe) -> Iterator[str]:
    names = recipe.table.names
    yield _quoted(names) if recipe.is_quoted else ",".join(names) + "\n"
    yield from recipe.rows(Random(1))


def _people(random: Random) -> list[tuple[str, str]]:
    """Generate names, and email addresses to match."""
    people = []
    for number in range(_POOL):
        given, family, host = map(random.choice, (_GIVEN, _FAMILY, _HOSTS))
        mailbox = given.encode("ascii", "ignore").decode().lower()
        people.append((f"{given} {family}", f"{mailbox}.{number}@{host}"))
    return people


def _picked(pool: Sequence[T], random: Random) -> Iterator[T]:
    draw, size = random.random, len(pool)
    while True:
        yield pool[int(draw() * size)]


def _amounts(random: Random) -> Iterator[str]:
    draw = random.random
    while True:
        yield f"{draw() * 1_000_000 - 1_000:.2f}"


def _customers(random: Random) -> Iterator[tuple[int, tuple[str, str], str]]:
    return zip(count(1), _picked(_people(random), random), _amounts(random), strict=False)


def _clean(random: Random) -> Iterator[str]:
    for number, (name, email), amount in _customers(random):
        yield f"{number},{name},{email},{amount}\n"


def _dirty(random: Random) -> Iterator[str]:
    draw = random.random
    bad = [list(each) for each in (_BAD_IDS, ("",), _BAD_EMAILS, _BAD_AMOUNTS)]
    for number, (name, email), amount in _customers(random):
        cells = [
            random.choice(mistakes) if draw() < _SHARE_OF_BAD_CELLS else cell
            for cell, mistakes in zip((str(number), name, email, amount), bad, strict=True)
        ]
        if draw() < _SHARE_OF_RAGGED_ROWS:
            cells = _ragged(cells, random)
        yield ",".join(cells) + "\n"


def _ragged(cells: list[str], random: Random) -> list[str]:
    """Remove or add cells, so that a row is too short or too long."""
    return random.choice((cells[:1], cells[:-1], [*cells, "more"], [*cells, "", "more"]))


def _quoted_customers(random: Random) -> Iterator[str]:
    for number, (name, email), amount in _customers(random):
        yield _quoted((str(number), _embellished(name, random.random()), email, amount))


def _quoted(cells: Sequence[str]) -> str:
    return '"' + '","'.join(cells) + '"\r\n'


def _embellished(name: str, chance: float) -> str:
    """Change half of the names so that they need quotes."""
    given, _, family = name.partition(" ")
    if chance < 0.1:
        return f"{given}\n{family}"
    if chance < 0.2:
        return f"{name}\r\n2nd floor\r\n"
    if chance < 0.35:
        return f'{given} ""the other"" {family}'
    return f"{family}, {given}" if chance < 0.5 else name


def _priced_in_euros(share: float) -> Callable[[Random], Iterator[str]]:
    """Return a generator of customers; `share` of the amounts have a currency after them."""

    def rows(random: Random) -> Iterator[str]:
        for number, (name, email), amount in _customers(random):
            yield f"{number},{name},{email},{amount}{' EUR' if random.random() < share else ''}\n"

    return rows


def _from_all_over(random: Random) -> Iterator[str]:
    names = _picked(_WORLD, random)
    for (number, (_, email), amount), first, second in zip(_customers(random), names, names, strict=False):
        yield f"{number},{first} / {second},{email},{amount}\n"


def _misquoted(random: Random) -> Iterator[str]:
    for number, (name, _), _ in _customers(random):
        yield f'{number},{name} "the first\n'


def _blank(random: Random) -> Iterator[str]:
    yield from islice(_clean(random), CLEAN_ROWS)
    while True:
        yield "\n" if random.random() < 0.5 else ",,,\n"


def _undecodable(random: Random) -> Iterator[str]:
    """Yield rows in which a lone surrogate stands for a byte that is not UTF-8."""
    rows = _clean(random)
    yield from islice(rows, CLEAN_ROWS)
    for row in rows:
        yield row.replace(" ", "\udce4", 1)


def _truncated(random: Random) -> Iterator[str]:
    numbers = [str(each * 7919) for each in range(_MOST_PRESENT)]
    while True:
        yield ",".join(numbers[: random.randint(1, _MOST_PRESENT)]) + "\n"


def _keyed(random: Random) -> Iterator[str]:
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    for _, (name, email), amount in _customers(random):
        yield f"{''.join(random.choices(alphabet, k=26))},{name},{email},{amount}\n"


def _ten_kinds(random: Random) -> list[Iterator[str]]:
    """Return endless iterators of cells, one for each of the ten kinds."""
    numbers = range(_POOL)
    dates = [f"{1990 + n % 40}-{1 + n % 12:02}-{1 + n % 28:02}" for n in numbers]
    people = _people(random)
    pools = (
        [str(n * 7919) for n in numbers],
        [name for name, _ in people],
        [email for _, email in people],
        [f"{n * 1.37:.2f}" for n in numbers],
        dates,
        ["true", "false"],
        [f"{date}T{n % 24:02}:{n % 60:02}:{n % 59:02}Z" for n, date in enumerate(dates)],
        ["red", "green", "blue"],
        [f"AB-{n:05}" for n in numbers],
        [f"{n * 1.25e3:.3e}" for n in numbers],
    )
    return [_picked(pool, random) for pool in pools]


def _wide(random: Random) -> Iterator[str]:
    cells = _ten_kinds(random) * (len(WIDE.columns) // len(TEN_KINDS))
    for row in zip(*cells, strict=False):
        yield ",".join(row) + "\n"


def _sparse(random: Random) -> Iterator[str]:
    """Yield rows with mostly empty cells. The first cell is never empty, because a blank row is an error of its own."""
    draw = random.random
    for first, *others in zip(*_ten_kinds(random), strict=False):
        kept = ["" if draw() < _SHARE_OF_EMPTY_CELLS else cell for cell in others]
        yield ",".join((first, *kept)) + "\n"


_RECIPES: Final[Mapping[str, _Recipe]] = MappingProxyType(
    {
        "clean": _Recipe(CUSTOMERS, _clean),
        "dirty": _Recipe(CUSTOMERS, _dirty),
        "quoted": _Recipe(CUSTOMERS, _quoted_customers, is_quoted=True),
        "wide": _Recipe(WIDE, _wide),
        "sparse": _Recipe(SPARSE, _sparse),
        "utf8": _Recipe(CUSTOMERS, _from_all_over),
        "allbad": _Recipe(CUSTOMERS, _priced_in_euros(1)),
        "halfbad": _Recipe(CUSTOMERS, _priced_in_euros(0.5)),
        "unique": _Recipe(KEYED, _keyed),
        "misquoted": _Recipe(CUSTOMERS, _misquoted),
        "blank": _Recipe(CUSTOMERS, _blank),
        "undecodable": _Recipe(CUSTOMERS, _undecodable),
        "truncated": _Recipe(FIVE_HUNDRED, _truncated),
    }
)
