"""Columns in error, whose repairs Python and JavaScript must apply alike.

`python -m tests.validation.repair.columns` writes `cases.json` again. The tests of the page read the same file.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from chalicelib.validation.json_names import json_value
from chalicelib.validation.repair.changes import Mender
from chalicelib.validation.repair.column_cells import CountedTexts
from chalicelib.validation.repair.columns import ColumnRepairs, column_repairs
from chalicelib.validation.schema.table_schema import Schema

FILE = Path(__file__).with_name("cases.json")


@frozen
class Column:
    """A column: its field, the cells in error that a report lists, and cells of the file."""

    name: str
    field: Mapping[str, Any]
    wrong: Sequence[str]
    cells: Sequence[str] = ()
    """Further cells of the file, right ones and others, in addition to those in error."""
    apply: Sequence[str | None] = (None,)
    """The variants that a person chooses beside what is certain."""

    def repairs(self) -> ColumnRepairs:
        """Return the repairs of the column."""
        schema = Schema.from_descriptor({"fields": [{"name": "c", **self.field}]})
        return column_repairs(1, "c", schema.fields[0], CountedTexts.of(self.wrong), self.cells)

    def case(self) -> dict[str, Any]:
        """Return the case: the repairs that are applied, all cells of the file, and what becomes of each."""
        repairs = [each for each in self.repairs().repairs if each.variant in self.apply]
        cells = [*self.wrong, *self.cells]
        mender = Mender(repairs, cells)
        mended = {cell: found[0] if (found := mender.mend(cell)) else cell for cell in cells}
        return {
            "name": self.name,
            "repairs": json_value(repairs),
            "cells": [{"before": before, "after": after} for before, after in mended.items()],
        }


NUMBER = {"type": "number"}
COLUMNS = (
    Column("decimal commas", NUMBER, ["12,50", "1.299,00", "1,299", "-7,5", "0,001"], ["12", "1.299", "", "x"]),
    Column("decimal commas beside points", NUMBER, ["12,50", "1,299"], ["12.50", "1.29"]),
    Column(
        "thousands in groups", NUMBER, ["1,299.00", "1,299", "12,000,000", "1 299.5", "1'299", "1\u00a0299"], ["12.5"]
    ),
    Column("unclear marks, read as decimal", NUMBER, ["1,299", "2,500"], ["12"], ["decimal"]),
    Column("unclear marks, read as thousands", NUMBER, ["1,299", "2,500"], ["12"], ["grouping"]),
    Column("currencies", NUMBER, ["€ 12.50", "12 EUR", "CHF 1'299.50", "-$5", "kr 7", "3 US$"], ["12.5", "EUR"]),
    Column("percent as it is", NUMBER, ["12 %", "12.5%"], ["3"], ["percent"]),
    Column("percent as a fraction", NUMBER, ["12 %", "12.5%", "0.5 %", "-150%", "100 %"], ["3"], ["fraction"]),
    Column("minus signs", NUMBER, ["\u22125", "7-", "\u20132.5"], ["-3", "1-2"]),
    Column(
        "spaces and quotes",
        {"type": "integer", "format": "decimal"},
        [" 5", "6\u200b", "'7", "\u201c8\u201d", '"9"'],
        ["10"],
    ),
    Column("whole numbers", {"type": "integer"}, ["1,299", "12.00", "1.299.000 ", "5 000"], ["5", "12.5"]),
    Column("bounded", {**NUMBER, "constraints": {"minimum": 0, "maximum": 100}}, ["12,5", "250,5"], ["7"]),
    Column("days first", {"type": "date"}, ["13/02/2024", "01.02.2024", "3-2-2024"], ["2024-02-13", "32/01/2024", ""]),
    Column("months first", {"type": "date"}, ["02/13/2024", "01/02/2024"], ["2024-02-13"]),
    Column("days or months first", {"type": "date"}, ["13/02/2024", "01/02/2024"], ["02/13/2024"], [None, "day-month"]),
    Column(
        "months first, where days should be",
        {"type": "date", "format": "%d/%m/%Y"},
        ["02/13/2024", "2024-05-06"],
        ["02/03/2024", "12/12/2024"],
    ),
    Column(
        "dates in other forms", {"type": "date"}, ["2024/2/3", "20240203", "3 Feb 2024", "March 5, 2024", "5. mar 2024"]
    ),
    Column("midnight", {"type": "date"}, ["2024-02-13 00:00:00", "2024-02-13T00:00:00Z"], ["2024-02-13 12:00:00"]),
    Column(
        "moments",
        {"type": "datetime"},
        [
            "2024-02-13 12:30:00",
            "2024-02-13T12:30:00+0200",
            "2024-02-13T12:30",
            "13.02.2024 9:30",
            "2024-02-13T12:30:00 UTC",
        ],
        ["2024-02-13T12:30:00Z", "2024-02-13T24:00:00Z"],
    ),
    Column("times of day", {"type": "time"}, ["9:05", "09:05", "9:05:07"], ["09:05:07", "24:00:00"]),
    Column("booleans", {"type": "boolean"}, ["yes", "No", "JA", "y"], ["true", "0", "maybe", "NEIN"]),
    Column(
        "enumeration",
        {"type": "string", "constraints": {"enum": ["paid", "open", "in progress", "cancelled"]}},
        ["Paid", " open", "In_Progress", "canceled", "opne"],
        ["paid", "xyz", "PAID"],
    ),
    Column(
        "pattern without a common expression",
        {"type": "string", "constraints": {"pattern": r"\w\d"}},
        ["a1 ", "'b2"],
        ["a1", " b2"],
    ),
    Column(
        "addresses",
        {"type": "string", "format": "email"},
        [" a@example.org", "\u201cb@example.org\u201d"],
        ["ü@example.org"],
    ),
    Column(
        "an allowed year in its other spelling",
        {"type": "year", "constraints": {"enum": ["-0000", "2024"]}},
        ["0 000", "2 024"],
        ["0000", "2024"],
    ),
    Column(
        "an enumeration of numbers",
        {"type": "string", "constraints": {"enum": ["5", "15", "A-1", "2024-01"]}},
        ["-5", "1.5", " 15", "A1", "2024 01", "202401"],
        ["5"],
    ),
    Column(
        "points in another spelling than those that are listed",
        {"type": "geopoint", "constraints": {"enum": ["180,90", "10,2"]}},
        ["'180,90", "\u00a010,2"],
        [" 180,90", "1e1,2"],
    ),
    Column(
        "lists in another spelling than those that are listed",
        {"type": "list", "itemType": "number", "constraints": {"enum": ["NaN", "1.5,2"]}},
        ["'1.5,2", "\u00a01.5,2"],
        [" NaN", "1.50, 2"],
    ),
    Column(
        "lists of words",
        {"type": "list", "constraints": {"enum": ["red,blue"]}},
        [" red,blue"],
        ["red,blue"],
    ),
    Column(
        "an allowed moment in its other spelling",
        {"type": "datetime", "constraints": {"enum": ["0000-01-01T23:59:59", "2024-08-22T24:00:00"]}},
        ["0000-01-01T23:59:59 %", "2024-08-22T24:0,0:00Z"],
        ["-0000-01-01T23:59:59", "2024-08-22T24:00:00Z"],
    ),
    Column(
        "an allowed date with a longer space",
        {"type": "date", "format": "%d%%%m %Y", "constraints": {"enum": ["01%01 2024", "01%02 2024"]}},
        ["01%02  2024 "],
        ["01%02  2024", "01%02 2024"],
    ),
)


if __name__ == "__main__":
    FILE.write_text(json.dumps([each.case() for each in COLUMNS], indent=1) + "\n", encoding="utf-8")
