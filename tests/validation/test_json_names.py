"""The names of values in JSON."""

import pytest
from attrs import frozen

from chalicelib.validation.json_names import json_name, json_object


@pytest.mark.parametrize(("attribute", "name"), [("row", "row"), ("error_count", "errorCount"), ("from_", "from")])
def test_names_are_in_camel_case(attribute: str, name: str) -> None:
    """A trailing underscore only avoids a keyword of Python."""
    assert name == json_name(attribute)


def test_object_has_every_attribute_under_its_name() -> None:
    """The values stay as they are."""

    @frozen
    class Counted:
        error_count: int
        from_: tuple[int, ...]

    assert {"errorCount": 2, "from": (1,)} == json_object(Counted(2, (1,)))
