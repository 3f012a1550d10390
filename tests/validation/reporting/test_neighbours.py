"""The rows before and after the first rows in error."""

import json

import pytest

from chalicelib.validation.reporting import neighbours
from tests.validation.reporting.test_report import INTEGERS, written


def near(data: bytes) -> list[list[tuple[int, list[str | None]]]]:
    """Return the neighbours of each error, by row, with their cells."""
    _, lines, _ = written(data, INTEGERS)
    errors = [json.loads(line) for line in lines]
    return [[(each["row"], each["cells"]) for each in error["neighbours"]] for error in errors]


def test_row_in_error_has_the_rows_before_and_after() -> None:
    """The header is none of them, and a row that is too short lacks cells."""
    assert [[(3, ["3", "4"])], [(3, ["3", "4"]), (5, ["5", None])]] == near(b"a,b\n1,x\n3,4\ny,6\n5\n")[:2]


def test_neighbours_are_limited_to_the_first_rows_in_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several errors of one row count once."""
    monkeypatch.setattr(neighbours, "MAX_ROWS", 1)
    assert [True, True, False] == [bool(found) for found in near(b"a,b\nx,x\ny,1\n1,2\n3,4\n")]


def test_neighbours_are_those_at_the_beginning_of_the_file() -> None:
    """Rows further down are not in memory when their errors are found."""
    assert [[]] == near(b"a,b\n" + b"1,2\n" * 20_000 + b"x,1\n1,2\n")
