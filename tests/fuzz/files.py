"""Random files: mostly valid records of a schema, written in a dialect, with errors of all kinds."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from attrs import frozen

from chalicelib.validation import Dialect
from tests.fuzz.schemas import Column, Table
from tests.fuzz.values.texts import RAW, UGLY

Cells = list[str]
"""A record's cells, as they are written in the file."""


@frozen(kw_only=True)
class File:
    """A file, and its number of records."""

    data: bytes
    records: int


def file(rng: Random, table: Table, dialect: Dialect, most_records: int) -> File:
    """Write a file for a table in a dialect, of about `most_records` records at most."""
    count = min(most_records, _size(rng))
    order = _columns(rng, table)
    writer = _Writer(rng, dialect)
    records = [*_header(rng, order, dialect, writer), *_body(rng, order, writer, count)]
    text = "".join(_lines(rng, records, dialect))
    return File(data=_encoded(rng, _ended(rng, text), dialect), records=len(records))


def _size(rng: Random) -> int:
    least, most = rng.choice(((0, 5), (5, 40), (20, 200), (100, 600), (100, 600), (600, 2500)))
    if rng.random() < 0.01:
        return rng.randint(6_000, 12_000)
    return rng.randint(least, most)


def _columns(rng: Random, table: Table) -> list[Column]:
    """Choose the columns of a file and their order."""
    columns = list(table.columns)
    match = (table.descriptor or {}).get("fieldsMatch", "exact")
    if match != "exact" and rng.random() < 0.7:
        rng.shuffle(columns)
    if match in {"superset", "partial"} and len(columns) > 1 and rng.random() < 0.5:
        columns.pop(rng.randrange(len(columns)))
    if match in {"subset", "partial"} and rng.random() < 0.5:
        extra = Column(descriptor={"name": "unknown"}, right=("x", "", "é", "1"), wrong=())
        columns.insert(rng.randint(0, len(columns)), extra)
    return columns


# --- cells ------------------------------------------------------------------------------------------------------------


class _Writer:
    """Writes cells in the style of one program."""

    def __init__(self, rng: Random, dialect: Dialect) -> None:
        """Choose a style: how often cells are quoted, and which characters they contain."""
        self._rng = rng
        self.dialect = dialect
        self._quotes = rng.choice((0.0, 0.0, 0.02, 0.5, 1.0))
        tokens = [dialect.delimiter, dialect.quote_char, dialect.escape_char]
        tokens += [dialect.line_terminator] if dialect.line_terminator else ["\r", "\n"]
        longest_first = sorted(filter(None, tokens), key=len, reverse=True)
        self._special = re.compile("|".join(map(re.escape, longest_first)))
        self.has_breaks = rng.random() < 0.3
        """Whether cells may contain line breaks."""
        self.is_odd = rng.random() < 0.3
        """Whether cells may contain characters outside of ASCII."""

    def written(self, text: str) -> str:
        """Return the cell for a text, quoted or escaped if the dialect can."""
        dialect = self.dialect
        special = self._special.search(text) or (dialect.skip_initial_space and text.startswith(" "))
        if not special and self._rng.random() >= self._quotes:
            return text
        quote, escape = dialect.quote_char, dialect.escape_char
        if not quote:
            return self._special.sub(lambda match: escape + match[0], text) if escape else text
        if escape:
            text = text.replace(escape, escape * 2)
        return quote + text.replace(quote, (quote if dialect.double_quote else escape or quote) + quote) + quote

    def pool(self, texts: Sequence[str]) -> Sequence[str]:
        """Return the cells of these texts, without those that this style excludes."""
        breaks = self.dialect.line_terminator or "\r\n"
        kept = [
            text
            for text in texts
            if (self.has_breaks or not any(each in text for each in breaks)) and (self.is_odd or text.isascii())
        ]
        return [self.written(text) for text in kept or texts[:1] or ("",)]


# --- records ----------------------------------------------------------------------------------------------------------


def _header(rng: Random, order: Sequence[Column], dialect: Dialect, writer: _Writer) -> Iterator[Cells]:
    if not dialect.header:
        return
    labels = [writer.written(column.name) for column in order]
    if rng.random() < 0.05:
        labels[rng.randrange(len(labels))] = rng.choice(("", "wrong", labels[0], 'a"b', "\udcff", "x\0"))
    if rng.random() < 0.1:
        labels = [label.upper() for label in labels]
    last = max(dialect.header_rows, default=1)
    for number in range(1, last + 1):
        if number == min(dialect.header_rows, default=1) or rng.random() < 0.2:
            yield list(labels)
        elif number in dialect.header_rows:
            yield [""] * len(labels)
        else:
            yield ["a title"]


