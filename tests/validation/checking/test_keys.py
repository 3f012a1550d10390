"""Keys: uniqueness and references within a file, in bounded memory."""

import resource
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import TemporarySpaceFull
from chalicelib.validation import Schema, validate
from chalicelib.validation.checking.keys import KeyLog, dangling, key_of, repeated
from tests.validation.verdicts import Place, found, places, schema_of

TREE = schema_of({"type": "integer"}, {"type": "integer"}, foreignKeys=[{"fields": "b", "reference": {"fields": "a"}}])


@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        ("1,1\n2,1\n3,2\n", []),
        ("1,3\n2,1\n3,2\n", []),
        ("1,01\n2,+1\n", []),
        ("1,\n2,1\n", []),
        ("1,3\n2,1\n", [(2, 2, 2, "b", "foreign-key")]),
        ("1,9\n2,9\n", [(2, 2, 2, "b", "foreign-key"), (3, 3, 2, "b", "foreign-key")]),
        (",1\n1,1\n", []),
        ("1,x\n", [(2, 2, 2, "b", "type-error")]),
        ("x,1\n", [(2, 2, 1, "a", "type-error"), (2, 2, 2, "b", "foreign-key")]),
        ("1\n", [(2, 2, 2, "b", "missing-cell")]),
        ("1,1\n\n", [(3, 3, None, None, "blank-row")]),
    ],
)
def test_a_foreign_key_refers_to_some_row_of_the_table_itself(rows: str, errors: Sequence[Place]) -> None:
    """To an earlier, a later or the same row. Missing and faulty values refer to nothing."""
    assert list(errors) == found("a,b\n" + rows, TREE)


@pytest.mark.parametrize("resource", [{}, {"resource": ""}, {"resource": None}])
def test_a_foreign_key_of_several_fields_is_compared_as_a_whole(resource: Mapping[str, Any]) -> None:
    """In the order in which its fields are named; a row without one of the values refers to nothing."""
    reference = {**resource, "fields": ["a", "b"]}
    schema = schema_of({}, {}, {}, {}, foreignKeys=[{"fields": ["d", "c"], "reference": reference}])
    rows = ["x,y,y,x", "u,v,v,u", "p,q,x,y", "r,s,q,", "t,,,t", "m,n,y,u"]
    expected = [(4, 4, None, None, "foreign-key"), (7, 7, None, None, "foreign-key")]
    assert expected == found("a,b,c,d\n" + "\n".join(rows), schema)


def test_the_message_of_a_foreign_key_names_what_it_refers_to() -> None:
    """The message quotes the schema's own names."""
    report = validate([b"a,b\n1,2\n"], TREE)
    assert ["no row has this a: add that row, or correct this one"] == [error.message for error in report.errors]


@pytest.mark.parametrize("max_errors", [1, 2, 3, 100])
def test_errors_of_keys_come_in_the_order_of_the_file(max_errors: int) -> None:
    """Among the other errors, and in place of later ones where there is no room."""
    schema = schema_of({"constraints": {"unique": True}}, {"type": "integer"}, primaryKey="a")
    data = b"a,b\nx,1\nx,2\ny,?\ny,3\nz,?\nx,?\n"
    expected = [
        *((3, 3, 1, "a", code) for code in ("unique-error", "primary-key")),
        (4, 4, 2, "b", "type-error"),
        *((5, 5, 1, "a", code) for code in ("unique-error", "primary-key")),
        (6, 6, 2, "b", "type-error"),
        *((7, 7, 1, "a", code) for code in ("unique-error", "primary-key")),
        (7, 7, 2, "b", "type-error"),
    ]
    report = validate([data], schema, max_errors=max_errors)
    assert expected[:max_errors] == places(report)
    assert (9, {"unique-error": 3, "primary-key": 3, "type-error": 3}) == (report.error_count, report.counts_by_code)


