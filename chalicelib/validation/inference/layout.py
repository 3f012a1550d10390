"""How a sample is laid out: its delimiter and quotes, the lines above its header, and its labels."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any

from attrs import frozen

from chalicelib.errors import SampleUnusable
from chalicelib.validation.inference.sample import Sample
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.file_format import detect_double_line_ends
from chalicelib.validation.reading.records import Record, RecordReader, UnreadableRecord
from chalicelib.validation.reading.source import in_utf8
from chalicelib.validation.report import Fault, StrayQuote
from chalicelib.validation.schema.table_schema import MAX_COLUMNS

PROBE_ROWS = 2_000
"""How many records are compared to find the layout."""
_PROBE_BYTES = 1024 * 1024
_MAX_TITLES = 20
"""The most lines above the header."""
_DELIMITERS = (",", ";", "\t", "|")
_RARE_DELIMITERS = ("~", "^", ":", "\x1f", " ")
_SPACED: Mapping[str, Any] = MappingProxyType({"skipInitialSpace": True})
_VARIANTS: Sequence[Mapping[str, Any]] = (
    {},
    {"escapeChar": "\\", "doubleQuote": False},
    {"quoteChar": None},
    {"quoteChar": "'"},
    _SPACED,
)
"""Ways to quote; the first one with the fewest faults is taken."""


@frozen(kw_only=True)
class Layout:
    """The dialect of a sample, and its columns."""

    dialect: Mapping[str, Any]
    """A dialect descriptor of what differs from the default."""
    names: tuple[str, ...]
    data_row: int
    """The number of the first record below the header."""
    notes: tuple[str, ...]
    """What a person should know about the file."""

    def records(self, sample: Sample) -> Iterator[Record]:
        """Iterate over the records below the header that are not blank. An incomplete last record is left out."""
        for record in _complete(sample.blocks, Dialect.from_descriptor(self.dialect), is_whole=sample.is_whole):
            if isinstance(record, Record) and record.row >= self.data_row and not _is_blank(record):
                yield record


@frozen(kw_only=True)
class _Trial:
    """What a sample looks like in one dialect."""

    dialect: Mapping[str, Any]
    records: Sequence[Record | UnreadableRecord]
    width: int
    """The most frequent number of cells."""
    share: float
    """The share of records with this number of cells."""
    faults: int

    @property
    def rank(self) -> tuple[bool, float, int]:
        """A sort key: records of several cells first, then the most uniform ones, then the widest."""
        return self.width > 1, self.share - self.faults / max(len(self.records), 1), self.width


def detect_layout(sample: Sample) -> Layout:
    """Return the layout of a sample; raises SampleUnusable if there is no header or record to go by."""
    declared: dict[str, Any] = {} if sample.encoding == "utf-8" else {"encoding": sample.encoding}
    if detect_double_line_ends(sample.blocks[0], Dialect()):
        declared["skipBlankRows"] = True
    first_line = _first_line(sample)
    excel = first_line[:4].lower() == "sep=" and len(first_line) == len("sep=;")
    delimiters = (first_line[4],) if excel else _DELIMITERS
    trials = [_trial(sample, _declared(delimiter) | declared) for delimiter in delimiters]
    best = max(trials, key=lambda trial: trial.rank)
    if best.width == 1 and not excel:
        rare = [_trial(sample, _declared(delimiter) | declared) for delimiter in _RARE_DELIMITERS]
        uniform = [trial for trial in rare if trial.width > 1 and trial.share == 1 and len(trial.records) > 1]
        best = max(uniform or trials, key=lambda trial: trial.rank)
    if _has_comments(best):
        best = _trial(sample, {**best.dialect, "commentChar": "#"})
    trials = [_trial(sample, {**best.dialect, **variant}) for variant in _variants(best)]
    variants = [trial for trial in trials if "quoteChar" not in trial.dialect or not _has_quoted_cells(trial)]
    best = min(variants, key=lambda trial: trial.faults + sum(_width(each) != trial.width for each in trial.records))
    return _with_header(best, titles=1 if excel else 0)


def _has_comments(trial: _Trial) -> bool:
    """Return whether records of another width begin with a number sign, and none of the usual width."""
    marked = {
        _width(each) == trial.width for each in trial.records if str(next(iter(_cells(each)), "")).startswith("#")
    }
    return marked == {False}


def _has_quoted_cells(trial: _Trial) -> bool:
    """Return whether a cell begins with a quotation mark: then that is how the file quotes, well or badly."""
    return any(isinstance(cell, str) and cell.startswith('"') for each in trial.records for cell in _cells(each))


def _declared(delimiter: str) -> dict[str, Any]:
    return {} if delimiter == "," else {"delimiter": delimiter}


def _variants(trial: _Trial) -> Iterator[Mapping[str, Any]]:
    spaced = _SPACED if _has_spaced_labels(trial) else {}
    return ({**spaced, **variant} for variant in _VARIANTS)


def _has_spaced_labels(trial: _Trial) -> bool:
    """Return whether a space follows each delimiter of the first record."""
    first = next(iter(trial.records), None)
    if not isinstance(first, Record) or len(first.cells) < 2 or trial.dialect.get("delimiter") == " ":  # noqa: PLR2004
        return False
    return all(isinstance(cell, Fault) or cell.startswith(" ") for cell in first.cells[1:])


def _first_line(sample: Sample) -> str:
    text = b"".join(in_utf8(iter([sample.blocks[0][:8192]]), sample.encoding)).decode(errors="replace")
    return next(iter(text.lstrip("\ufeff").splitlines()), "")


def _trial(sample: Sample, dialect: Mapping[str, Any]) -> _Trial:
    probe, size = [], 0
    for block in sample.blocks:
        probe.append(block[: _PROBE_BYTES - size])
        size += len(probe[-1])
        if size >= _PROBE_BYTES:
            break
    is_whole = sample.is_whole and size == sum(map(len, sample.blocks))
    read = _complete(probe, Dialect.from_descriptor(dialect), is_whole=is_whole)
    records = [each for each in islice(read, PROBE_ROWS) if isinstance(each, UnreadableRecord) or not _is_blank(each)]
    widths = Counter(len(each.cells) for each in records if isinstance(each, Record))
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    faults = sum(map(_is_faulty, records))
    return _Trial(dialect=dialect, records=records, width=width, share=count / max(len(records), 1), faults=faults)


def _complete(blocks: Sequence[bytes], dialect: Dialect, *, is_whole: bool) -> Iterator[Record | UnreadableRecord]:
    """Iterate over the records; the last one is left out unless it is the file's last."""
    previous = None
    for record in RecordReader(list(blocks), dialect):
        if previous is not None:
            yield previous
        previous = record
    if previous is not None and is_whole:
        yield previous


