"""The page finds records in the local file without reading all of it."""

from typing import Any

import pytest
from playwright.sync_api import Page

from chalicelib import web as live_page
from tests.web.assay import ORIGIN, STAGE, Assay

MODULE = f"{STAGE}/page/{live_page.version()}/local_file.js"
FIND = """async ([module, parts, dialect, lines]) => {
    const { LocalFile } = await import(module);
    const blob = new Blob(parts.map(([text, times]) => text.repeat(times)));
    const read = [];
    const file = new LocalFile(blob, dialect);
    const slice = blob.slice.bind(blob);
    blob.slice = (start, end) => { read.push(Math.min(end, blob.size) - start); return slice(start, end); };
    const records = [];
    for (const line of lines) records.push(await file.record(line));
    return { records, longest: Math.max(...read), total: read.reduce((sum, size) => sum + size, 0) };
}"""


def page_script(page: Page, assay: Assay, body: str, given: object) -> Any:
    """Run JavaScript in the page with LocalFile in scope."""
    assay.open(page)
    script = f"async ([module, given]) => {{ const {{ LocalFile }} = await import(module); {body} }}"
    return page.evaluate(script, [f"{ORIGIN}{MODULE}", given])


def find(page: Page, assay: Assay, parts: list[tuple[str, int]], lines: list[int], **dialect: Any) -> dict[str, Any]:
    """Find the records that start on these lines, in a file of repeated texts."""
    assay.open(page)
    found: dict[str, Any] = page.evaluate(FIND, [f"{ORIGIN}{MODULE}", parts, dialect, lines])
    return found


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_lines_are_counted_as_by_the_validator(page: Page, assay: Assay, end: str) -> None:
    """Physical lines with any line end, and those inside quotes."""
    text = end.join(["id,name", '1,"A', 'da"', "2,Grace", ""])
    assert [["id", "name"], ["1", f"A{end}da"], ["2", "Grace"], None] == find(page, assay, [(text, 1)], [1, 2, 4, 6])[
        "records"
    ]


def test_records_before_and_after_are_found(page: Page, assay: Assay) -> None:
    """Also if they span lines; the header is not one of them, and a file ends."""
    body = """const file = new LocalFile(new Blob([given]), {});
        return [await file.neighbours(2), await file.neighbours(4), await file.neighbours(5)];"""
    found = page_script(page, assay, body, 'id,name\n1,"A\nda"\n2,Bo\n3,C\n')
    first, second, third = {"cells": ["1", "A\nda"]}, {"cells": ["2", "Bo"]}, {"cells": ["3", "C"]}
    assert [
        [second | {"offset": 1}],
        [first | {"offset": -1}, third | {"offset": 1}],
        [second | {"offset": -1}],
    ] == found


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ('a,"b ""c""",d', ["a", 'b "c"', "d"]),
        ('a,"b"x,d', ["a", '"b"x', "d"]),
        ('a,b"c,d', ["a", 'b"c', "d"]),
        ('a,"never closed', ["a", '"never closed']),
        ("a,,", ["a", "", ""]),
        ("", None),
    ],
)
def test_broken_quotes_are_split_as_by_the_validator(
    page: Page, assay: Assay, text: str, cells: list[str] | None
) -> None:
    """A broken quote ends at the next delimiter or line break."""
    assert [cells] == find(page, assay, [(f"h\n{text}", 1)], [2], delimiter=",")["records"]


