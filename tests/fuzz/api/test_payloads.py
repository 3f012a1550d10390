"""Functions and routes get malformed payloads; `make fuzz-api` sends more."""

from collections.abc import Iterator

import pytest

from tests.fuzz.api.targets import TARGETS, Sending, attempt, sending

EXAMPLES = 100


@pytest.fixture
def ready(dsn: str) -> Iterator[Sending]:
    """The functions and routes, on a database of the test's own."""
    with sending(dsn) as ready:
        yield ready


@pytest.mark.parametrize("name", TARGETS)
def test_payloads_get_an_answer_or_an_error_of_ours(ready: Sending, name: str) -> None:
    """The answer is never a 500, and never an exception for which the state machine has no name."""
    attempt(TARGETS[name], ready, examples=EXAMPLES)
