"""Functions and routes refuse malformed payloads; `make fuzz-api` sends more."""

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
def test_payloads_get_a_response_or_an_exception_of_assay(ready: Sending, name: str) -> None:
    """No response is a 500, and no exception is unknown to the state machine."""
    attempt(TARGETS[name], ready, examples=EXAMPLES)