def _is_blank(record: Record) -> bool:
    return not any(record.cells)


def _is_faulty(record: Record | UnreadableRecord) -> bool:
    if isinstance(record, UnreadableRecord):
        return True
    return any(isinstance(cell, Fault) and json_text(cell) is None for cell in record.cells)


def json_text(cell: Fault) -> str | None:
    """Return the text of a cell of unquoted JSON; None if it is something else."""
    if not isinstance(cell, StrayQuote) or cell.text is None or cell.text[:1] not in {"{", "["}:
        return None
    try:
        json.loads(cell.text)
    except (ValueError, RecursionError):
        return None
    return cell.text


def _with_header(trial: _Trial, titles: int) -> Layout:
    """Find the header among a trial's records, and declare the lines above it as comments."""
    records = [each for each in trial.records if each.row > titles]
    at = _header_at(records, trial.width)
    header = records[at] if at is not None else None
    if at is None or not isinstance(header, Record):
        raise SampleUnusable("the header cannot be read")
    if trial.width > MAX_COLUMNS:
        raise SampleUnusable(f"the header has more than {MAX_COLUMNS:,} columns")
    below = [each for each in records[at + 1 :] if isinstance(each, Record)]
    labels = [_text(cell) for cell in header.cells]
    if trial.width == 1 and (delimiter := _delimiter_in_quotes(labels[0], below)):
        raise SampleUnusable(f"each row is in quotes as a whole, with {delimiter!r} inside: remove these quotes")
    skipped = [each.row for each in records[:at]] if "commentChar" in trial.dialect else [*range(1, header.row)]
    notes = [f"the header is in row {header.row}; {_rows(skipped)} skipped"] if skipped else []
    dialect = dict(trial.dialect)
    data_row = header.row + 1
    names = tuple(labels)
    if _is_data(labels, below):
        notes.append("the first row looks like data: the file has no header")
        names = _unique_names([""] * trial.width)
        dialect["header"] = False
        data_row = header.row
    elif troubles := [*_label_troubles(header.cells, trial.width)]:
        notes += [*troubles, "the header is skipped, and columns are matched by position: correct the labels"]
        names = _unique_names(_padded(labels, trial.width, below))
        dialect["header"] = False
        skipped.append(header.row)
    if skipped:
        dialect["commentRows"] = skipped
    return Layout(dialect=dialect, names=names, data_row=data_row, notes=tuple(notes))


def _rows(numbers: Sequence[int]) -> str:
    return "row 1 is" if len(numbers) == 1 else f"rows 1 to {len(numbers)} are"


