"""Single ranges of an object in S3, read ahead where they are read in sequence."""

from collections.abc import Iterator

from attrs import define, evolve, field

from chalicelib.aws.object_download import Checksum, Download, read_ranges

_READS = 16
"""After this number of small reads in sequence the rest of the object is read ahead: a record is very long."""


@define(kw_only=True)
class S3Ranges:
    """The bytes of one version of an object, from any place on."""

    download: Download
    """The object and its version. Its copies are read, one for each range."""
    until: int
    """Up to where large reads in sequence are read ahead."""
    streams: int
    range_bytes: int
    """The size of a range that is read ahead; smaller objects and reads take one request each."""
    _at: int = field(default=-1, init=False)
    """Where the last read ended."""
    _reads: int = field(default=0, init=False)
    """How many reads in sequence started at `until` or later."""
    _ahead: Iterator[bytes] | None = field(default=None, init=False)
    _rest: bytes = field(default=b"", init=False)
    """The bytes after the last read that have been downloaded already."""

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self.download.size

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`.

        Raises StorageUnavailable, ObjectVanished if the object was replaced, or ObjectForbidden.
        """
        if start != self._at:
            self._ahead, self._rest, self._reads = None, b"", 0
        self._at = end
        self._reads += start >= self.until
        if self._ahead is None and (stop := self._read_ahead_until(start, end)):
            self._ahead = self._chunks(start, stop)
        taken = self._taken(end - start)
        if len(taken) == end - start:
            return taken
        return taken + b"".join(evolve(self.download, start=start + len(taken), end=end).chunks())

    def _read_ahead_until(self, start: int, end: int) -> int:
        """Return the offset to read ahead to; 0 to read no more than this."""
        if start < self.until:
            return self.until if self.until - start > self.range_bytes and end - start >= self.range_bytes // 64 else 0
        return self.size if self._reads > _READS else 0

    def _chunks(self, start: int, end: int) -> Iterator[bytes]:
        download = evolve(self.download, start=start, end=end)
        return read_ranges(download, Checksum(None, ""), streams=self.streams, range_bytes=self.range_bytes)

    def _taken(self, size: int) -> bytes:
        """Return what is read ahead of the next bytes; fewer at the end of that."""
        parts, left = [self._rest], size - len(self._rest)
        while left > 0 and self._ahead is not None:
            chunk = next(self._ahead, b"")
            if not chunk:
                self._ahead = None
            parts.append(chunk)
            left -= len(chunk)
        data = b"".join(parts)
        self._rest = data[size:]
        return data[:size]
