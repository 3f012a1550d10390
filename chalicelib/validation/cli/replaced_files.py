"""Write files beside the ones they replace, so that a failure leaves the old files as they were."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import Any

from attrs import define


class _NamedFile(FileIO):
    """A file whose errors name the path it will have, also when the disk is full."""

    def __init__(self, written: Path, path: Path) -> None:
        self._path = str(path)
        try:
            super().__init__(str(written), "w")
        except OSError as error:
            error.filename = self._path
            raise

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            error.filename = self._path
            raise


@define
class _Draft:
    """A file that is being written."""

    file: BufferedWriter
    target: Path
    temporary: Path | None
    """None if the target is written in place, because it is a device or a pipe."""

    @classmethod
    def of(cls, path: Path) -> "_Draft":
        target = path.resolve()
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if target.exists() and not target.is_file():
            return cls(BufferedWriter(_NamedFile(target, path)), target, None)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        return cls(BufferedWriter(_NamedFile(temporary, path)), target, temporary)

    def publish(self) -> None:
        """Put the file in its place."""
        if self.temporary:
            self.temporary.replace(self.target)

    def discard(self) -> None:
        """Remove what has been written."""
        with suppress(OSError):
            self.file.close()
        if self.temporary:
            self.temporary.unlink(missing_ok=True)


@contextmanager
def replaced(*paths: Path) -> Iterator[list[BufferedWriter]]:
    """Open a file for each path, and put all of them in place at the end, in order; none if anything fails.

    An OSError names the path that could not be written.
    """
    drafts: list[_Draft] = []
    try:
        for path in paths:
            drafts.append(_Draft.of(path))  # noqa: PERF401 - those that were opened are removed if the next one fails
        yield [draft.file for draft in drafts]
        for draft in drafts:
            draft.file.close()
        for draft in drafts:
            draft.publish()
    except BaseException:
        for draft in drafts:
            draft.discard()
        raise
