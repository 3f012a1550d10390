"""The engines by name. All give the same report; they differ in how fast they are, and in what they need."""

from enum import StrEnum

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.fast.native.library import library
from chalicelib.validation.fast.native.scanner import suits
from chalicelib.validation.reading.dialect import Dialect


class Engine(StrEnum):
    """What goes through the records of a file."""

    NATIVE = "native"
    """The kernel in C, if it is built for this machine, and the reference for what it leaves."""
    PORTABLE = "portable"
    """RE2 for stretches of clean records, and the reference for all others."""
    REFERENCE = "reference"
    """The reference checker for every record."""


def best() -> Engine:
    """Return the fastest engine that this installation has."""
    return Engine.NATIVE if library() is not None else Engine.PORTABLE


def described() -> str:
    """Return in one line which engine serves here."""
    kernel = library()
    if kernel is None:
        return "portable (the native engine is not built: python -m chalicelib.validation.fast.native.build)"
    return f"native ({kernel.implementation().decode()})"


def serving(wanted: Engine | None, columns: Columns, dialect: Dialect) -> Engine:
    """Return the engine for a file: the wanted one, or else the fastest.

    Falls back to the portable engine where the native one cannot serve, and to the reference for a dialect that is not
    bytewise.
    """
    engine = wanted or best()
    if not dialect.is_bytewise:
        return Engine.REFERENCE
    if engine is Engine.NATIVE and (library() is None or not suits(columns, dialect)):
        return Engine.PORTABLE
    return engine
