"""`library.py` declares what `kernel.c` does."""

import re
from collections.abc import Mapping
from struct import calcsize

from chalicelib.validation.fast.native import library
from chalicelib.validation.fast.native.kernel_files import SOURCE


def constants_of_the_kernel() -> Mapping[str, int]:
    """Return the constants that the kernel enumerates, and those that it defines as one number."""
    source = re.sub(r"/\*.*?\*/", "", SOURCE.read_text(), flags=re.DOTALL)
    found = {name: int(value) for name, value in re.findall(r"^#define ([A-Z_0-9]+) +(\d+) *$", source, re.MULTILINE)}
    for names in re.findall(r"\benum \{(.*?)\}", source, re.DOTALL):
        following = 0
        for each in names.split(","):
            name, _, value = map(str.strip, each.partition("="))
            found[name] = int(value or following)
            following = found[name] + 1
    return found


def test_constants_are_those_of_the_kernel() -> None:
    """The kernel defines the sizes of some structures as constants, too, and asserts these when it is compiled."""
    kernel = constants_of_the_kernel()
    declared = {name: value for name, value in vars(library).items() if name.isupper() and isinstance(value, int)}
    assert {"ENDLESS", "SORTED_CELLS"} == declared.keys() - kernel.keys()
    assert {} == {name: (value, kernel[name]) for name, value in declared.items() if kernel.get(name, value) != value}
    assert kernel["SIZES"] * kernel["BATCH"] == library.SORTED_CELLS
    assert kernel["EVENT_BYTES"] == calcsize(library.EVENT)
