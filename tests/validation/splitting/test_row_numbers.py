"""The format of `rejected.rows`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.validation.splitting.row_numbers import read_row_numbers, written_row_numbers


@given(st.sets(st.integers(1, 10**12), max_size=50), st.integers(1, 20))
def test_row_numbers_are_read_as_they_were_written(rows: set[int], size: int) -> None:
    """Wherever the chunks end."""
    written = b"".join(written_row_numbers(sorted(rows)))
    chunks = [written[at : at + size] for at in range(0, len(written), size)]
    assert sorted(rows) == list(read_row_numbers(chunks))


def test_many_row_numbers_are_written_in_pieces() -> None:
    """No more than some thousand are held."""
    assert len(list(written_row_numbers(range(1, 100_000)))) > 1


@pytest.mark.parametrize("content", [b"3", b"3\n3\n", b"7\n3\n", b"0\n", b"-1\n", b"\n", b"3 \n", b"x\n", b"3\r\n"])
def test_other_content_is_refused(content: bytes) -> None:
    """A row that is skipped by mistake would be lost."""
    with pytest.raises(ValueError, match="expected"):
        list(read_row_numbers([content]))
