"""What the arguments of a command name: files, schemas and dialects."""

import errno
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from attrs import field, frozen

from chalicelib import schemas
from chalicelib.errors import SchemaInvalid
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.schema.table_schema import Schema, compiled_schema

STANDARD_INPUT = "-"
_OPTION = "--dialect"
"""What messages call a dialect that is given as JSON."""


def opened(file: str, stack: ExitStack) -> BinaryIO:
    """Open a file, or standard input; the stack closes it."""
    return sys.stdin.buffer if file == STANDARD_INPUT else stack.enter_context(Path(file).open("rb"))


@frozen
class FileState:
    """The identity, size and modification time of a regular file that is read more than once.

    A change that keeps all three is not noticed. Standard input, pipes and devices are not checked.
    """

    _file: str | int
    """A path, or the descriptor of an open file."""
    _first: tuple[int, ...] = field(init=False)

    @_first.default
    def _current(self) -> tuple[int, ...]:
        if self._file == STANDARD_INPUT:
            return ()
        try:
            status = os.fstat(self._file) if isinstance(self._file, int) else Path(self._file).stat()
        except FileNotFoundError:
            return ()  # who opens it says so; a file that is gone has changed
        is_regular = stat.S_ISREG(status.st_mode)
        return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns) if is_regular else ()

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Raise OSError at the end of the block if the file has changed, also in place of an error inside the block."""
        try:
            yield
        except Exception:
            self._require()
            raise
        self._require()

    def _require(self) -> None:
        if self._current() != self._first:
            raise OSError(errno.EIO, "the file changed while it was read: try again when it is complete")


def load_schema(name_or_path: str) -> Mapping[str, Any]:
    """Load a schema from a file, or one that comes with Assay."""
    if schemas.is_path(name_or_path):
        return schemas.read(Path(name_or_path).read_bytes(), name_or_path)
    return schemas.load(name_or_path)


def load_compiled_schema(name_or_path: str) -> Schema:
    """Load and compile a schema; the message of SchemaInvalid names it."""
    descriptor = load_schema(name_or_path)
    try:
        return compiled_schema(descriptor)
    except SchemaInvalid as error:
        raise SchemaInvalid(f"the schema {name_or_path!r} is invalid: {error}") from None


def load_dialect(text_or_path: str | None, schema: Schema | None) -> Dialect:
    """Load a dialect from JSON, or from a file of it; the message of SchemaInvalid names it.

    Without one, it is that of the schema, or the default.
    """
    if text_or_path is None:
        return (schema and schema.dialect) or Dialect()
    is_json = text_or_path.lstrip().startswith("{")
    content, name = (text_or_path.encode(), _OPTION) if is_json else (Path(text_or_path).read_bytes(), text_or_path)
    descriptor = schemas.read(content, name, kind="dialect")
    try:
        return Dialect.from_descriptor(descriptor)
    except SchemaInvalid as error:
        raise SchemaInvalid(f"the dialect {name!r} is invalid: {error}") from None
