"""The patterns of a schema, matched in linear time, so that no cell can stall a validation.

A pattern matches the same texts as in Python's `re`. One that cannot run in linear time is refused with the schema.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.regex.automaton import automaton
from chalicelib.validation.regex.cost import MAX_POSITIONS, is_quick
from chalicelib.validation.regex.translation import UntranslatableError, Writing, searched, translated

Matches = Callable[[str], bool]
"""Returns whether a text matches."""

_TOO_SLOW = (
    f"what it repeats overlaps so much that each character would take more than {MAX_POSITIONS} steps: "
    "let no part match what the next one begins with"
)


def whole(node: Node) -> Matches:
    """Compile a pattern that the whole text must match. Raises SchemaInvalid with the path."""
    return _compiled(node, anywhere=False)


def anywhere(node: Node) -> Matches:
    """Compile a pattern that may match anywhere in a text. Raises SchemaInvalid with the path."""
    return _compiled(node, anywhere=True)


def _compiled(node: Node, *, anywhere: bool) -> Matches:
    pattern = descriptor.string(node)
    try:
        return _matcher(pattern, anywhere=anywhere)
    except (UntranslatableError, OverflowError) as error:
        node.refuse(f"the pattern cannot be checked in linear time: {error}")
    except re.error as error:
        node.refuse(f"not a regular expression: {error}")


@lru_cache(maxsize=128)
def _matcher(pattern: str, *, anywhere: bool) -> Matches:
    expression = searched(pattern) if anywhere else translated(pattern, Writing())
    form = automaton(expression)
    if not is_quick(pattern, anywhere=anywhere):
        raise UntranslatableError(_TOO_SLOW)
    return lambda text: form.fullmatch(_in_utf8(text)) is not None


def _in_utf8(text: str) -> bytes:
    """Encode a text in UTF-8, with unpaired surrogates, which JSON allows, replaced."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
