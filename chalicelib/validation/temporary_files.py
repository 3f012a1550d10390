"""Temporary files for what does not fit into memory. A full disk is an error of Assay, not of the file."""

from typing import IO

from chalicelib.errors import TemporarySpaceFull

KEYS = "the keys, 32 to 40 bytes for each row and key"
MARKS = "the marks of faulty rows, a bit for each row"
LINES = "the lines of the report, 64 MiB at most"
RESULTS = "what was found in parts of the file, 32 bytes for each row and key"


def temporary_file(contents: str) -> IO[bytes]:
    """Open an unbuffered temporary file, so that closing it writes nothing; raises TemporarySpaceFull."""
    import tempfile  # noqa: PLC0415 - imports ten other modules, and few files need it

    try:
        return tempfile.TemporaryFile(buffering=0)
    except OSError as error:
        raise no_space(contents, error.strerror) from error


def append(file: IO[bytes], data: bytes | memoryview, contents: str) -> int:
    """Append data to a file, and return its offset; raises TemporarySpaceFull."""
    offset = file.tell()
    rest = memoryview(data)
    while rest:
        try:
            written = file.write(rest)
        except OSError as error:
            raise no_space(contents, error.strerror) from error
        rest = rest[written:]
    return offset


def no_space(contents: str, reason: str | None) -> TemporarySpaceFull:
    """Return the error of contents that have no room, with the system's reason."""
    return TemporarySpaceFull(
        f"the temporary directory has no room for {contents}: enlarge it, or split the file ({reason})"
    )
