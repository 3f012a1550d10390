"""The patterns of a schema, matched in linear time, so that no cell can stall a validation.

A pattern is XML Schema's, with what other engines have besides. One that cannot run in linear time is left unchecked.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import islice
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own syntax tree

from attrs import frozen

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.regex.automaton import automaton
from chalicelib.validation.regex.cost import MAX_POSITIONS, is_quick, is_quick_sequence
from chalicelib.validation.regex.look_around import conditions
from chalicelib.validation.regex.samples import samples
from chalicelib.validation.regex.translation import (
    UntranslatableError,
    Writing,
    is_translatable,
    marked_text,
    parsed,
    searched,
    text_writing,
    translated,
)
from chalicelib.validation.regex.xml_schema import to_python
from chalicelib.validation.schema.field_types.field_type import TEXT

Matches = Callable[[str], bool]
"""Returns whether a text matches."""

_TOO_SLOW = (
    f"what it repeats overlaps so much that each character would take more than {MAX_POSITIONS} steps: "
    "let no part match what the next one begins with"
)


@frozen
class Pattern:
    """A compiled pattern."""

    expression: str | None
    """The same in Python's syntax, for the fast path; None if anchors inside need the text alone."""
    matches: Matches
    examples: tuple[str, ...]
    """A few texts that match, as far as they are found."""


def whole(node: Node) -> Pattern | None:
    """Compile a pattern that the whole text must match. Raises SchemaInvalid if it is not a regular expression.

    Return None, and leave it unchecked, if it cannot run in linear time: other columns are checked nevertheless.
    """
    pattern = descriptor.string(node)
    try:
        return _whole(pattern)
    except (UntranslatableError, OverflowError) as error:
        node.leave_unchecked(f"the pattern cannot be checked in linear time: {error}")
        return None
    except re.error as error:
        node.refuse(f"not a regular expression: {error}")


def anywhere(node: Node) -> Matches | None:
    """Compile a pattern that may match anywhere in a text. Raises SchemaInvalid if it is not a regular expression.

    Return None, and leave it unchecked, if it cannot run in linear time.
    """
    pattern = descriptor.string(node)
    try:
        return _anywhere(pattern)
    except (UntranslatableError, OverflowError) as error:
        node.leave_unchecked(f"the pattern cannot be checked in linear time: {error}")
        return None
    except re.error as error:
        node.refuse(f"not a regular expression: {error}")


def whole_text(pattern: str) -> str | None:
    r"""Return an expression that matches a whole text if the pattern matches somewhere in it, or None.

    Only anchors at the beginning and at the end of a pattern have one.
    """
    nodes = list(parsed(pattern))
    begins = bool(nodes) and nodes[0] == (sre.AT, sre.AT_BEGINNING)
    ends = bool(nodes) and nodes[-1] == (sre.AT, sre.AT_END)
    if pattern.startswith("(?") or begins != pattern.startswith("^") or (ends and not pattern.endswith("$")):
        return None
    bare = pattern[begins : len(pattern) - ends]
    before = "" if begins else TEXT
    after = r"\n?" if ends else TEXT  # to Python, a line feed may follow the end
    return f"{before}(?:{bare}){after}"


@lru_cache(maxsize=128)
def _whole(pattern: str) -> Pattern:
    expression = to_python(pattern)
    if is_translatable(expression):
        matches = _matcher(expression, translated(expression, Writing()), anywhere=False)
        return Pattern(expression, matches, _examples(expression, matches))
    matches = _conditional(expression)
    return Pattern(None, matches, _examples(expression, matches))


def _examples(expression: str, matches: Matches) -> tuple[str, ...]:
    """Return texts that match: usual ones if the pattern allows no others, or else some that are made from it."""
    usual = () if matches(_ANY_TEXT) else filter(matches, _USUAL)
    return (*usual, *islice(filter(matches, samples(expression)), _EXAMPLES))


_ANY_TEXT = "text"
_USUAL = (
    "2024-02-29",
    "29.02.2024",
    "29/02/2024",
    "12:30",
    "12:30:00",
    "2024-02-29T12:30:00Z",
    "2024",
    "anna@example.org",
    "https://example.org/",
    "+493012345678",
    "12.50",
    "12,50",
)
_EXAMPLES = 12


def _conditional(pattern: str) -> Matches:
    """Compile a pattern that may look around, by several automata."""
    parts = conditions(pattern)
    if not all(is_quick_sequence(part.nodes, part.flags) for part in parts):
        raise UntranslatableError(_TOO_SLOW)
    forms = [(automaton(part.expression), part.is_negated) for part in parts]
    is_marked = bool(text_writing(pattern).marked)

    def matches(text: str) -> bool:
        written = _in_utf8(marked_text(text) if is_marked else text)
        return all((form.fullmatch(written) is None) == is_negated for form, is_negated in forms)

    return matches


@lru_cache(maxsize=128)
def _anywhere(pattern: str) -> Matches:
    return _matcher(pattern, searched(pattern), anywhere=True)


def _matcher(pattern: str, translation: str, *, anywhere: bool) -> Matches:
    form = automaton(translation)
    if not is_quick(pattern, anywhere=anywhere):
        raise UntranslatableError(_TOO_SLOW)
    if text_writing(pattern).marked:
        return lambda text: form.fullmatch(_in_utf8(marked_text(text))) is not None
    return lambda text: form.fullmatch(_in_utf8(text)) is not None


def _in_utf8(text: str) -> bytes:
    """Encode a text in UTF-8, with unpaired surrogates, which JSON allows, replaced."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
