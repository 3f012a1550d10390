"""The portable engine: which records it skips, and how much it scans for them."""

from collections.abc import Iterator
from unittest import mock

import pytest

from chalicelib.validation import validate
from chalicelib.validation.fast.portable.keys import RunKeys
from chalicelib.validation.fast.portable.scanner import Scanner
from chalicelib.validation.reading.records import CleanRun
from tests.validation.verdicts import schema_of

ROWS = 3_000
SCHEMA = schema_of({"type": "integer"}, {"type": "string", "constraints": {"pattern": "[a-z]*", "maxLength": 5}})


@pytest.fixture
def scanned() -> Iterator[list[int]]:
    """Collect the number of bytes of each scan."""
    sizes: list[int] = []
    matched_until = Scanner._matched_until  # noqa: SLF001 - where the automaton runs

    def counted(scanner: Scanner, data: bytes, start: int, end: int) -> int:
        sizes.append(end - start)
        return matched_until(scanner, data, start, end)

    with mock.patch.object(Scanner, "_matched_until", counted):
        yield sizes


def test_clean_records_are_skipped() -> None:
    """The reference reads the header, and the record at the end of each block."""
    skipped: list[int] = []

    def add(_: RunKeys, run: CleanRun) -> None:
        skipped.append(run.rows)

    with mock.patch.object(RunKeys, "add", add):
        validate([b"a,b\n" + b"1,x\n" * ROWS], SCHEMA, engine="portable")
    assert sum(skipped) >= ROWS - 2


@pytest.mark.parametrize("rows", [b",\n", b"1,x\n,\n", b"1,toolong\n", b"x,x\n", b'1,"x\ny"\n', b"1,x\r1,y\r\r"])
def test_scan_does_not_go_beyond_its_window(rows: bytes, scanned: list[int]) -> None:
    """Otherwise the rest of the block would be scanned for each record that is not clean."""
    data = b"a,b\n1,x\n" + rows * ROWS
    expected = validate([data], SCHEMA, engine="reference")
    assert expected == validate([data], SCHEMA, engine="portable")
    assert max(scanned) < 5_000 < len(data)
