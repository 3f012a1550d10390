"""The cells of a column, compressed."""

import tracemalloc

from chalicelib.validation.repair.column_cells import ColumnCells, CountedTexts


def test_texts_come_back_in_order_with_their_counts() -> None:
    """Also over the seams of what is compressed, and in each iteration; a text may come back in parts."""
    texts = [f"{number % 1_200} é\n\ud800" for number in range(3_000)]
    counted = CountedTexts.of(texts)
    counted.add("twice", 2)
    expected = dict.fromkeys([*texts, "twice"])
    assert [*expected] == [*dict.fromkeys(counted)] == [*dict.fromkeys(ColumnCells(counted, ("0 é\n\ud800",)))]
    sums = dict.fromkeys(expected, 0)
    for text, count in counted.items():
        sums[text] += count
    assert {text: texts.count(text) or 2 for text in expected} == sums
    assert len(texts) + 2 == counted.total


def test_few_different_texts_come_once() -> None:
    """A rule looks at each of them once, however often it is in error."""
    assert [("a", 40_000), ("b", 40_000)] == [*CountedTexts.of("ab" * 40_000).items()]


def test_different_texts_take_a_tenth_of_what_a_dictionary_takes() -> None:
    """A report lists up to 100,000."""
    tracemalloc.start()
    counted = CountedTexts.of(f"{number / 100} EUR" for number in range(20_000))
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert counted.total == 20_000
    assert size < 20_000 * 17
