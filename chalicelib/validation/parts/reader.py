"""Reads the records of a part, which are those that start in it."""

from collections.abc import Iterator

from attrs import frozen

from chalicelib.validation.parts.source import OpenFile, PartSource
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import CleanRun, Record, RunScanner, UnreadableRecord
from chalicelib.validation.reading.source import BLOCK_BYTES, in_utf8

TAIL_BYTES = 64 * 1024
"""How much is read at once behind the end of a part, to complete its last record."""


@frozen(kw_only=True)
class Place:
    """Where a record starts: its offset in the file, the records before it, and its line."""

    offset: int
    row: int = 0
    line: int = 1


class PartReader(RecordReader):
    """Reads the records that start in a part of a file; rows and lines count from the place where it begins."""

    def __init__(  # noqa: PLR0913 - the part, and how far it is read
        self, source: PartSource, dialect: Dialect, start: Place, *, end: int, size: int, limit: int
    ) -> None:
        """Read the records that start before `end`, in a file of `size` bytes, and no bytes behind `limit`."""
        super().__init__((), dialect)
        self._source, self._encoding = source, dialect.encoding
        self._open_file = source if isinstance(source, OpenFile) and self._encoding == "utf-8" else None
        """The source, if `fill` can read it without a copy."""
        self._end, self._size, self._limit = end, size, min(limit, size)
        self._row, self._line = start.row, start.line
        self.fetched = start.offset
        """Up to where the file has been fetched."""
        self._read_until = start.offset
        """Up to where the source has been read; more than `fetched` while a decoder holds bytes back."""
        self._beyond = 0
        """How many bytes have been fetched that are not in the part, in UTF-8."""
        self._last = (start.row, start.line, start.offset, b"", 0)
        """Where the last record starts: its row, its line, and the data."""
        self.is_open = False
        """Whether the last record does not end before the limit, so that it was not read."""
        self._blocks = in_utf8(self._pieces(), self._encoding)

    @property
    def place(self) -> Place:
        """Where the first record starts that was not read."""
        row, line, fetched, data, at = (
            self._last if self.is_open else (self._row, self._line, self.fetched, self._data, self._at)
        )
        return Place(offset=fetched - self._source_bytes(data[at:]), row=row, line=line)

    @property
    def has_ended(self) -> bool:
        """Whether nothing of the file is left to be fetched or moved; known when `fill` has returned 0."""
        return self.fetched >= self._size and self._at == len(self._data)

    def fill(self, room: memoryview) -> int:
        """Move the next bytes of the part into `room`; return how many, 0 at its end."""
        if self._at < len(self._data) or self.fetched >= self._end:
            return self._move(room, len(self._data) - self._beyond)
        if self._open_file is None:
            return super().fill(room)
        most = BLOCK_BYTES - self.fetched % BLOCK_BYTES  # whole blocks of the file are copied faster
        size = self._open_file.read_into(room[: min(most, self._end - self.fetched)], self.fetched)
        self.fetched = self._read_until = self.fetched + size
        return size

    def fill_beyond(self, room: memoryview) -> int:
        """Move the next bytes into `room`, up to the limit; return how many, 0 there or at the end of the file."""
        is_open = self.is_open
        size = super().fill_beyond(room)
        self.is_open = is_open  # what ends there may be a whole record
        return size

    def _pieces(self) -> Iterator[bytes]:
        """Yield the rest of the part, and then what is behind it, up to the limit.

        A piece starts at `_read_until`, which `fill` advances, too.
        """
        while (start := self._read_until) < self._limit:
            inside = min(start + BLOCK_BYTES, self._end)
            self._read_until = inside if start < inside else min(start + TAIL_BYTES, self._limit)
            yield self._source.read(start, self._read_until)

    def _source_bytes(self, data: bytes) -> int:
        """Return how many bytes of the file this data stands for; other encodings have a byte for each character."""
        return len(data) if self._encoding == "utf-8" else len(data.decode(errors="surrogatepass"))

    def _begin(self) -> None:
        """Skip nothing: a part begins behind the byte order mark."""

    def _has_more(self) -> bool:
        if len(self._data) - self._at > self._beyond:
            return True
        return self.fetched < self._end and self._refill()

    def _next(self) -> Record | UnreadableRecord | None:
        self._last = (self._row, self._line, self.fetched, self._data, self._at)
        return super()._next()

    def _clean_run(self, scanner: RunScanner) -> CleanRun | None:
        """Return no run once the data goes beyond the part: a run may reach to the end of the data."""
        return None if self._beyond else super()._clean_run(scanner)

    def _fetch(self) -> bytes:
        is_beyond = self.fetched >= self._end
        block = super()._fetch()
        self.fetched += self._source_bytes(block)
        self._beyond += len(block) if is_beyond else 0
        self.is_open = self.is_open or (not block and self._limit < self._size)
        return block
