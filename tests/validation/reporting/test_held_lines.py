"""Lines that wait for the end of the file."""

import tracemalloc

from chalicelib.validation.reporting.held_lines import HeldLines


def test_lines_come_back_in_order_with_their_cells() -> None:
    """Also over the seams of what is compressed."""
    expected = [(f'{{"row":{row}}}'.encode(), (1, str(row)) if row % 3 else None) for row in range(50_000)]
    held = HeldLines()
    assert not held
    for line, cell in expected:
        held.add(line, cell)
    assert len(expected) == len(held)
    assert expected == list(held.taken())


def test_lines_take_a_fifth_of_their_size_at_most() -> None:
    """Lines of a report are much alike."""
    line = b'{"row":%d,"code":"type-error","message":"expected a decimal number, as in 12.5; remove the EUR"}'
    held = HeldLines()
    tracemalloc.start()
    size = 0
    for row in range(20_000):
        size += len(line % row)
        held.add(line % row, None)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken < size / 5
