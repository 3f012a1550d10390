"""The header of a sample: the lines above it, and its labels."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from chalicelib.errors import SampleUnusable
from chalicelib.validation.inference.parsed_sample import (
    ParsedSample,
    cells_of,
    complete_records,
    is_blank,
    json_text,
    text_of,
    width_of,
)
from chalicelib.validation.inference.sample import Sample
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import Fault
from chalicelib.validation.schema.table_schema import MAX_COLUMNS

DELIMITERS = (",", ";", "\t", "|")
_MAX_TITLES = 20
"""The most lines above the header."""
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*%?")
_PLAIN = re.compile(r"[-+]?[0-9]+")
_DATA = re.compile(
    r"[-+]?[0-9]+[.,][0-9]+|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}.*"
    r"|[^@ ]+@[^@ ]+[.][a-z]+|[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?"
)


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
        for record in complete_records(sample.blocks, Dialect.from_descriptor(self.dialect), is_whole=sample.is_whole):
            if isinstance(record, Record) and record.row >= self.data_row and not is_blank(record):
                yield record


def lay_out(parsed: ParsedSample, titles: int) -> Layout:
    """Find the header among the records of a sample, and declare the lines above it as comments."""
    records = [each for each in parsed.records if each.row > titles]
    at = _header_at(records, parsed.width)
    header = records[at] if at is not None else None
    if at is None or not isinstance(header, Record):
        raise SampleUnusable("the header cannot be read")
    if parsed.width > MAX_COLUMNS:
        raise SampleUnusable(f"the header has more than {MAX_COLUMNS:,} columns")
    below = [each for each in records[at + 1 :] if isinstance(each, Record)]
    labels = [text_of(cell) for cell in header.cells]
    if parsed.width == 1 and (delimiter := _delimiter_in_quotes(labels[0], below)):
        raise SampleUnusable(f"each row is in quotes as a whole, with {delimiter!r} inside: remove these quotes")
    skipped = [each.row for each in records[:at]] if "commentChar" in parsed.dialect else [*range(1, header.row)]
    notes = [f"the header is in row {header.row}; {_rows(skipped)} skipped"] if skipped else []
    dialect = dict(parsed.dialect)
    data_row = header.row + 1
    names = tuple(labels)
    if _is_data(labels, below):
        notes.append("the first row looks like data: the file has no header")
        names = _unique_names([""] * parsed.width)
        dialect["header"] = False
        data_row = header.row
    elif troubles := [*_label_troubles(header.cells, parsed.width)]:
        notes += [*troubles, "the header is skipped, and columns are matched by position: correct the labels"]
        names = _unique_names(_padded(labels, parsed.width, below))
        dialect["header"] = False
        skipped.append(header.row)
    if skipped:
        dialect["commentRows"] = skipped
    return Layout(dialect=dialect, names=names, data_row=data_row, notes=tuple(notes))


def _rows(numbers: Sequence[int]) -> str:
    return "row 1 is" if len(numbers) == 1 else f"rows 1 to {len(numbers)} are"


def _header_at(records: Sequence[Record | UnreadableRecord], width: int) -> int | None:
    """Return which record is the header: the first of the usual width, or the one above it that has nearly as many."""
    at = next((at for at, each in enumerate(records[: _MAX_TITLES + 1]) if width_of(each) == width), None)
    if at and abs(width_of(records[at - 1]) - width) == 1 and width > 1:
        above, first = records[at - 1], records[at]
        if not _has_labels(first) or any(map(_has_labels, records[at + 1 :])):
            return at - 1 if isinstance(above, Record) and any(above.cells) else at
    if at is not None and "" in cells_of(records[at]):
        # A title may have the delimiters of the rows, but it has no label for some columns.
        labelled = [at for at, each in enumerate(records[: _MAX_TITLES + 1]) if _has_labels(each)]
        if len(labelled) == 1 and width_of(records[labelled[0]]) == width:
            return labelled[0]
    return at


def _has_labels(record: Record | UnreadableRecord) -> bool:
    """Return whether all cells are different texts, and none is a number."""
    cells = [text_of(cell).strip() for cell in cells_of(record)]
    if len(cells) < 2:  # noqa: PLR2004 - a title line has one
        return False
    return all(cells) and len({*cells}) == len(cells) and not any(map(_NUMBER.fullmatch, cells))


def _delimiter_in_quotes(label: str, below: Sequence[Record]) -> str | None:
    """Return the delimiter that all cells of a single column contain equally often."""
    for delimiter in DELIMITERS:
        count = label.count(delimiter)
        if count and below and all(text_of(each.cells[0]).count(delimiter) == count for each in below):
            return delimiter
    return None


def _is_data(labels: Sequence[str], below: Sequence[Record]) -> bool:
    """Return whether the first row has values of the columns below it, instead of labels."""
    if not below or not all(map(str.strip, labels)):
        return False
    if all(map(_PLAIN.fullmatch, labels)):
        numbers = [int(label) for label in labels]
        return numbers != [*range(numbers[0], numbers[0] + len(numbers))]
    typed = False
    for position, label in enumerate(labels):
        cells = [text_of(each.cells[position]) for each in below[:100] if position < len(each.cells)]
        for form in (_DATA, _NUMBER):
            if cells and all(map(form.fullmatch, cells)):
                if not form.fullmatch(label):
                    return False
                typed = typed or _DATA.fullmatch(label) is not None
                break
    return typed


def _label_troubles(labels: Sequence[str | Fault], width: int) -> Iterator[str]:
    """Name what keeps the labels from being the names of columns."""
    texts = [text_of(label).strip() for label in labels]
    if unreadable := [at for at, each in enumerate(labels, 1) if isinstance(each, Fault) and json_text(each) is None]:
        yield f"the label of {_columns(unreadable)} cannot be read"
    if len(labels) != width:
        yield f"the header has {len(labels):,} columns, but the rows have {width:,}"
    if blank := [at for at, text in enumerate(texts, 1) if not text and at not in unreadable]:
        yield f"{_columns(blank)} {'has' if len(blank) == 1 else 'have'} no name"
    places: dict[str, list[int]] = {}
    for at, each in enumerate(labels, 1):
        places.setdefault(text_of(each), []).append(at)
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
        ends_empty = all(not text_of(each.cells[-1]) for each in below if len(each.cells) == width)
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
