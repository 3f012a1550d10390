"""The engines by name. All return the same report; they differ in speed and in what they need."""

from enum import StrEnum

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.reading.dialect import Dialect


class Engine(StrEnum):
    """What checks the records of a file."""

    NATIVE = "native"
    """The kernel in C, and the reference for what the kernel leaves; needs a build for this machine."""
    PORTABLE = "portable"
    """RE2 for runs of clean records, and the reference for all others."""
    REFERENCE = "reference"
    """The reference checker for every record."""


def engine_for(wanted: Engine | None, columns: Columns, dialect: Dialect) -> Engine:
    """Return the engine for a file: the wanted one, or else the fastest.

    It is the portable engine if the native one cannot check the file, and the reference if the dialect is not
    bytewise.
    """
    if not dialect.is_bytewise:
        return Engine.REFERENCE
    if wanted in {None, Engine.NATIVE}:
        return Engine.NATIVE if _suits_native(columns, dialect) else Engine.PORTABLE
    return wanted


def _suits_native(columns: Columns, dialect: Dialect) -> bool:
    """Return whether the native engine is built for this machine, and can check a file."""
    from chalicelib.validation.fast.native.library import library  # noqa: PLC0415 - small files do without
    from chalicelib.validation.fast.native.scan_table import suits  # noqa: PLC0415

    return library() is not None and suits(columns, dialect)
