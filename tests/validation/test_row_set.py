"""The set of a file's faulty rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import TemporarySpaceFull
from chalicelib.validation.row_set import RowSet

ROWS = st.sets(st.integers(0, 3_000) | st.integers(500_000, 2_000_000), max_size=40)


def row_set(rows: set[int]) -> RowSet:
    """Return a set with these rows."""
    made = RowSet()
    for row in rows:
        made.add(row)
    return made


@given(ROWS, ROWS)
def test_set_has_the_rows_that_were_added(rows: set[int], others: set[int]) -> None:
    """In ascending order, each once, whichever way they were added."""
    made = row_set(rows)
    made.update(row_set(others))
    assert sorted(rows | others) == list(made)
    assert len(rows | others) == made.count()
    assert bool(rows | others) == bool(made)
    assert all((row in made) == (row in rows | others) for row in {0, 1, 7, 8, 10**9} | rows | others)


@given(ROWS, st.integers(0, 2_000_000), st.binary(max_size=50))
def test_bits_are_added_at_any_row(rows: set[int], first: int, bits: bytes) -> None:
    """They need not begin at a whole byte, and are read back as they were added."""
    made = row_set(rows)
    made.add_bits(first, bits)
    added = {first + at for at in range(8 * len(bits)) if bits[at // 8] >> (at % 8) & 1}
    assert sorted(rows | added) == list(made)
    expected = sum(1 << row - first for row in rows | added if first <= row < first + 8 * len(bits))
    assert expected.to_bytes(len(bits), "little") == made.bits(first, 8 * len(bits))


def test_full_disk_is_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what has no room, and what to do."""
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    with pytest.raises(
        TemporarySpaceFull, match="no room for the marks of faulty rows, a bit for each row: enlarge it"
    ):
        RowSet().add(1)
