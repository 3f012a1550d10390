"""Rules as data: what they do to the cells of a column."""

import json
import re
from typing import Any

import pytest

from chalicelib import codec
from chalicelib.validation.repair.changes import FileRepairs, Mender, forbids
from tests.validation.repair.columns import COLUMNS, FILE, Column

CASES = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_cell_becomes_what_the_shared_cases_say(case: dict[str, Any]) -> None:
    """The page runs the same cases in JavaScript."""
    repairs = codec.structure({"repairs": case["repairs"]}, FileRepairs).repairs
    mender = Mender(repairs, [cell["before"] for cell in case["cells"]])
    mended = [{**cell, "after": (mender.mend(cell["before"]) or [cell["before"]])[0]} for cell in case["cells"]]
    assert case["cells"] == mended


@pytest.mark.parametrize("column", COLUMNS, ids=[column.name for column in COLUMNS])
def test_shared_cases_are_what_the_rules_write(column: Column) -> None:
    """After a change of a rule, `python -m tests.validation.repair.columns` writes them again."""
    assert next(case for case in CASES if case["name"] == column.name) == column.case()


def test_expressions_have_the_syntax_of_both_languages() -> None:
    r"""No `\d`, `\w` or `\s`, which differ, and no `^` or `$` in what matches whole cells."""
    for repair in (each for case in CASES for each in case["repairs"]):
        whole = [
            repair["valid"] or "",
            repair["keep"] or "",
            *(it[name] or "" for it in repair["changes"] for name in ("when", "unless")),
        ]
        found = [each["find"] for it in repair["changes"] for each in it["replace"]]
        without_classes = [re.sub(r"\[(?:\\.|[^\]\\])*\]", "[]", each) for each in whole]
        assert not [each for each in [*whole, *found] if re.search(r"\\[dDwWbBAZ]|\(\?[^:=!]", each)]
        assert not [each for each in without_classes if re.search(r"(?<!\\)[\^$]|[*+?}]\+", each)]


def test_cells_that_forbid_a_change_are_found_while_a_file_is_read() -> None:
    """A point in a column of decimal commas; without such a rule there is nothing to look for."""
    repairs = Column("", {"type": "number"}, ["12,5", "1,299"]).repairs().repairs
    assert [True, False] == [any(found(cell) for _, found in forbids(repairs)) for cell in ("12.5", "12")]
    assert () == forbids(Column("", {"type": "boolean"}, ["yes"]).repairs().repairs)


def test_cell_of_the_right_form_stays_although_it_is_out_of_bounds() -> None:
    """`keep` is wider than `valid`: no rule for marks concerns a number with an exponent, or beyond the maximum."""
    found = Column("", {"type": "number", "constraints": {"maximum": 100}}, ["12,5", " 1e5 "]).repairs().repairs
    mender = Mender(found)
    assert [("12.5", ("decimal-comma",)), None, None] == [mender.mend(cell) for cell in ("12,5", " 1e1 ", "250.0 ")]


def test_rule_that_takes_no_part_is_not_proposed() -> None:
    """It could change what another rule leaves: without the space, the apostrophe alone is right."""
    found = Column("", {"type": "string", "constraints": {"maxLength": 1}}, ["' "]).repairs()
    assert (["strip-spaces"], "'") == ([each.rule for each in found.repairs], found.suggestion("' ").text)
