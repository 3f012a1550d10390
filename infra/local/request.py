"""What to upload, as a command line names it."""

import os
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from chalicelib import schemas
from chalicelib.errors import SchemaInvalid
from chalicelib.validation import Schema
from infra.local.project import BAD_SAMPLE, GOOD_SAMPLE


class UsageProblem(Exception):
    """The command line asks for something impossible; nothing has been started."""


@frozen(kw_only=True)
class Request:
    """Files to upload, and the schema to check them with: a path or a dataset's name."""

    files: Sequence[Path]
    schema: str | None

    @classmethod
    def of(cls, files: Sequence[Path], schema: str | None) -> "Request":
        """Check that the files can be read and the schema is valid; no files means the samples. Raises UsageProblem."""
        request = cls(
            files=files or [Path(os.path.relpath(sample)) for sample in (GOOD_SAMPLE, BAD_SAMPLE)], schema=schema
        )
        for path in (*request.files, *filter(None, [request.schema_path])):
            if not (path.is_file() and os.access(path, os.R_OK)):
                raise UsageProblem(f"no such file, or not readable: {path}")
        if request.schema_path:
            _require_schema(request.schema_path)
        return request

    @property
    def schema_path(self) -> Path | None:
        """The file with the schema, if it is not a dataset's name."""
        return Path(self.schema) if self.schema is not None and schemas.is_path(self.schema) else None


def _require_schema(path: Path) -> None:
    try:
        Schema.from_descriptor(schemas.read(path.read_bytes(), str(path)))
    except SchemaInvalid as error:
        raise UsageProblem(f"the schema {path} is broken: {error}") from error
