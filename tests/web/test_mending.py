"""The page applies rules as the validator does, and changes nothing else."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from chalicelib import web
from tests.validation.repair.columns import FILE
from tests.web.assay import Assay

MEND = """async ([address, cases]) => {
    const { Mender, forbidding } = await import(address);
    return cases.map(({ repairs, cells }) => {
        const before = cells.map((cell) => cell.before);
        const held = forbidding(repairs).filter(([, holds]) => before.some(holds));
        const forbidden = new Set(held.map(([change]) => change));
        const mender = repairs.length ? new Mender(repairs, forbidden) : null;
        return before.map((cell) => mender?.mend(cell)?.text ?? cell);
    });
}"""
REPAIR = """async ([address, bytes, plan]) => {
    const { repair } = await import(address);
    const whole = { delimiter: ",", quote: '"', encoding: "utf-8", repairs: [], drops: [], ...plan };
    const { blob, counts } = await repair(new Blob([Uint8Array.from(bytes)]), whole);
    return [[...new Uint8Array(await blob.arrayBuffer())], counts];
}"""
COMMA = {
    "rule": "decimal-comma",
    "field": 2,
    "valid": r"[0-9]+\.[0-9]+",
    "keep": None,
    "changes": [
        {
            "when": "[0-9]+,[0-9]+",
            "replace": [{"find": ",", "by": "."}],
            "values": {},
            "unless": None,
            "validToo": False,
        }
    ],
}


def address(name: str) -> str:
    """Return the URL of a script of the page."""
    return f"http://assay.test/api/page/{web.version()}/{name}"


def test_rules_do_what_the_shared_cases_say(page: Page, assay: Assay) -> None:
    """Python runs the same cases."""
    assay.open(page)
    cases = json.loads(FILE.read_text(encoding="utf-8"))
    mended = page.evaluate(MEND, [address("mending.js"), cases])
    assert [[cell["after"] for cell in case["cells"]] for case in cases] == mended


@pytest.mark.parametrize(
    ("content", "plan", "repaired"),
    [
        (
            '\ufeffid,amount\r\n1,"12,50"\r\n2,3.5\n"3","7,1"',
            {"repairs": [COMMA]},
            '\ufeffid,amount\r\n1,"12.50"\r\n2,3.5\n"3","7.1"',
        ),
        ("a,b\n1,x\n2,y\n", {"edits": {"3:2": 'p,"q'}}, 'a,b\n1,x\n2,"p,""q"\n'),
        (
            'id;amount\r\n1;12,50\r\n2;"y;z"\r\n',
            {"delimiter": ";", "newDelimiter": ",", "columns": [2, 1], "labels": ["Amount", "id"]},
            'Amount,id\r\n"12,50",1\r\n"y;z",2\r\n',
        ),
        ("sep=;\na;b\n1;2\n", {"delimiter": ";", "newDelimiter": ",", "rowsAbove": 1}, "a,b\n1,2\n"),
        ("a,b\n1,2\n\n,\n1,2\n3,4,,\n", {"emptyRows": True, "emptyCells": True, "drops": [5]}, "a,b\n1,2\n3,4\n"),
        ("a,b\r1,\r", {"repairs": [COMMA]}, "a,b\r1,\r"),
    ],
    ids=["rule", "edit", "columns", "separator-line", "empty", "nothing"],
)
def test_repair_changes_nothing_else(
    page: Page, assay: Assay, content: str, plan: dict[str, Any], repaired: str
) -> None:
    """Byte order mark, quotes and line ends stay."""
    assay.open(page)
    found, _ = page.evaluate(REPAIR, [address("repairing.js"), list(content.encode()), plan])
    assert repaired == bytes(found).decode()


def test_file_stays_in_its_encoding_or_gets_the_agreed_one(page: Page, assay: Assay) -> None:
    """A letter that the encoding lacks is refused."""
    assay.open(page)
    content = list("n\u00e4me,b\nx,1\n".encode("cp1252"))
    edited = {"encoding": "windows-1252", "edits": {"2:1": "\u20ac"}}
    found, _ = page.evaluate(REPAIR, [address("repairing.js"), content, edited])
    assert "n\u00e4me,b\n\u20ac,1\n" == bytes(found).decode("cp1252")
    recoded = {"encoding": "windows-1252", "newEncoding": "utf-8"}
    found, _ = page.evaluate(REPAIR, [address("repairing.js"), content, recoded])
    assert "n\u00e4me,b\nx,1\n" == bytes(found).decode()


def test_records_are_found_across_blocks(page: Page, assay: Assay) -> None:
    """A block has 1 MiB, and may end in a record, in a quote, or between CR and LF."""
    assay.open(page)
    script = """async (address) => {
        const { repair } = await import(address);
        const line = (at) => `${at},"${"x".repeat(at % 97)}\\n""${at}",1\\r\\n`;
        const text = Array.from({ length: 40_000 }, (_, at) => line(at)).join("");
        const edits = { "40000:3": "2" };
        const plan = { delimiter: ",", quote: '"', encoding: "utf-8", repairs: [], drops: [], edits };
        const { blob, counts } = await repair(new Blob([text]), plan);
        return [text.length > 2 ** 20, await blob.text() === text.slice(0, -3) + "2\\r\\n", counts];
    }"""
    assert [True, True, {"edits": 1}] == page.evaluate(script, address("repairing.js"))