def test_keys_of_more_rows_than_are_held_in_memory_are_exact() -> None:
    """They go to files, and the errors are counted all the same and come in the order of the file."""
    rows = 140_000
    cells = [str(7 * row) for row in range(rows)]
    for row, earlier in {5: 3, 70_000: 69_999, 131_075: 4, 139_998: 70_001, 139_999: 0}.items():
        cells[row] = f"+{7 * earlier}"
    data = "\n".join(["a", *cells]).encode()
    schema = schema_of({"type": "integer"}, uniqueKeys=[["a"]])
    expected = [(row + 2, row + 2, 1, "a", "unique-error") for row in (5, 70_000, 131_075, 139_998, 139_999)]
    report = validate([data], schema, max_errors=3)
    assert (5, rows) == (report.error_count, report.row_count)
    assert expected[:3] == places(report)


def logged(keys: Iterable[str]) -> KeyLog:
    """Return a log of keys, the first in row 0, of records that are one line each."""
    log = KeyLog()
    rows = iter(range(10**9))
    keys = iter(keys)
    while some := list(islice(keys, 1000)):
        places = [next(rows) for _ in some]
        log.add(some, places, places)
    return log


def test_keys_that_do_not_fit_into_memory_at_once_are_compared_in_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal keys are compared in the same pass."""
    monkeypatch.setattr("chalicelib.validation.checking.keys._MAX_COMPARED", 50)
    rows = 140_000
    keys = [str(row % (rows - 7)) for row in range(rows)]
    assert [(row, row) for row in range(rows - 7, rows)] == sorted(repeated(logged(keys)))
    references = ["0", str(rows - 8), str(rows - 7), str(rows)]
    assert [(2, 2), (3, 3)] == sorted(dangling(logged(references), logged(keys)))


def test_one_key_in_every_row_is_repeated_in_all_but_the_first() -> None:
    """However many there are of it, they are one key."""
    rows = 200_000
    assert [(row, row) for row in range(1, rows)] == sorted(repeated(logged("same" for _ in range(rows))))


def test_a_log_may_be_empty() -> None:
    """Nothing is repeated, and nothing dangles."""
    assert [] == list(repeated(KeyLog()))
    assert [(0, 0)] == list(dangling(logged(["a"]), KeyLog()))
    assert [] == list(dangling(KeyLog(), logged(["a"])))


def test_keys_are_written_alike_if_their_values_are() -> None:
    """Whatever they are made of, and whatever they lack."""
    texts: list[list[object]] = [["a"], ["b"], ["a", "b"], ["b", "a"], ["ab"], ["None"], ["1"], ["True"]]
    gaps: list[list[object]] = [[None], [""], ["", ""], ["", None], [None, ""]]
    others: list[list[object]] = [[Decimal(1)], [Decimal("1.5")], [True]]
    keys = [*texts, *gaps, *others]
    assert len(keys) == len({key_of(parts) for parts in keys})
    assert key_of([Decimal("1e3"), None]) == key_of([Decimal("+1000.0"), None])


def test_keys_of_many_cells_equal_those_of_single_ones() -> None:
    """The fast path computes the keys of many cells at once."""
    kind = Schema.from_descriptor(schema_of({"type": "integer"})).fields[0].type
    cells = ["1", "+1", "-0", "007", " 7", "1" + "0" * 38, "9" * 39]
    assert kind.keys is not None
    assert [key_of([kind.parse(cell)]) for cell in cells] == kind.keys(cells)
    assert kind.keys(["1" * 40]) is None


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Limit the size of files that the process may write."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("size", [0, 1_000_001, 8_000_000])
def test_full_temporary_directory_raises(size: int) -> None:
    """The message says how much room is needed. Closing the file writes nothing more."""
    with (
        largest_file(size),
        pytest.raises(TemporarySpaceFull, match="40 bytes for each row and key: enlarge it, or split"),
    ):
        logged(f"k{row}" for row in range(300_000))


def test_missing_temporary_directory_raises(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a full disk the file may not even be created."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(TemporarySpaceFull, match="the temporary directory has no room"):
        logged(f"k{row}" for row in range(70_000))
