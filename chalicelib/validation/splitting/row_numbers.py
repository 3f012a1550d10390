r"""The format of `rejected.rows`: the numbers of the rejected rows, in ASCII digits, one a line, ascending.

A row number is that of an error: the number of the record in the file, with the header as row 1. Each line ends in LF.

>>> list(read_row_numbers([b"3\n1", b"7\n"]))
[3, 17]
>>> list(written_row_numbers([3, 17]))
[b'3\n17\n']
"""

from collections.abc import Iterable, Iterator
from itertools import islice

_BATCH = 16 * 1024
"""How many numbers are written at once."""


def written_row_numbers(rows: Iterable[int]) -> Iterator[bytes]:
    """Yield the lines of row numbers, which are ascending, some thousand at a time."""
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        yield b"%b\n" % b"\n".join(b"%d" % row for row in batch)


def read_row_numbers(chunks: Iterable[bytes]) -> Iterator[int]:
    """Yield the row numbers of a file in this format; raises ValueError if it has another one, or ends in a line."""
    rest, last = b"", 0
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            row = int(line) if line.isdigit() else 0
            if row <= last:
                raise ValueError("expected ascending row numbers, one a line")
            yield row
            last = row
    if rest:
        raise ValueError("expected a line break after the last row number")
