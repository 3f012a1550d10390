"""The engines return the same report as the reference: a few of the cases of `make fuzz`."""

import pytest

from tests.fuzz.cases import find


@pytest.mark.parametrize("seed", range(1, 13))
def test_all_engines_return_the_same_report(seed: int) -> None:
    """Schemas, dialects and block sizes are random."""
    assert find(seed, 400).difference is None
