"""Text from outside as HTML: nothing in it is markup, and nothing in it is invisible."""

import html
import re
from collections.abc import Mapping
from types import MappingProxyType

HIDDEN = re.compile(
    "^ +| +$"  # spaces where one does not see them
    "|[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
"""Control characters, spaces that are none, and what has no width or turns the direction of the text."""
NAMES: Mapping[str, str] = MappingProxyType(
    {" ": "SPACE", "\0": "NUL", "\t": "TAB", "\n": "LF", "\r": "CR", "\x1b": "ESC", "\x7f": "DEL", "\xa0": "NBSP"}
)
"""Those that people know; the others have numbers."""


def shown(text: str) -> str:
    """Write text as HTML, with a sign for each character that one would not see."""
    return HIDDEN.sub(lambda match: _sign(match[0]), html.escape(text))


def shown_in_lines(text: str) -> str:
    """Do the same, and begin a line after each line feed."""
    line_feed = _sign("\n")
    return shown(text).replace(line_feed, line_feed + "\n")


def _sign(hidden: str) -> str:
    """Name a character, or several spaces."""
    name = NAMES.get(hidden[0], f"U+{ord(hidden[0]):04X}")
    return f"<i>{name}</i>" if len(hidden) == 1 else f"<i>{len(hidden)} {name}S</i>"
