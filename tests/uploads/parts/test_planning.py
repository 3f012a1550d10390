"""Which objects are validated in parts."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.uploads.parts import planning
from tests.uploads.parts.in_parts import KEY, InParts

Make = Callable[..., InParts]
SCHEMA = {"fields": [{"name": "id", "type": "integer"}]}
ROWS = b"id\n" + b"1\n" * 100


def test_object_above_the_threshold_is_planned(in_parts: Make) -> None:
    """The response names each part once; nothing accepts it as a verdict."""
    use = in_parts(SCHEMA, above_bytes=len(ROWS) - 1, part_bytes=50)
    response = use.validator(use.put(ROWS), use.planner)
    assert response.parts is not None
    assert [0, 1, 2, 3] == [reading.number for reading in response.parts.readings]
    assert (False, 0, None) == (response.valid, response.error_count, response.report)


def test_object_up_to_the_threshold_is_validated_as_a_whole(in_parts: Make) -> None:
    """Small files take no more functions than without parts."""
    use = in_parts(SCHEMA, above_bytes=len(ROWS))
    response = use.validator(use.put(ROWS), use.planner)
    assert (True, None, 100) == (response.valid, response.parts, response.row_count)


INDIVISIBLE: list[tuple[str, Any, dict[str, str], str]] = [
    ("a.csv.gz", SCHEMA, {}, "it is compressed by gzip"),
    ("a.csv", SCHEMA, {"sha256": "0" * 64}, "its metadata announces a SHA-256"),
    ("a.csv", {**SCHEMA, "dialect": {"delimiter": "||"}}, {}, "its dialect has tokens of several characters"),
    ("a.csv", {**SCHEMA, "dialect": {"encoding": "utf-16-le"}}, {}, "characters of utf-16"),
]


@pytest.mark.parametrize(("name", "schema", "metadata", "reason"), INDIVISIBLE)
def test_object_that_cannot_be_divided_has_the_limit_of_one_function(
    in_parts: Make, name: str, schema: Any, metadata: dict[str, str], reason: str
) -> None:
    """Up to that limit it is validated as a whole; beyond, the error says why."""
    content = gzip.compress(ROWS) if name.endswith(".gz") else ROWS
    request = (use := in_parts(schema)).put(content, key=KEY.replace("a.csv", name), **metadata)
    response = use.validator(request, use.planner)
    assert (None, True) == (response.parts, response.schema is not None)
    use = in_parts(schema, whole_bytes=len(content) - 1)
    (error,) = use.validator(request, use.planner).errors
    assert "oversized-file" == error.code
    assert f"{len(content) - 1:,} are allowed for a file that cannot be checked in parts: {reason}" in error.message


def test_object_whose_rows_are_loaded_has_the_limit_of_one_load(in_parts: Make) -> None:
    """One function loads them, in one transaction; up to that limit the object is validated in parts."""
    schema = {**SCHEMA, "assay": {"load": {"table": "a"}}}
    use = in_parts(schema, load_bytes=len(ROWS))
    assert use.validator(use.put(ROWS), use.planner).parts is not None
    use = in_parts(schema, load_bytes=len(ROWS) - 1)
    (error,) = use.validator(use.put(ROWS), use.planner).errors
    assert "oversized-file" == error.code
    assert f"{len(ROWS) - 1:,} are allowed where rows are loaded: split it, or have MAX_LOAD_BYTES" in error.message


def test_object_with_a_fault_at_its_beginning_is_not_planned(in_parts: Make) -> None:
    """No other part of it is read."""
    use = in_parts(SCHEMA, whole_bytes=10)
    (error,) = use.validator(use.put(b"%PDF-1.7 " + ROWS), use.planner).errors
    assert "format-error" == error.code


def test_parts_of_very_large_objects_are_larger(in_parts: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their list has to pass between two states of an execution."""
    monkeypatch.setattr(planning, "MAX_PARTS", 3)
    use = in_parts(SCHEMA, part_bytes=1)
    response = use.validator(use.put(ROWS), use.planner)
    assert response.parts is not None
    assert 3 == len(response.parts.readings)