def _header_at(records: Sequence[Record | UnreadableRecord], width: int) -> int | None:
    """Return which record is the header: the first of the usual width, or the one above it that has nearly as many."""
    at = next((at for at, each in enumerate(records[: _MAX_TITLES + 1]) if _width(each) == width), None)
    if at and abs(_width(records[at - 1]) - width) == 1 and width > 1:
        above, first = records[at - 1], records[at]
        if not _has_labels(first) or any(map(_has_labels, records[at + 1 :])):
            return at - 1 if isinstance(above, Record) and any(above.cells) else at
    if at is not None and "" in _cells(records[at]):
        # A title may have the delimiters of the rows, but it has no label for some columns.
        labelled = [at for at, each in enumerate(records[: _MAX_TITLES + 1]) if _has_labels(each)]
        if len(labelled) == 1 and _width(records[labelled[0]]) == width:
            return labelled[0]
    return at


def _width(record: Record | UnreadableRecord) -> int:
    return len(record.cells) if isinstance(record, Record) else 0


def _cells(record: Record | UnreadableRecord) -> Sequence[str | Fault]:
    return record.cells if isinstance(record, Record) else ()


def _has_labels(record: Record | UnreadableRecord) -> bool:
    """Return whether all cells are different texts, and none is a number."""
    cells = [_text(cell).strip() for cell in _cells(record)]
    if len(cells) < 2:  # noqa: PLR2004 - a title line has one
        return False
    return all(cells) and len({*cells}) == len(cells) and not any(map(_NUMBER.fullmatch, cells))


_NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*%?")


def _text(cell: str | Fault) -> str:
    return cell if isinstance(cell, str) else json_text(cell) or ""


def _delimiter_in_quotes(label: str, below: Sequence[Record]) -> str | None:
    """Return the delimiter that all cells of a single column contain equally often."""
    for delimiter in _DELIMITERS:
        count = label.count(delimiter)
        if count and below and all(_text(each.cells[0]).count(delimiter) == count for each in below):
            return delimiter
    return None


_PLAIN = re.compile(r"[-+]?[0-9]+")
_DATA = re.compile(
    r"[-+]?[0-9]+[.,][0-9]+|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}.*"
    r"|[^@ ]+@[^@ ]+[.][a-z]+|[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?"
)


def _is_data(labels: Sequence[str], below: Sequence[Record]) -> bool:
    """Return whether the first row has values of the columns below it, instead of labels."""
    if not below or not all(map(str.strip, labels)):
        return False
    if all(map(_PLAIN.fullmatch, labels)):
        numbers = [int(label) for label in labels]
        return numbers != [*range(numbers[0], numbers[0] + len(numbers))]
    typed = False
    for position, label in enumerate(labels):
        cells = [_text(each.cells[position]) for each in below[:100] if position < len(each.cells)]
        for form in (_DATA, _NUMBER):
            if cells and all(map(form.fullmatch, cells)):
                if not form.fullmatch(label):
                    return False
                typed = typed or _DATA.fullmatch(label) is not None
                break
    return typed


def _label_troubles(labels: Sequence[str | Fault], width: int) -> Iterator[str]:
    """Name what keeps the labels from being the names of columns."""
    texts = [_text(label).strip() for label in labels]
    if unreadable := [at for at, each in enumerate(labels, 1) if isinstance(each, Fault) and json_text(each) is None]:
        yield f"the label of {_columns(unreadable)} cannot be read"
    if len(labels) != width:
        yield f"the header has {len(labels):,} columns, but the rows have {width:,}"
    if blank := [at for at, text in enumerate(texts, 1) if not text and at not in unreadable]:
        yield f"{_columns(blank)} {'has' if len(blank) == 1 else 'have'} no name"
    places: dict[str, list[int]] = {}
    for at, each in enumerate(labels, 1):
        places.setdefault(_text(each), []).append(at)
    for text, positions in places.items():
        if text.strip() and len(positions) > 1:
            yield f"{_columns(positions)} have the same name, {text[:100]!r}"


def _columns(positions: Sequence[int]) -> str:
    listed = ", ".join(map(str, positions[:10])) + (" …" if len(positions) > 10 else "")  # noqa: PLR2004
    return f"column {listed}" if len(positions) == 1 else f"columns {listed}"


def _padded(labels: Sequence[str], width: int, below: Sequence[Record]) -> list[str]:
    """Return a label for each cell of a row.

    A header that is one label short is padded on the right if the rows end in an empty cell. Otherwise it is padded on
    the left, where R writes the names of rows without a label.
    """
    if len(labels) < width:
        ends_empty = all(not _text(each.cells[-1]) for each in below if len(each.cells) == width)
        missing = [""] * (width - len(labels))
        return [*labels, *missing] if ends_empty else [*missing, *labels]
    return [*labels[:width]]


def _unique_names(labels: Sequence[str]) -> tuple[str, ...]:
    """Return different names: `field1` for the first column if it has no label, `a_2` for another `a`."""
    taken: set[str] = set()
    names = []
    for position, label in enumerate(labels, start=1):
        name = wanted = label.strip() or f"field{position}"
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        taken.add(name)
        names.append(name)
    return tuple(names)
