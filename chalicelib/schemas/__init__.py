"""The packaged schemas: a Table Schema descriptor for each dataset, in `{name}.json` beside this module."""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from importlib import resources
from math import isfinite
from pathlib import Path
from typing import Any

from chalicelib.errors import SchemaInvalid, SchemaUnknown

DEFAULT = "default"
"""The dataset of an upload that names none."""

MAX_BYTES = 1024 * 1024
"""The maximum size of a descriptor."""

_SUFFIX = ".json"
NAME = "[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}"
"""The pattern of a schema's name."""
_NAME = re.compile(NAME)


def names() -> tuple[str, ...]:
    """Return the names of the packaged schemas, sorted."""
    files = (entry.name for entry in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX)))


def load(name: str) -> Mapping[str, Any]:
    """Return the descriptor of a packaged schema; raises SchemaUnknown."""
    if name not in names():
        raise unknown(name, names())
    return read(resources.files(__name__).joinpath(name + _SUFFIX).read_bytes(), name)


def read(content: bytes, name: str, kind: str = "schema") -> Mapping[str, Any]:
    """Parse a descriptor; raises SchemaInvalid if it is not a JSON object, or too large."""
    check_size(len(content), name, kind)
    try:
        descriptor = json.loads(content, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError) as error:
        raise SchemaInvalid(f"the {kind} {name!r} is not JSON: {error}") from None
    if not isinstance(descriptor, Mapping):
        raise SchemaInvalid(f"the {kind} {name!r} is not a JSON object")
    return descriptor


def _finite(text: str) -> float:
    """Parse a number; raises ValueError for those that JSON cannot express: NaN, Infinity, or too large for a float."""
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text[:20]} is no finite number")
    return number


def check_size(size: int, name: str, kind: str = "schema") -> None:
    """Raise SchemaInvalid for a descriptor of more than `MAX_BYTES` bytes."""
    if size > MAX_BYTES:
        raise SchemaInvalid(f"the {kind} {name!r} has {size:,} bytes, and {MAX_BYTES:,} are allowed")


def digest(descriptor: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a descriptor in hexadecimal digits; the order of members does not matter."""
    text = json.dumps(descriptor, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def is_path(text: str) -> bool:
    """Return whether a user who names this schema means a file: it has a slash, ends in `.json`, or exists."""
    return "/" in text or text.lower().endswith(_SUFFIX) or Path(text).is_file()


def is_name(text: str) -> bool:
    """Return whether this can be a schema's name: 1 to 64 letters, digits, `_`, `.`, `@` or `-`."""
    return _NAME.fullmatch(text) is not None


def unknown(name: str, known: tuple[str, ...]) -> SchemaUnknown:
    """Return the error for an unknown name, which lists the known ones."""
    shown = repr(name) if is_name(name) else "by that name"
    return SchemaUnknown(f"there is no schema {shown}; there are {', '.join(known)}")
