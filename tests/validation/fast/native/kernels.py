"""The implementations of the kernel that can run here."""

import platform

import pytest

from chalicelib.validation.fast.native.build import LEVELS
from chalicelib.validation.fast.native.library import library

BUILT = [level for level in LEVELS.get(platform.machine(), {"plain": ()}) if library(level) is not None]
needs_kernel = pytest.mark.skipif(library() is None, reason="the kernel is not built: there is no compiler")