def test_delimiter_is_declared_or_guessed_from_the_header(page: Page, assay: Assay) -> None:
    """Undeclared, it is the most frequent candidate of the first line."""
    assert [["1,5", "b"]] == find(page, assay, [("x;y\n1,5;b\n", 1)], [2])["records"]
    assert [["1;5", "b"]] == find(page, assay, [("x;y\n1;5|b\n", 1)], [2], delimiter="|")["records"]
    assert [["'a", "b'"]] == find(page, assay, [("x,y\n'a,b'\n", 1)], [2])["records"]
    assert [["a,b"]] == find(page, assay, [("x,y\n'a,b'\n", 1)], [2], quoteChar="'")["records"]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_large_file_is_read_in_slices(page: Page, assay: Assay, end: str) -> None:
    """Each line is counted once, also where a slice ends inside a line break."""
    lines = 600_001
    found = find(
        page, assay, [(f"id,name{end}", 1), (f"1,Ada Lovelace{end}", 600_000), ("last,one", 1)], [lines + 1, 3, lines]
    )
    assert [["last", "one"], ["1", "Ada Lovelace"], ["1", "Ada Lovelace"]] == found["records"]
    assert found["longest"] <= 1 << 20
    assert found["total"] < len(f"1,Ada Lovelace{end}") * 600_000 + 10 * (1 << 20)


def test_record_is_read_up_to_its_limit(page: Page, assay: Assay) -> None:
    """The validator's limit is 4 MiB."""
    (cells,) = find(page, assay, [("id\n", 1), ('"', 1), ("x", 300_000), ('"\nnext\n', 1)], [2])["records"]
    assert [300_000] == [len(cell) for cell in cells]
    found = find(page, assay, [("id\n", 1), ('"', 1), ("x\n", 4_000_000)], [2])
    assert 4 << 20 == found["longest"]


@pytest.mark.parametrize(
    "encoding",
    [
        *("utf-8", "utf8", "utf-8-sig", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be"),
        *("latin-1", "latin1", "iso-8859-1", "windows-1252", "cp1252", "LATIN_1", "UTF_8"),
    ],
)
def test_declared_encoding_is_used(page: Page, assay: Assay, encoding: str) -> None:
    """By all names that the validator accepts; UTF-16 is left to the validator."""
    text = "é" if encoding.lower().startswith(("latin", "iso", "windows", "cp")) else "e"
    found = page_script(
        page,
        assay,
        """const bytes = new Uint8Array([0x61, 0x0a, given.text === "e" ? 0x65 : 0xe9, 0x0a]);
        const file = new LocalFile(new Blob([bytes]), { encoding: given.encoding });
        return [file.obstacle, file.obstacle ? null : await file.record(2)];""",
        {"encoding": encoding, "text": text},
    )
    assert ["utf16", None] if "16" in encoding else [None, [text]] == found


@pytest.mark.parametrize(
    "dialect",
    [
        {"header": False},
        {"headerRows": [1, 2]},
        {"commentChar": "#"},
        {"commentRows": [2]},
        {"escapeChar": "\\"},
        {"doubleQuote": False},
        {"lineTerminator": "~"},
        {"skipInitialSpace": True},
        {"delimiter": "||"},
        {"quoteChar": "''"},
    ],
    ids=str,
)
def test_dialect_that_only_the_validator_reads_is_left_to_it(page: Page, assay: Assay, dialect: dict[str, Any]) -> None:
    """The record would be split in another way."""
    obstacle = "dialect"
    assert obstacle == page_script(page, assay, "return new LocalFile(new Blob(['a']), given).obstacle;", dialect)


def test_encoding_that_browsers_do_not_know_is_left_to_the_validator(page: Page, assay: Assay) -> None:
    """Python decodes more encodings than browsers do."""
    obstacle = "encoding"
    dialect = {"encoding": "cp437"}
    assert obstacle == page_script(page, assay, "return new LocalFile(new Blob(['a']), given).obstacle;", dialect)


def test_dialect_of_default_values_is_read(page: Page, assay: Assay) -> None:
    """Descriptors often spell defaults out."""
    dialect = {"header": True, "headerRows": [1], "doubleQuote": True, "lineTerminator": "\r\n", "delimiter": ";"}
    assert page_script(page, assay, "return new LocalFile(new Blob(['a']), given).obstacle;", dialect) is None
