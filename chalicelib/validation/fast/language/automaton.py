"""The automaton that expressions become: linear in time whatever the expression, and without Python's global lock."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re2

_MOST_BYTES = 24 * 1024 * 1024
"""How much memory an expression and its automaton may take; the automaton is made anew when it grows over that."""


@lru_cache(maxsize=128)
def automaton(expression: str) -> "re2._Regexp":
    """Compile an expression; the longest text that matches counts. Raises OverflowError if it is too large."""
    import re2  # noqa: PLC0415 - only who validates pays for it

    options = re2.Options()
    options.max_mem = _MOST_BYTES
    options.longest_match = True
    options.never_capture = True
    options.log_errors = False
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        raise OverflowError("the expression makes too large an automaton") from error
