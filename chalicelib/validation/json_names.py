"""The names of values in JSON. The codec, the JSON lines and the command line all take them from here."""

from collections.abc import Callable, Mapping
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


def json_value(value: Any) -> Any:
    """Return a value with all attrs instances inside of it as objects, by the names in JSON."""
    if attrs.has(type(value)):
        return {name: json_value(member) for name, member in json_object(value).items()}
    if isinstance(value, Mapping):
        return {key: json_value(member) for key, member in value.items()}
    return [json_value(item) for item in value] if isinstance(value, list | tuple) else value


@cache
def _members(kind: type) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    attributes = [field.name for field in attrs.fields(kind)]
    return tuple(map(json_name, attributes)), attrgetter(*attributes)
