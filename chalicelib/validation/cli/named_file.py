"""A file that is written, and that is named by whatever keeps it from being written."""

from io import BufferedWriter, FileIO
from pathlib import Path
from typing import Any


class _NamedFile(FileIO):
    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            error.filename = self.name
            raise


def overwrite(path: Path) -> BufferedWriter:
    """Open a file to write it anew; an OSError names it also where `open` would not, as when the disk is full."""
    return BufferedWriter(_NamedFile(str(path), "w"))
