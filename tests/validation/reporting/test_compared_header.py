"""The header of a file beside the one that was agreed."""

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.validation import validate
from chalicelib.validation.reporting import compared_header
from chalicelib.validation.reporting.report import FullReport
from tests.validation.reporting.test_report import SUBJECT

SCHEMA = {"fields": [{"name": name, "constraints": {"required": name == "id"}} for name in ("id", "name", "total")]}
Compared = list[tuple[str | None, str | None, str | None]]


def compared(data: str, schema: Mapping[str, Any] = SCHEMA) -> Compared:
    """Return the agreed name, the label and the difference of each column."""
    full = FullReport(lambda _: None)
    full.finish(validate([data.encode()], schema, sink=full), SUBJECT)
    header = full.repairs.header
    return [(each.expected, each.found, each.difference) for each in header.columns] if header else []


@pytest.mark.parametrize(
    ("labels", "columns"),
    [
        ("total,id,name", [("id", "id", None), ("name", "name", None), ("total", "total", "place")]),
        ("id,nom,total", [("id", "id", None), ("name", "nom", "name"), ("total", "total", None)]),
        ("id,total", [("id", "id", None), ("name", None, "missing"), ("total", "total", None)]),
        (
            "x,id,name,id,total",
            [
                (None, "x", "extra"),
                ("id", "id", None),
                ("name", "name", None),
                (None, "id", "duplicate"),
                ("total", "total", None),
            ],
        ),
    ],
    ids=["moved", "renamed", "missing", "extra"],
)
def test_columns_stand_side_by_side_in_the_agreed_order(labels: str, columns: Compared) -> None:
    """Few columns are marked: if one was moved, those that follow it are not."""
    assert columns == compared(f"{labels}\n1,2,3,4,5\n")


def test_as_few_columns_as_possible_are_marked_as_moved() -> None:
    """Three of these stay, although none of them stand side by side as agreed."""
    schema = {"fields": [{"name": name} for name in "abcdef"]}
    found = compared("e,f,a,c,b,d\n1,2,3,4,5,6\n", schema)
    assert ["c", "e", "f"] == [name for name, _, difference in found if difference == "place"]


def test_columns_in_any_order_differ_only_if_they_are_in_error() -> None:
    """A column may be missing, or further, if the schema allows that."""
    schema = {**SCHEMA, "fieldsMatch": "partial"}
    columns = [("id", None, "missing"), ("name", "name", None), (None, "x", None), ("total", None, None)]
    assert columns == compared("name,x\n1,2\n", schema)


@pytest.mark.parametrize("data", ["id,name,total\n1,2,3\n", "id;name;total\n1;2;3\n", "Export\nid,name,total\n1,2,3\n"])
def test_nothing_is_compared_without_labels_in_error(data: str) -> None:
    """The header is right, is separated otherwise, or stands further down."""
    assert [] == compared(data)


def test_wide_header_has_only_its_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their number is limited."""
    monkeypatch.setattr(compared_header, "MAX_COLUMNS", 2)
    assert [("name", None, "missing")] == compared("id,total\n1,2\n")


def test_page_of_the_report_has_both_headers() -> None:
    """With letters, and the difference in words."""
    full = FullReport(lambda _: None)
    text = full.finish(validate([b"id,<b>,total\n1,2,3\n"], SCHEMA, sink=full), SUBJECT).page.decode()
    row = (
        "<tr class=wrong><td><small>B</small> <bdi>name</bdi></td><td><small>B</small> <bdi>&lt;b&gt;</bdi></td>"
        "<td><b data-t=header.name>another name</b></td></tr>"
    )
    assert row in text
