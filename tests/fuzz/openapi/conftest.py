"""An id of its own for each test that schemathesis makes, so that they can be run beside others."""

import pytest
from schemathesis.pytest.plugin import SchemathesisFunction


def pytest_itemcollected(item: pytest.Item) -> None:
    """Return a test's id from its name, which has the operation: pytest 9.2 takes it from the function's."""
    if isinstance(item, SchemathesisFunction) and item.parent:
        item._id = item.parent.id.child(item.name)  # noqa: SLF001 - there is no other way to set it