def _body(rng: Random, order: Sequence[Column], writer: _Writer, count: int) -> Iterator[Cells]:
    """Yield records in stretches, each with errors of one kind."""
    right = [writer.pool(column.right) for column in order]
    wrong = [writer.pool(column.wrong or column.right) for column in order]
    spread = max(1, round(count * rng.choice((0.05, 0.5, 3))))
    step = rng.choice((1, 1, 1, 7))
    written = 0
    while written < count:
        size = min(count - written, rng.choice((5, 20, 40, 100, 300, 1500)))
        pools = [rng.choices(pool, k=size) for pool in right]
        for at, column in enumerate(order):
            if column.serial:
                numbers = range(written, written + size) if rng.random() < 0.85 else rng.choices(range(spread), k=size)
                pools[at] = [writer.written(column.serial.format(number * step)) for number in numbers]
        injure = rng.choices(_WAYS, _WEIGHTS)[0](rng, writer, wrong)
        for cells in zip(*pools, strict=True):
            yield injure(list(cells))
        written += size


Injury = Callable[[Cells], Cells]


def _clean(_: Random, __: _Writer, ___: Sequence[Sequence[str]]) -> Injury:
    return lambda cells: cells


def _now_and_then(share: float) -> Callable[[Random, _Writer, Sequence[Sequence[str]]], Injury]:
    def way(rng: Random, writer: _Writer, wrong: Sequence[Sequence[str]]) -> Injury:
        injuries = rng.choices(_INJURIES, k=rng.randint(1, 6))

        def injure(cells: Cells) -> Cells:
            return rng.choice(injuries)(rng, writer, cells, wrong) if rng.random() < share else cells

        return injure

    return way


def _bad_columns(rng: Random, _: _Writer, wrong: Sequence[Sequence[str]]) -> Injury:
    """Make the same columns wrong in consecutive rows."""
    positions = rng.sample(range(len(wrong)), min(len(wrong), rng.choice((1, 1, 2))))
    share = rng.choice((1, 1, 0.95, 0.3))

    def injure(cells: Cells) -> Cells:
        for position in positions:
            if rng.random() < share:
                cells[position] = rng.choice(wrong[position])
        return cells

    return injure


def _ragged(rng: Random, writer: _Writer, wrong: Sequence[Sequence[str]]) -> Injury:
    """Yield rows that all have the same number of cells, or any number, but not the number of columns."""
    width = rng.choice((len(wrong) - 1, len(wrong) + 1, len(wrong) + 3, 1, 2))
    share = rng.choice((1, 1, 0.5))

    def injure(cells: Cells) -> Cells:
        if rng.random() < share:
            cells += [writer.written(rng.choice(("", "x", "1", "a,b"))) for _ in range(width - len(cells))]
            return cells[: max(width, 1)]
        return cells

    return injure


def _broken_lines(rng: Random, writer: _Writer, _: Sequence[Sequence[str]]) -> Injury:
    """Put line breaks into cells of consecutive rows."""
    breaks = rng.choice((("\n",), ("\r\n",), ("\r",), ("\n", "\r\n", "\r", "\n\r", "\r\r\n", "\n\n")))

    def injure(cells: Cells) -> Cells:
        position = rng.randrange(len(cells))
        cells[position] = writer.written(f"a{writer.dialect.line_terminator or rng.choice(breaks)}b")
        return cells

    return injure


def _blank_rows(rng: Random, writer: _Writer, wrong: Sequence[Sequence[str]]) -> Injury:
    share = rng.choice((0.02, 0.3, 1))
    return lambda cells: _blank(rng, writer, cells, wrong) if rng.random() < share else cells


def _comments(rng: Random, writer: _Writer, wrong: Sequence[Sequence[str]]) -> Injury:
    share = rng.choice((0.02, 0.3, 1))
    return lambda cells: _comment(rng, writer, cells, wrong) if rng.random() < share else cells


def _blank(rng: Random, writer: _Writer, cells: Cells, _: Sequence[Sequence[str]]) -> Cells:
    quotes = (writer.dialect.quote_char or "") * 2
    kinds = (
        [""],
        [""] * len(cells),
        [quotes] * len(cells),
        [quotes],
        [" "],
        [" "] * len(cells),
        [""] * (len(cells) + 1),
    )
    return list(rng.choice(kinds))


def _comment(rng: Random, writer: _Writer, cells: Cells, _: Sequence[Sequence[str]]) -> Cells:
    start = writer.dialect.comment_char or "#"
    quote = writer.dialect.quote_char or '"'
    return rng.choice(([start], [f"{start} {quote}left", "out"], [f"{start}{cells[0]}", *cells[1:]], [f" {start}"]))


def _wrong_cell(rng: Random, _: _Writer, cells: Cells, wrong: Sequence[Sequence[str]]) -> Cells:
    position = rng.randrange(min(len(cells), len(wrong)))
    cells[position] = rng.choice(wrong[position])
    return cells


def _ugly_cell(rng: Random, writer: _Writer, cells: Cells, _: Sequence[Sequence[str]]) -> Cells:
    cells[rng.randrange(len(cells))] = writer.written(rng.choice(UGLY))
    return cells


