"""The functions of the application, with small shares of keys, of which a file of some megabytes has several.

Worker processes import this module in place of `app`. In another process it would change the shares of all tests.
"""

from typing import Any

import app
from chalicelib.uploads.parts import shares

shares.SHARE_KEYS = 30_000


def __getattr__(name: str) -> Any:
    """Return a function of the application."""
    return getattr(app, name)
