"""The names of values in JSON. The codec, the JSON lines and the command line all take them from here."""

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

import attrs


def json_name(attribute: str) -> str:
    """Return the camelCase name of an attribute; a trailing underscore, as in `from_`, is dropped."""
    first, *rest = attribute.split("_")
    return first + "".join(part.capitalize() for part in rest)


def json_object(value: Any) -> dict[str, Any]:
    """Return the attributes of an attrs instance by their names in JSON; the values stay as they are."""
    names, values = _members(value.__class__)
    return dict(zip(names, values(value), strict=True))


@cache
def _members(kind: type) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    attributes = [field.name for field in attrs.fields(kind)]
    return tuple(map(json_name, attributes)), attrgetter(*attributes)
