"""The engines by name. All return the same report; they differ in speed and in what they need."""

from enum import StrEnum

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.fast.native.library import library
from chalicelib.validation.fast.native.scanner import suits
from chalicelib.validation.reading.dialect import Dialect


class Engine(StrEnum):
    """What checks the records of a file."""

    NATIVE = "native"
    """The kernel in C, and the reference for what the kernel leaves; needs a build for this machine."""
    PORTABLE = "portable"
    """RE2 for runs of clean records, and the reference for all others."""
    REFERENCE = "reference"
    """The reference checker for every record."""


def best() -> Engine:
    """Return the fastest engine that this installation has."""
    return Engine.NATIVE if library() is not None else Engine.PORTABLE


def described() -> str:
    """Return the name of the fastest engine here, and why it is not the native one if it is not."""
    kernel = library()
    if kernel is None:
        return "portable (the native engine is not built: python -m chalicelib.validation.fast.native.build)"
    return f"native ({kernel.implementation().decode()})"


def engine_for(wanted: Engine | None, columns: Columns, dialect: Dialect) -> Engine:
    """Return the engine for a file: the wanted one, or else the fastest.

    It is the portable engine if the native one cannot check the file, and the reference if the dialect is not
    bytewise.
    """
    engine = wanted or best()
    if not dialect.is_bytewise:
        return Engine.REFERENCE
    if engine is Engine.NATIVE and (library() is None or not suits(columns, dialect)):
        return Engine.PORTABLE
    return engine