def _raw_cell(rng: Random, writer: _Writer, cells: Cells, _: Sequence[Sequence[str]]) -> Cells:
    """Replace a cell by malformed or misleading text."""
    dialect = writer.dialect
    quote, escape, end = dialect.quote_char or '"', dialect.escape_char or "\\", dialect.line_terminator or "\n"
    position = rng.randrange(len(cells))
    cell = cells[position]
    cells[position] = rng.choice(
        (
            rng.choice(RAW),
            quote + rng.choice(RAW) + quote,
            rng.choice(UGLY),
            f"{cell}{quote}",
            f"x{quote}y{quote}",
            f"{quote}{cell}",
            f"{quote}x{quote}y",
            f"{quote}x{quote} ",
            f" {quote}x{quote}",
            f" {cell}",
            f"{quote}{quote}{quote}{quote}",
            f"{quote * 3}",
            f"{quote}x{quote}{quote}{quote}",
            f"{quote}{quote}x",
            f"{quote}a{dialect.delimiter}{end}b{quote}",
            f"{quote}{end}{quote}",
            f"{quote}{cell}{end}",
            f"{escape}",
            f"x{escape}{dialect.delimiter}y",
            f"x{escape}{end}y",
            f"x{escape}\r\ny",
            f"x{escape}{quote}y",
            f"{escape}{quote}",
            f"{escape}{escape}",
            f"{quote}{escape}{quote}{quote}",
            f"{quote}x{escape}{quote}",
            f"x{end}y",
            "x\ry",
            "x\r",
            "\rx",
            "\n",
            f"{dialect.comment_char or '#'}x",
            f"{quote}{dialect.comment_char or '#'}x{quote}",
            f"{quote}a{end}{dialect.comment_char or '#'}{quote}",
            f"{quote}a{end}{dialect.delimiter * (len(cells) - 1)}{end}b{quote}",
            "\ufeff",
            "x" * 5000,
        )
    )
    return cells


def _fewer(rng: Random, _: _Writer, cells: Cells, __: Sequence[Sequence[str]]) -> Cells:
    return cells[: rng.randint(1, len(cells))]


def _more(rng: Random, writer: _Writer, cells: Cells, _: Sequence[Sequence[str]]) -> Cells:
    return [*cells, *(writer.written(rng.choice(("", "x", " "))) for _ in range(rng.choice((1, 1, 2, 9))))]


_INJURIES: Sequence[Callable[[Random, _Writer, Cells, Sequence[Sequence[str]]], Cells]] = (
    _wrong_cell,
    _wrong_cell,
    _wrong_cell,
    _ugly_cell,
    _ugly_cell,
    _raw_cell,
    _raw_cell,
    _fewer,
    _more,
    _blank,
    _comment,
)
_WEIGHED: Mapping[Callable[[Random, _Writer, Sequence[Sequence[str]]], Injury], int] = {
    _clean: 10,
    _now_and_then(0.01): 3,
    _now_and_then(0.1): 2,
    _now_and_then(0.6): 2,
    _bad_columns: 3,
    _ragged: 2,
    _broken_lines: 1,
    _blank_rows: 1,
    _comments: 1,
}
_WAYS = tuple(_WEIGHED)
_WEIGHTS = tuple(_WEIGHED.values())


# --- bytes ------------------------------------------------------------------------------------------------------------


def _lines(rng: Random, records: Sequence[Cells], dialect: Dialect) -> Iterator[str]:
    """Yield each record with its line terminator, which is the same in most files."""
    usual = dialect.line_terminator or rng.choice(("\n", "\n", "\r\n", "\r"))
    others = (*(("\n", "\r\n", "\r") if not dialect.line_terminator else (usual,)), "\r\r\n", "\n\r")
    mixing = rng.choice((0.0, 0.0, 0.0, 0.0, 0.01, 0.5))
    turn = rng.randrange(len(records)) if records and rng.random() < 0.05 else None
    for number, cells in enumerate(records):
        if number == turn:
            usual = rng.choice(others)
        yield dialect.delimiter.join(cells) + (rng.choice(others) if mixing and rng.random() < mixing else usual)


def _ended(rng: Random, text: str) -> str:
    """Sometimes remove the last line break, or append something to it."""
    match rng.randrange(12):
        case 0 | 1:
            return text.removesuffix("\n").removesuffix("\r")
        case 2:
            return text + rng.choice(("\r", "\n", "\r\n", " ", ",", '"', '"x', "#", "\\", "\0"))
        case 3:
            return text[:-1]
    return text


def _encoded(rng: Random, text: str, dialect: Dialect) -> bytes:
    if dialect.encoding == "utf-8":
        data = text.encode(errors="surrogateescape")
        data = (b"\xef\xbb\xbf" if rng.random() < 0.08 else b"") + data
    elif dialect.encoding.startswith("utf-16"):
        data = text.encode(dialect.encoding, errors="surrogatepass")
    else:
        data = text.encode(dialect.encoding, errors="replace")
    return _noisy(rng, data) if rng.random() < 0.12 else data


def _noisy(rng: Random, data: bytes) -> bytes:
    """Change or move single bytes."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        at = rng.randint(0, len(changed))
        end = at + rng.choice((0, 1, 1, 5))
        changed[at:end] = rng.choice((b"", bytes([rng.randrange(256)]), rng.choice(_BYTES), changed[end : end + 9]))
    return bytes(changed)


_BYTES = (b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"\\", b" ", b"\xef\xbb\xbf", b'""', b"\xc3")
