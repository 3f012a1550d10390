"""Part reports as bytes, so that another process can merge them.

First come the counts and an index, compressed, then a bit for each record, if faulty rows are marked, and 32 bytes for
each row and key, unless the keys are consecutive numbers.

The errors are last, so that they need not be read: the first `max_errors`, and at most MAX_ENTRIES with their records,
which show at most MAX_ENTRY_CHARACTERS and one record more, besides the cells of some thousand records that show how
columns are written. They are compressed, too.
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from attrs import astuple, evolve

from chalicelib.validation.checking.key_entries import KeyEntries
from chalicelib.validation.parts.report import Entry, PartReport, Piece
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import ErrorCode, Fault, StrayQuote, UndecodableCell, ValidationError

_LENGTH_BYTES = 8
_LEVEL = 1
"""zlib's fastest."""


def packed(report: PartReport) -> bytes:
    """Return a report as bytes."""
    return b"".join(packed_apart(report))


def packed_apart(report: PartReport) -> tuple[bytes, bytes]:
    """Return the bytes of `packed` in two: everything but the errors, and the errors."""
    content = {
        "entry": report.entry,
        "exit": report.exit,
        "records": report.records,
        "lines": report.lines,
        "row_count": report.row_count,
        "counts": [[*key, count] for key, count in report.counts.items()],
        "max_errors": report.max_errors,
        "pieces": list(map(_index, report.pieces)),
    }
    return b"".join([_compressed(content), *_blobs(report)]), _compressed(list(map(_lists, report.pieces)))


def unpacked(data: bytes) -> PartReport:
    """Return the report that was packed by this version; without errors, if the data ends before them."""
    blobs = _Blobs(data)
    content = blobs.take_json()
    counts = {(column, code): count for column, code, count in content.pop("counts")}
    pieces = [_read_index(each, blobs) for each in content.pop("pieces")]
    if blobs.has_more:
        pieces = [evolve(piece, **_read_lists(each)) for piece, each in zip(pieces, blobs.take_json(), strict=True)]
    return PartReport(**content, counts=counts, pieces=tuple(pieces))


def faulty_rows(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the faulty rows of a packed report as bits, in runs; the report must have been packed without its keys."""
    blobs = _Blobs(data)
    for piece in blobs.take_json()["pieces"]:
        yield from ((piece["rows"] + first, blobs.take(size)) for first, size in piece["faulty"])


def _compressed(content: Any) -> bytes:
    """Return JSON, compressed, behind its length."""
    data = zlib.compress(json.dumps(content, separators=(",", ":")).encode(), _LEVEL)
    return len(data).to_bytes(_LENGTH_BYTES) + data


class _Blobs:
    """The bytes of a report, read one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def has_more(self) -> bool:
        """Whether there are more bytes."""
        return self._at < len(self._data)

    def take_json(self) -> Any:
        """Read a length and that number of bytes, and return the JSON that was compressed to them."""
        return json.loads(zlib.decompress(self.take(int.from_bytes(self.take(_LENGTH_BYTES)))))

    def take(self, size: int) -> bytes:
        """Return the next bytes."""
        self._at += size
        return self._data[self._at - size : self._at]


def _blobs(report: PartReport) -> Iterator[bytes]:
    for piece in report.pieces:
        yield from (bits for _, bits in piece.faulty)
        for key in piece.keys:
            yield key.stretches
            yield from key.partitions


def _lists(piece: Piece) -> dict[str, Any]:
    return {
        "errors": list(map(astuple, piece.errors)),
        "entries": [[list(map(astuple, each.errors)), _record(each.record), each.characters] for each in piece.entries],
    }


def _index(piece: Piece) -> dict[str, Any]:
    return {
        "rows": piece.rows,
        "lines": piece.lines,
        "faulty": [[first, len(bits)] for first, bits in piece.faulty],
        "keys": [[key.last_run, len(key.stretches), *map(len, key.partitions)] for key in piece.keys],
    }


def _read_index(index: dict[str, Any], blobs: _Blobs) -> Piece:
    """Read a piece without its errors."""
    return Piece(
        rows=index["rows"],
        lines=index["lines"],
        faulty=tuple([(first, blobs.take(size)) for first, size in index["faulty"]]),
        keys=tuple(
            [
                KeyEntries(
                    last_run=last_run,
                    stretches=blobs.take(stretches),
                    partitions=tuple([blobs.take(size) for size in partitions]),
                )
                for last_run, stretches, *partitions in index["keys"]
            ]
        ),
    )


def _read_lists(content: dict[str, Any]) -> dict[str, Any]:
    """Read the errors and entries of a piece."""
    return {
        "errors": _read_errors(content["errors"]),
        "entries": tuple(
            [
                Entry(errors=_read_errors(errors), record=_read_record(record), characters=characters)
                for errors, record, characters in content["entries"]
            ]
        ),
    }


def _read_errors(content: Sequence[Sequence[Any]]) -> tuple[ValidationError, ...]:
    return tuple(
        [
            ValidationError(row=row, line=line, column=column, field=field, code=code, message=message)
            for row, line, column, field, code, message in content
        ]
    )


def _record(record: Record | UnreadableRecord | None) -> list[Any] | None:
    if record is None:
        return None
    if isinstance(record, UnreadableRecord):
        fault = [record.fault.code, record.fault.message]
        return [record.row, record.line, record.field, fault, record.beginning.decode("latin-1")]
    shown = {at: _cell(cell) for at, cell in enumerate(record.cells) if cell != ""}
    return [record.row, record.line, len(record.cells), list(shown), list(shown.values()), record.lines]


def _read_record(content: list[Any] | None) -> Record | UnreadableRecord | None:
    match content:
        case [row, line, field, [code, message], beginning]:
            fault = Fault(ErrorCode(code), message)
            return UnreadableRecord(row, line, field, fault, beginning.encode("latin-1"))
        case [row, line, width, positions, shown, lines]:
            cells: list[str | Fault] = [""] * width
            for at, cell in zip(positions, shown, strict=True):
                cells[at] = _read_cell(cell)
            return Record(row, line, cells, lines)
    return None


def _cell(cell: str | Fault) -> Any:
    match cell:
        case StrayQuote(code, message, text):
            return ["stray", code, message, text]
        case UndecodableCell(code, message, raw):
            return ["undecodable", code, message, raw.decode("latin-1")]
        case Fault(code, message):
            return ["other", code, message]
    return cell


def _read_cell(content: Any) -> str | Fault:
    match content:
        case ["stray", code, message, text]:
            return StrayQuote(ErrorCode(code), message, text)
        case ["undecodable", code, message, raw]:
            return UndecodableCell(ErrorCode(code), message, raw.encode("latin-1"))
        case [_, code, message]:
            return Fault(ErrorCode(code), message)
    return str(content)
