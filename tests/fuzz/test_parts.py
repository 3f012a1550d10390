"""A brief run of `make fuzz-parts`."""

import pytest

from tests.fuzz.parts import main


@pytest.mark.trial(minutes=1)
def test_random_files_have_the_same_report_in_parts() -> None:
    """To the page and the rejected rows."""
    assert main(["--seconds", "60", "--seed", "1"]) == 0
