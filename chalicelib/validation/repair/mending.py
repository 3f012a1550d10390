"""Applies repairs to a file, record by record: only cells that change are rewritten, all else stays byte by byte."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import Factory, define, evolve, frozen

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.encodings import python_encoding
from chalicelib.validation.reading.grammar import Grammar
from chalicelib.validation.repair.changes import Change, Example, LayoutRepair, Mender, Repair, forbids
from chalicelib.validation.repair.raw_records import BOM, RawRecord, RawRecords
from chalicelib.validation.repair.transcoding import decoded, encoded

_REMEMBERED = 100_000
"""How many different cells of a column are remembered, with what becomes of them."""
_BLOCK_CELLS = 10_000
"""About how many records are returned at once."""


class RepairRefusedError(Exception):
    """A cell forbids a change, or a rule would lose data: mend the file again without it."""

    def __init__(self, refused: Change | LayoutRepair) -> None:
        super().__init__()
        self.refused = refused


@frozen(kw_only=True)
class Plan:
    """What is to be done to a file."""

    dialect: Dialect
    """How the file should be written."""
    layout: tuple[LayoutRepair, ...] = ()
    columns: Mapping[int, tuple[Repair, ...]] = Factory(dict)
    """The repairs of each 0-based column, after the layout has been mended."""
    accepts: Mapping[int, Callable[[str], bool]] = Factory(dict)
    """Return whether a cell of a column is valid."""

    def without(self, refused: Change | LayoutRepair) -> "Plan":
        """Return the plan without what a cell of the file refuses."""
        layout = tuple(each for each in self.layout if each is not refused)
        columns = {
            at: tuple(evolve(each, changes=tuple(it for it in each.changes if it is not refused)) for each in repairs)
            for at, repairs in self.columns.items()
        }
        return evolve(self, layout=layout, columns=columns)

    @property
    def source(self) -> Dialect:
        """How the file is written now."""
        found = {each.rule: each.found or "" for each in self.layout}
        return evolve(
            self.dialect,
            delimiter=found.get("delimiter", self.dialect.delimiter),
            encoding=python_encoding(found.get("encoding", "")) or self.dialect.encoding,
        )


@define
class Tally:
    """What was changed."""

    cells: Counter[tuple[str, str | None]] = Factory(Counter)
    """By rule, and by name of the column."""
    examples: dict[tuple[str, str | None], Example] = Factory(dict)
    layout: Counter[str] = Factory(Counter)
    """How often each rule for the whole file did something."""


def mended(blocks: Iterator[bytes], plan: Plan, tally: Tally) -> Iterator[bytes]:
    """Iterate over the mended file; raises RepairRefusedError, or FieldInvalid if the file cannot be mended."""
    if not (plan.layout or plan.columns):
        yield from blocks
        return
    source = plan.source
    data, encoding = decoded(blocks, source.encoding)
    written = _Mending(plan, source, tally).blocks(data)
    yield from encoded(written, encoding if source.encoding == plan.dialect.encoding else plan.dialect.encoding)


class _Mending:
    """One pass over a file."""

    def __init__(self, plan: Plan, source: Dialect, tally: Tally) -> None:
        self._plan = plan
        self._tally = tally
        self._source = source
        self._delimiter = plan.dialect.delimiter.encode()
        self._is_converted = source.encoding != plan.dialect.encoding
        self._layout = {each.rule: each for each in plan.layout}
        self._order = next((each for each in plan.layout if each.columns), None)
        self._above = sum(each.rows for each in plan.layout)
        self._writer = _CellWriter(source, plan.dialect)
        self._cells = {
            at: _Column(repairs, plan.accepts.get(at), self._writer, tally) for at, repairs in plan.columns.items()
        }
        self._width: int | None = None

    def blocks(self, data: Iterator[bytes]) -> Iterator[bytes]:
        """Iterate over the mended file in UTF-8."""
        first = next(data, b"")
        while len(first) < len(BOM) and (block := next(data, b"")):
            first += block
        if first.startswith(BOM):
            first = first[len(BOM) :]
            if not self._is_converted:
                yield BOM
        written: list[bytes] = []
        for record in self._records(_with_first(first, data)):
            written += record
            if len(written) > _BLOCK_CELLS:
                yield b"".join(written)
                written = []
        yield b"".join(written)

    def _records(self, data: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """Iterate over the records as they are written, each with its line break."""
        dialect = self._source
        last_header = max(dialect.header_rows, default=0) if dialect.header else 0
        row = 0
        for record in RawRecords(data, dialect):
            if record.is_verbatim:
                yield record.cells[0], record.end
                continue
            row += 1
            if row <= self._above:
                self._tally.layout.update(each.rule for each in self._plan.layout if each.rows)
                continue
            below = row - self._above
            if below in dialect.comment_rows or below < last_header:
                yield self._joined(record.cells), record.end
                continue
            if below == last_header:
                self._width = len(self._order.columns) if self._order else len(record.cells)
                yield self._joined(self._labels(record.cells)), record.end
                continue
            cells = self._mended(record)
            if cells is not None:
                yield self._joined(cells), record.end

    def _labels(self, cells: Sequence[bytes]) -> Sequence[bytes]:
        if self._order is None:
            return cells
        self._tally.layout[self._order.rule] += 1
        chosen = [cells[at - 1] for at in self._order.columns]
        texts = map(self._writer.text, chosen)
        pairs = zip(chosen, texts, self._order.labels, strict=True)
        return [raw if text == label else self._writer.written(label, raw) or raw for raw, text, label in pairs]

    def _mended(self, record: RawRecord) -> Sequence[bytes] | None:
        """Return the cells of a record as they are written; None if the record is left out."""
        cells = record.cells
        if "empty-rows" in self._layout and not any(map(self._is_filled, cells)):
            self._tally.layout["empty-rows"] += 1
            return None
        if self._order is not None:
            cells = self._ordered(cells, self._order)
        if self._has_empty_rest(cells):
            cells = cells[: self._width]
            self._tally.layout["empty-cells"] += 1
        changed = list(cells)
        for at, column in self._cells.items():
            if at < len(changed):
                changed[at] = column.mended(changed[at])
        return changed

    def _has_empty_rest(self, cells: Sequence[bytes]) -> bool:
        """Return whether a record has more cells than there are columns, all of them empty, that are to be left out."""
        is_wide = "empty-cells" in self._layout and self._width is not None and len(cells) > self._width
        return is_wide and not any(map(self._is_filled, cells[self._width :]))

    def _ordered(self, cells: Sequence[bytes], order: LayoutRepair) -> Sequence[bytes]:
        """Return the cells in another order. Those left out must be empty; those that are missing are."""
        if any(self._is_filled(cell) for at, cell in enumerate(cells, start=1) if at not in order.columns):
            raise RepairRefusedError(order)
        return [cells[at - 1] if at <= len(cells) else b"" for at in order.columns]

    def _is_filled(self, raw: bytes) -> bool:
        return self._writer.text(raw) != ""

    def _joined(self, cells: Sequence[bytes]) -> bytes:
        if self._source.delimiter != self._plan.dialect.delimiter:
            cells = [self._writer.separable(cell) for cell in cells]
            self._tally.layout["delimiter"] = 1
        return self._delimiter.join(cells)


class _CellWriter:
    """Reads cells in the dialect that a file has, and writes them in the one that it should have."""

    def __init__(self, source: Dialect, target: Dialect) -> None:
        self._grammar = Grammar(source)
        self._quote = self._grammar.quote
        self._delimiter = target.delimiter.encode()
        self._special = (self._delimiter, self._quote or b"\n", b"\r", b"\n")
        self._escape = self._grammar.escape
        self._skips_space = source.skip_initial_space

    def text(self, raw: bytes) -> str | None:
        """Return the text of a cell; None if it has none."""
        raw = raw.lstrip(b" ") if self._skips_space else raw
        content = 0
        if self._quote and raw.startswith(self._quote):
            quoted = self._grammar.quoted.match(raw)
            content = quoted.end() if quoted else 0
        text = self._grammar.cell(raw[:content], raw[content:])
        return text if isinstance(text, str) else None

    def written(self, text: str, raw: bytes) -> bytes | None:
        """Return a text as a cell, in quotes if the cell in its place was; None if it cannot be written."""
        data = text.encode()
        gap = raw[: len(raw) - len(raw.lstrip(b" "))] if self._skips_space else b""
        is_quoted = bool(self._quote) and raw[len(gap) :].startswith(self._quote)
        needs_quotes = any(each in data for each in self._special) or (self._skips_space and data.startswith(b" "))
        if not (is_quoted or needs_quotes):
            return None if self._escape and self._escape in data else gap + data
        if not self._quote or (self._escape and self._escape in data):
            return None
        return gap + self._quote + data.replace(self._quote, self._quote * 2) + self._quote

    def separable(self, raw: bytes) -> bytes:
        """Return a cell so that the delimiter does not divide it."""
        is_quoted = bool(self._quote) and raw.startswith(self._quote)
        if is_quoted or self._delimiter not in raw:
            return raw
        text = self.text(raw)
        return raw if text is None else self.written(text, raw) or raw


class _Column:
    """The cells of one column."""

    def __init__(
        self,
        repairs: Iterable[Repair],
        accepts: Callable[[str], bool] | None,
        writer: _CellWriter,
        tally: Tally,
    ) -> None:
        repairs = tuple(repairs)
        self._name = repairs[0].column if repairs else None
        self._mender = Mender(repairs, accepts=accepts)
        self._guards = forbids(repairs)
        self._writer = writer
        self._tally = tally
        self._known: dict[bytes, tuple[bytes, tuple[str, ...]]] = {}

    def mended(self, raw: bytes) -> bytes:
        """Return what is written for a cell; raises RepairRefusedError if the cell forbids a change."""
        found = self._known.get(raw)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[raw] = self._found(raw)
        written, rules = found
        for rule in rules:
            self._tally.cells[rule, self._name] += 1
        return written

    def _found(self, raw: bytes) -> tuple[bytes, tuple[str, ...]]:
        text = self._writer.text(raw)
        if text is None:
            return raw, ()
        for change, is_forbidden in self._guards:
            if is_forbidden(text):
                raise RepairRefusedError(change)
        made = self._mender.mend(text)
        written = self._writer.written(made[0], raw) if made else None
        if made is None or written is None:
            return raw, ()
        for rule in made[1]:
            self._tally.examples.setdefault((rule, self._name), Example(before=text, after=made[0]))
        return written, made[1]


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
