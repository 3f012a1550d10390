"""Render untrusted text as HTML: none of it is markup, and none of it is invisible."""

import html
import re
from collections.abc import Mapping
from types import MappingProxyType

HIDDEN = re.compile(
    "^ +| +$"  # leading and trailing spaces
    "|[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
"""Control characters, unusual spaces, and characters without width or that change the direction of the text."""
NAMES: Mapping[str, str] = MappingProxyType(
    {" ": "SPACE", "\0": "NUL", "\t": "TAB", "\n": "LF", "\r": "CR", "\x1b": "ESC", "\x7f": "DEL", "\xa0": "NBSP"}
)
"""Names that people know; other characters are shown by number."""


def as_html(text: str) -> str:
    """Return text as HTML, with a visible name for each invisible character."""
    return HIDDEN.sub(lambda match: _sign(match[0]), html.escape(text))


def as_html_lines(text: str) -> str:
    """Return text as HTML, with a line break after each named line feed."""
    line_feed = _sign("\n")
    return as_html(text).replace(line_feed, line_feed + "\n")


def _sign(hidden: str) -> str:
    """Return the name of an invisible character, or of several spaces."""
    name = NAMES.get(hidden[0], f"U+{ord(hidden[0]):04X}")
    return f"<i>{name}</i>" if len(hidden) == 1 else f"<i>{len(hidden)} {name}S</i>"
