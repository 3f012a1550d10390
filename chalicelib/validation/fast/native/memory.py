"""Zeroed and aligned memory, whose addresses the kernel gets."""

import ctypes
import mmap
from contextlib import suppress
from itertools import accumulate


class Memory:
    """Zeroed memory for arrays, of this process alone. A page takes no physical memory before it is written to."""

    def __init__(self, *sizes: int, is_filled: bool = False) -> None:
        """Reserve arrays of these sizes in bytes, each aligned to 64, with at least 64 unused bytes behind it.

        Memory that `is_filled` from its beginning consists of large pages, which are faster to come by.
        """
        starts = list(accumulate((-(-size // 64) * 64 + 64 for size in sizes), initial=0))
        self.map = mmap.mmap(-1, starts.pop(), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        if is_filled and hasattr(mmap, "MADV_HUGEPAGE"):
            with suppress(OSError):  # of a system without such pages
                self.map.madvise(mmap.MADV_HUGEPAGE)
        self._pinned = ctypes.c_char.from_buffer(self.map)
        self.address = ctypes.addressof(self._pinned)
        self.addresses = [self.address + start for start in starts]
