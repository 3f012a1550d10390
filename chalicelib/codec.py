"""Converts between JSON payloads and the types of `uploads`; nothing else does.

The decisions about the wire format are these:

- Names are in camelCase on the wire, in snake_case in Python.
- Nothing is coerced: a number is not text, text is not a number, and true is not a number. 7.0 is 7.
- Unknown keys are refused, and required keys must be present.
- An error names the path of the field, such as `$.errors[0].column: required, but missing`.
- `versionId` and `executionName` of a request are omitted if there is none, and so are `entry` and round 0 of a part to
  be read; other fields without a value are null.
- Times are ISO 8601 in UTC.
- A validation response is trimmed to fit between two states of the state machine: errors are dropped from the end
  until it is small enough. `errorCount` keeps the exact number.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin

import attrs
from cattrs import AttributeValidationNote, Converter, ForbiddenExtraKeysError, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from chalicelib.errors import FieldInvalid, RequestMalformed
from chalicelib.uploads.messages import ValidationRequest, ValidationResponse
from chalicelib.uploads.parts.readings import PartToRead
from chalicelib.validation.json_names import json_name

T = TypeVar("T")

RESPONSE_BYTES = 64 * 1024
"""The largest validation response as JSON. Step Functions allows four times that between states."""

_PRIMITIVES = {str: "text", int: "a whole number", bool: "true or false"}


def structure(payload: object, contract: type[T], root: str = "$") -> T:
    """Convert a payload to a contract; raises RequestMalformed with the path and reason of every fault.

    Paths begin with `root`.
    """
    try:
        return _converter.structure(payload, contract)
    except (ExceptionGroup, FieldInvalid) as error:
        raise RequestMalformed("; ".join(_reasons(error, root))) from None


def structure_texts(texts: Mapping[str, str], contract: Any, root: str) -> Any:
    """Convert texts by name, such as a query string's; digits become numbers where the contract has numbers."""
    numbers = {json_name(field.name) for field in attrs.fields(contract) if int in {field.type, *get_args(field.type)}}
    payload = {name: int(text) if name in numbers and _DIGITS.fullmatch(text) else text for name, text in texts.items()}
    return structure(payload, contract, root)


_DIGITS = re.compile(r"-?[0-9]{1,18}", re.ASCII)


def unstructure(value: object) -> Any:
    """Convert a value to what JSON can encode."""
    return _converter.unstructure(value)


def _configure_converter() -> Converter:
    converter = Converter()
    for primitive in _PRIMITIVES:
        converter.register_structure_hook(primitive, _structure_primitive)
    converter.register_structure_hook(StrEnum, _structure_enum)
    converter.register_structure_hook(datetime, _structure_time)
    converter.register_structure_hook_factory(_is_tuple, lambda kind: _tuple_structurer(converter, kind))
    converter.register_structure_hook_factory(attrs.has, lambda contract: _object_structurer(converter, contract))
    converter.register_unstructure_hook_factory(attrs.has, lambda contract: _object_unstructurer(converter, contract))
    converter.register_unstructure_hook(datetime, lambda time: time.astimezone(UTC).isoformat())
    write_response = converter.get_unstructure_hook(ValidationResponse)
    converter.register_unstructure_hook(ValidationResponse, lambda response: _trim(write_response(response)))
    return converter


def _structure_primitive(value: object, kind: type[T]) -> T:
    # In JSON, 7.0 and 7 are the same number.
    if kind is int and type(value) is float and value.is_integer():
        value = int(value)
    # Not isinstance: in Python, True is an int.
    if type(value) is not kind:
        raise FieldInvalid("", f"expected {_PRIMITIVES[kind]}")
    return value


def _structure_enum(value: object, kind: type[StrEnum]) -> StrEnum:
    for member in kind:
        if member.value == value:
            return member
    raise FieldInvalid("", f"expected one of {', '.join(kind)}")


_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})", re.IGNORECASE
)
"""RFC 3339. In the query string of a URL, a plus sign must be written %2B."""


def _structure_time(value: object, _: object) -> datetime:
    if isinstance(value, str) and _TIME.fullmatch(value):
        with suppress(ValueError):  # the 30th of February
            return datetime.fromisoformat(value.upper())
    raise FieldInvalid("", "expected a moment, such as 2026-11-25T19:00:00Z (in a URL, + is %2B)")


def _is_tuple(kind: object) -> bool:
    return get_origin(kind) is tuple


def _tuple_structurer(converter: Converter, kind: object) -> Callable[[object, object], tuple[Any, ...]]:
    item, _ = get_args(kind)  # all tuples of contracts have any number of items of one type
    items: Any = list.__class_getitem__(item)

    def read(value: object, _: object) -> tuple[Any, ...]:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise FieldInvalid("", "expected an array")
        return tuple(converter.structure(value, items))

    return read


def _object_structurer(converter: Converter, contract: type[T]) -> Callable[[object, object], T]:
    read_members = make_dict_structure_fn(
        contract, converter, _cattrs_forbid_extra_keys=True, **_overrides(contract, omit_if_default=False)
    )

    def read(value: object, _: object) -> T:
        if not isinstance(value, Mapping):
            raise FieldInvalid("", "expected an object")
        return read_members(value, contract)

    return read


def _object_unstructurer(converter: Converter, contract: type[T]) -> Callable[[T], dict[str, Any]]:
    overrides = _overrides(contract, omit_if_default=contract in {ValidationRequest, PartToRead})
    return make_dict_unstructure_fn(contract, converter, **overrides)


def _overrides(contract: Any, *, omit_if_default: bool) -> dict[str, Any]:
    return {
        field.name: override(rename=json_name(field.name), omit_if_default=omit_if_default)
        for field in attrs.fields(contract)
    }


def _trim(response: dict[str, Any]) -> dict[str, Any]:
    """Drop errors from the end until the response is small enough."""
    size = len(json.dumps({**response, "errors": []}))
    kept = []
    for error in response["errors"]:
        size += len(json.dumps(error)) + len(", ")
        if size > RESPONSE_BYTES:
            break
        kept.append(error)
    return {**response, "errors": kept}


def _reasons(error: BaseException, path: str) -> Iterator[str]:
    """Iterate over the faults with their paths, which cattrs attaches to its exceptions as notes."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            path = f"{path}.{json_name(note.name)}"
        elif isinstance(note, IterableValidationNote):
            path = f"{path}[{note.index}]"
    match error:
        case ExceptionGroup():
            for each in error.exceptions:
                yield from _reasons(each, path)
        case FieldInvalid():
            yield f"{path}.{json_name(error.field)}: {error.reason}" if error.field else f"{path}: {error.reason}"
        case ForbiddenExtraKeysError():
            names = ", ".join(sorted(map(str, error.extra_fields)))
            # A name may contain half a surrogate pair, which printing the message would fail on.
            yield f"{path}: unknown {names.encode(errors='backslashreplace').decode()}"
        case KeyError():
            yield f"{path}: required, but missing"
        case _:
            raise error


_converter = _configure_converter()
