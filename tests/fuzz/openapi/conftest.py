"""Unique ids for the tests that schemathesis generates, so that they can run in parallel with others."""

import pytest
from schemathesis.pytest.plugin import SchemathesisFunction


def pytest_itemcollected(item: pytest.Item) -> None:
    """Set a test's id to its name, which has the operation: pytest 9.2 uses the function's name."""
    if isinstance(item, SchemathesisFunction) and item.parent:
        item._id = item.parent.id.child(item.name)  # noqa: SLF001 - it has no public setter
