"""The fast path and the exact checker give the same report: a few of the cases of `make fuzz`."""

import pytest

from tests.fuzz.cases import find


@pytest.mark.parametrize("seed", range(1, 13))
def test_both_paths_give_the_same_report(seed: int) -> None:
    """Field by field, whatever the schema, the dialect, the size of blocks and the number of threads."""
    assert find(seed, 400).difference is None
