"""The keys of a file in their temporary files."""

from decimal import Decimal

import pytest

from chalicelib.errors import TemporarySpaceFull
from chalicelib.validation.fast.native.key_log import LEAST_ENTRIES, KeyFile, KeyLog
from chalicelib.validation.fast.native.library import library
from tests.validation.fast.native.kernels import needs_kernel

pytestmark = needs_kernel


@pytest.mark.parametrize("lost", ["referring", "referred"])
def test_keys_that_cannot_be_read_are_an_error(lost: str) -> None:
    """The kernel sets it in the referring log, which alone is looked at, here and in forks."""
    kernel = library()
    assert kernel is not None
    files = {name: KeyFile() for name in ("referring", "referred")}
    logs = {name: KeyLog(kernel, bytes(16), 0, file) for name, file in files.items()}
    for row in range(2 * LEAST_ENTRIES):
        for log in logs.values():
            log.add([Decimal(row * row)], (row + 1, row + 2))
    for log in logs.values():
        log.write_out()
    files[lost].clear()
    with pytest.raises(TemporarySpaceFull, match="no room for the keys"):
        logs["referring"].dangling(logs["referred"], 10, None, 1)
    for file in files.values():
        file.close()
