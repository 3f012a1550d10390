"""Compile expressions to RE2 automata, which match in linear time and release Python's global lock."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re2

_MAX_BYTES = 24 * 1024 * 1024
"""Memory for an expression and its automaton. RE2 discards and rebuilds an automaton that grows larger."""


@lru_cache(maxsize=128)
def automaton(expression: str) -> "re2._Regexp":
    """Compile an expression with leftmost-longest matching. Raises OverflowError if it is too large."""
    import re2  # noqa: PLC0415 - loaded by validation only

    options = re2.Options()
    options.max_mem = _MAX_BYTES
    options.longest_match = True
    options.never_capture = True
    options.log_errors = False
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        raise OverflowError("the automaton of the expression is too large") from error
