"""What the arguments of a command name: files, schemas and dialects."""

import errno
import stat
import sys
from collections.abc import Mapping
from contextlib import ExitStack
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
class Version:
    """The state of a file that is read more than once; what is made of it must be of one state."""

    _path: str
    _seen: tuple[int, ...] = field(init=False)

    @_seen.default
    def _now(self) -> tuple[int, ...]:
        """Return what changes if a regular file is replaced or written to; nothing for standard input or a pipe."""
        if self._path == STANDARD_INPUT:
            return ()
        now = Path(self._path).stat()
        return (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns) if stat.S_ISREG(now.st_mode) else ()

    def require(self) -> None:
        """Raise OSError if the file is not what it was when this object was made."""
        if self._now() != self._seen:
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
