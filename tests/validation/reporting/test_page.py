"""The page of a report: for people, and harmless whatever is in the file."""

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from chalicelib.validation import ValidationReport, validate
from chalicelib.validation.report import ErrorCode, Fault
from chalicelib.validation.reporting import page
from chalicelib.validation.reporting.advice import ADVICE
from chalicelib.validation.reporting.files.template import XLSX
from chalicelib.validation.reporting.markup import as_html, as_html_lines
from chalicelib.validation.reporting.report import FullReport
from chalicelib.validation.reporting.schema_agreement import agreement_of
from chalicelib.validation.reporting.summary import MAX_SHOWN
from chalicelib.validation.reporting.wording import column_letters
from tests.validation.reporting.test_report import INTEGERS, SUBJECT, written

ARCHITECTURE = Path(__file__).parents[3] / "docs" / "architecture.md"
HOSTILE = "</style></script><script>alert(1)</script><img src=x onerror='alert(1)'>\"&"
FORBIDDEN_ATTRIBUTES = re.compile("on.*|style|src|href|srcdoc|action")
AGREED = agreement_of("orders", {**INTEGERS, "title": "Orders"})


class Reader(HTMLParser):
    """Reads a page as a browser would: its elements, and its text."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.words.append(data)

    def count(self, tag: str) -> int:
        """Count elements."""
        return sum(each == tag for each, _ in self.elements)


def page_of(data: bytes, name: str = "a.csv", schema: Mapping[str, Any] = INTEGERS) -> str:
    """Return the page of a file."""
    full = FullReport(lambda _: None)
    return full.finish(validate([data], schema, sink=full), evolve(SUBJECT, name=name)).page.decode()


@pytest.mark.parametrize(
    "data",
    [
        f'a,b\n1,"{HOSTILE.replace(chr(34), chr(34) * 2)}"\n'.encode(),
        f"a,b\n1,{HOSTILE}\n".encode(),
        f'a,"{HOSTILE.replace(chr(34), chr(34) * 2)}"\n1,2\n'.encode(),
        f'a,b\n1,"{HOSTILE}'.encode(),
    ],
)
def test_nothing_of_the_file_is_markup(data: bytes) -> None:
    """In cells, labels, unreadable records, and the file's name."""
    text = page_of(data, HOSTILE)
    read = Reader(text)
    assert (2, 1, 0) == (read.count("script"), read.count("style"), read.count("img"))
    assert "alert(1)" in "".join(read.words)
    assert [] == [
        name for _, attributes in read.elements for name in attributes if FORBIDDEN_ATTRIBUTES.fullmatch(name)
    ]


def test_policy_allows_only_the_pages_own_style_and_script() -> None:
    """By their digests, so that no injected code runs."""
    text = page_of(b"a,b\n1,x\n")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert f"{tag}-src 'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_page_loads_nothing() -> None:
    """A request to another server would disclose that the page was opened."""
    text = page_of(b"a,b\n1,x\n")
    assert [] == re.findall(r"https?:|url\(|@import|//[a-z]", text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#x27;"),
        ("a b", "a b"),
        (" a", "<i>SPACE</i>a"),
        ("a   ", "a<i>3 SPACES</i>"),
        ("a\0\t\r\n", "a<i>NUL</i><i>TAB</i><i>CR</i><i>LF</i>"),
        ("\u202egnp.exe", "<i>U+202E</i>gnp.exe"),
        ("\u2066\ufeff\u200b", "<i>U+2066</i><i>U+FEFF</i><i>U+200B</i>"),
        ("1\xa0000", "1<i>NBSP</i>000"),
        ("\x85\x7f\u2028", "<i>U+0085</i><i>DEL</i><i>U+2028</i>"),
        ("Zażółć 山田 مرحبا 🧊", "Zażółć 山田 مرحبا 🧊"),
    ],
)
def test_invisible_characters_are_named(text: str, html: str) -> None:
    """Also those that change the direction of the text; letters stay as they are."""
    assert html == as_html(text)


def test_unreadable_record_keeps_its_lines() -> None:
    """The line breaks are named, too."""
    assert as_html_lines("a\r\nb") == "a<i>CR</i><i>LF</i>\nb"


def test_page_names_file_schema_time_rows_and_errors() -> None:
    """In the heading of the page."""
    words = " ".join(Reader(page_of(b"a,b\n1,x\n2,y\nz,3\n")).words)
    for word in ("a.csv", "default", "25 November 2026, 09:05 UTC", "3 errors", "in 3 rows"):
        assert word in words


def test_page_names_what_was_not_checked() -> None:
    """One sentence for each rule of the schema that could not be checked."""
    report = ValidationReport(error_count=0, errors=(), row_count=1, unchecked=("the key of <b>",))
    assert "Not checked: the key of &lt;b&gt;" in FullReport(lambda _: None).finish(report, SUBJECT).page.decode()


def test_columns_in_another_order_are_one_cause_of_the_file() -> None:
    """It names no column, and as the only cause has no share."""
    text = page_of(b"b,a\n1,2\n")
    (section,) = re.findall("<section aria-labelledby=what>.*?</section>", text, re.DOTALL)
    assert ["The columns are not in the agreed order."] == Reader(re.findall("<h3>.*?</h3>", section)[0]).words
    assert "of all errors" not in section


def test_causes_come_first_with_their_share_of_all_errors() -> None:
    """One for each column and code, the most frequent first, in words and without the code."""
    text = page_of(b"a,b\n1,x\n2,y\nz,3\n4\n")
    (section,) = re.findall("<section aria-labelledby=what>.*?</section>", text, re.DOTALL)
    headings = ["".join(Reader(heading).words) for heading in re.findall("<h3>.*?</h3>", section)]
    assert headings == [
        "b: 2 values are not in the agreed form.",
        "a: 1 value is not in the agreed form.",
        "b: 1 row ends too early.",
    ]
    shares = re.findall(r"<p class=share data-share=[\d.]+>(.*?)</p>", section)
    assert [f"{each}% of all errors" for each in (50, 25, 25)] == shares
    assert ["x", "z"] == re.findall("<code class=before>(.*?)</code>", section)
    assert "type-error" not in "".join(Reader(section).words)


def test_cause_shows_what_its_rule_writes() -> None:
    """Of the first error that has a suggestion, and in how many cells the rule is of use."""
    schema = {"fields": [{"name": "a", "type": "number"}, {"name": "b"}]}
    text = page_of(b'a,b\nx,1\n"1.299,00",2\n"3,5",3\n', schema=schema)
    (section,) = re.findall("<section aria-labelledby=what>.*?</section>", text, re.DOTALL)
    assert "Row 3, A 1.299,00 → 1299.00 write a point before the decimals, 2 cells in all" in "".join(
        Reader(section).words
    )


BY_PAGE = "see \u201cRepair the file here\u201d there."
BY_COMMAND = "The command \u201cassay repair\u201d does it, too."


@pytest.mark.parametrize(
    ("data", "ways"),
    [
        (b'a,b\n"1,5",1\n"3,25",1\n', [f"can do that for you: {BY_PAGE} {BY_COMMAND}"]),
        (b'a,b\n"1,234",1\n', [f"can do that for you, once you choose what is meant: {BY_PAGE} {BY_COMMAND}"]),
        (b"a;b\n1;2\n", [f"can correct that for you: {BY_PAGE} {BY_COMMAND}"]),
        (b"b,a\n1,2\n", [f"can correct that for you: {BY_PAGE} {BY_COMMAND}"]),
        (b"a,b\n1,2\n\n", [f"can correct that for you: {BY_PAGE} {BY_COMMAND}"]),
        (b"PK\x03\x04 xl/workbook.xml", [f"can correct that for you: {BY_PAGE}"]),
        (b"a,b\n7,1\n7,2\n", [f"can delete the rows that repeat an earlier one: {BY_PAGE}"]),
        (b"PK\x03\x04", []),
        (b"a,c\n1,2\n", []),
        (b"a,b\nx,1\n", []),
    ],
    ids=["rule", "choice", "delimiter", "order", "blank row", "workbook", "key", "zip", "label", "text"],
)
def test_what_to_do_begins_with_what_a_rule_can_do(data: bytes, ways: list[str]) -> None:
    """What is to be done by hand comes after it, or alone if there is no rule."""
    full = FullReport(lambda _: None)
    full.reread = lambda: [data]
    schema = {"fields": [{"name": "a", "type": "number"}, {"name": "b"}], "uniqueKeys": [["a"]]}
    text = full.finish(validate([data], schema, sink=full), SUBJECT).page.decode()
    (section,) = re.findall("<section aria-labelledby=what>.*?</section>", text, re.DOTALL)
    shown = "".join(Reader(section).words)
    assert ways == re.findall(r"The page of the upload (.*?)By hand: ", shown)
    assert bool(ways) == ("The page of the upload" in shown)


def test_error_of_a_key_names_its_value_and_its_rows() -> None:
    """The first of them, too, with the rows before and after the one in error."""
    data = b"a,b\n1,1\n2,2\n1,3\n"
    full = FullReport(lambda _: None)
    full.reread = lambda: [data]
    text = full.finish(validate([data], {**INTEGERS, "uniqueKeys": [["a"]]}, sink=full), SUBJECT).page.decode()
    assert "Row 4, A 1 Row 2 has this value first." in "".join(Reader(text).words)
    (entry,) = re.findall("<li data-k.*?</li>", text, re.DOTALL)
    key, around = entry.split("<details class=around>")
    assert "Valuea: 1First row with it2All rows with it2, 4" in "".join(Reader(key).words)
    assert ["3", "4"] == re.findall("<th scope=row>(.*?)</th>", around)


def test_codes_are_in_a_closed_section_for_engineers() -> None:
    """With the exact count of each column and code."""
    (section,) = re.findall("<details>.*?</details>", page_of(b"a,b\n1,x\n2,y\nz,3\n4\n"), re.DOTALL)
    assert [("type-error", "b", "2"), ("type-error", "a", "1"), ("missing-cell", "b", "1")] == re.findall(
        "<code>(.*?)</code></td><td>(.*?)</td><td>(.*?)</td>", section
    )


def test_report_has_what_was_agreed_with_templates() -> None:
    """As a table, with an example that passes; a workbook in each language, as an invalid file needs it."""
    full = FullReport(lambda _: None)
    report = validate([b"a,b\n1,x\n"], INTEGERS, sink=full)
    text = full.finish(report, evolve(SUBJECT, agreement=AGREED)).page.decode()
    (table,) = re.findall("<table class=agreed>.*?</table>", text, re.DOTALL)
    examples = ["Examples that pass", "42", ", ", "1", ", ", "0"]
    assert ["a", "a whole number", *examples, "Required", "no", "Allowed values"] == [
        word for word in Reader(re.findall("<tbody><tr>(.*?)</tr>", table)[0]).words if word.strip()
    ]
    (template,) = re.findall("<a download='orders.csv' href='data:text/csv;base64,(.*?)'>", text)
    assert b"a,b\r\n" == b64decode(template)
    workbook = f"<a data-l=(..)( hidden)? download='orders.xlsx' href='data:{XLSX};base64,(.*?)'>"
    found = re.findall(workbook, text)
    assert [("en", ""), ("de", " hidden")] == [(language, hidden) for language, hidden, _ in found]
    assert {b"PK"} == {b64decode(content)[:2] for _, _, content in found}
    valid = validate([b"a,b\n1,1\n"], INTEGERS)
    assert "xlsx" not in full.finish(valid, evolve(SUBJECT, agreement=AGREED)).page.decode().partition("<script")[0]
    assert "<code class=after>42</code>" in text


@pytest.mark.parametrize(("delimiter", "template"), [(";", b'a;"b"""\r\n'), ("||", b'"a"||"b"""\r\n')])
def test_template_is_written_with_the_agreed_delimiter(delimiter: str, template: bytes) -> None:
    """Also with one of several characters, which Python's csv does not know."""
    schema = {"fields": [{"name": "a"}, {"name": 'b"'}], "dialect": {"delimiter": delimiter}}
    assert template == agreement_of("orders", schema).template()


def test_only_cells_with_errors_are_marked() -> None:
    """Missing cells are marked as missing."""
    text = page_of(b"a,b\n1,x\n2\n")
    assert ["x", "<em data-t=report.missing>missing</em>"] == re.findall(r"<mark>(.*?)</mark>", text)


def test_columns_have_the_letters_of_a_spreadsheet() -> None:
    """Beside their names, at the error and at each cell, since people look them up in a spreadsheet."""
    text = page_of(b"a,b\n1,x\n2,3,4\n")
    assert ["column B", "column C"] == re.findall(r">(column .*?)</small>", text)
    assert ["<small>A</small> <bdi>a</bdi>", "<small>B</small> <bdi>b</bdi>"] == re.findall(
        r"<dt>(<small>.*?)<dd>", text
    )[:2]
    assert "<dt><small>C</small><dd><mark>4</mark>" in text


@pytest.mark.parametrize(
    ("field", "name"),
    [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (53, "BA"), (702, "ZZ"), (703, "AAA"), (16_384, "XFD")],
)
def test_letters_continue_as_in_a_spreadsheet(field: int, name: str) -> None:
    """After Z comes AA; XFD is the last column of a spreadsheet."""
    assert name == column_letters(field)


def test_omitted_cells_are_indicated() -> None:
    """Between the cells that are shown, and after the last one, where the record would otherwise seem to end."""
    fields = [{"name": f"c{at}", "type": "integer"} for at in range(1, 31)]
    header = ",".join(f"c{at}" for at in range(1, 31))
    rows = [",".join("x" if at == wrong else "1" for at in range(1, 31)) for wrong in (1, 15, 30)]
    _, _, text = written("\n".join([header, *rows]).encode(), {"fields": fields})
    shown_cells = [re.findall("<dt>(?:<small>)?([A-Z]+|…)", it) for it in re.findall("<dl>(.*?)</dl>", text)]
    assert [["A", "B", "…"], ["A", "…", "N", "O", "P", "…"], ["A", "…", "AC", "AD"]] == shown_cells


def test_error_of_the_file_as_a_whole_names_no_column() -> None:
    """The column `file` is not shown."""
    entry = re.findall(r"<li data-k.*?</li>", page_of(b"PK\x03\x04"))[0]
    assert ["The file", "the file looks like a zip archive; save it as CSV"] == Reader(entry).words


def test_errors_are_grouped_by_record_in_the_order_of_the_file() -> None:
    """Also errors of keys, which are found last."""
    schema = {**INTEGERS, "uniqueKeys": [["a"]]}
    _, _, text = written(b"a,b\n1,1\n1,2\nx,y\n", schema)
    assert ["Row 3", "Row 4"] == re.findall(r"<li data-k[^>]*><h3><span [^>]*>(.*?)</span></h3>", text)
    assert text.count("<li ") == 2


def test_valid_file_has_a_short_page() -> None:
    """It states that nothing is wrong."""
    read = Reader(page_of(b"a,b\n1,2\n"))
    assert "Valid: nothing is wrong in 1 row." in "".join(read.words)
    assert (0, 0) == (read.count("form"), read.count("li"))


def test_tolerated_errors_are_listed() -> None:
    """The file is valid, and the page says how many rows are rejected."""
    text = page_of(b"a,b\n1,2\nx,y\n", schema={**INTEGERS, "assay": {"tolerance": {"rows": 1}}})
    assert "Valid: 1 of 2 rows rejected, which is tolerated." in text
    assert "expected an integer" in text
    assert "tolerated" not in page_of(b"a,b\n1,2\n", schema={**INTEGERS, "assay": {"tolerance": {"rows": 1}}})


@pytest.mark.parametrize(("rows", "shown_rows"), [(9, 9), (10, 10), (11, 10)])
def test_page_is_limited_to_a_number_of_errors(monkeypatch: pytest.MonkeyPatch, rows: int, shown_rows: int) -> None:
    """It states how many of how many errors it shows, and where to find more."""
    monkeypatch.setattr(page, "MAX_ERRORS", 10)
    text = page_of(b"a,b\n" + b"x,1\n" * rows)
    assert shown_rows == text.count("<li ")
    assert (rows > shown_rows) == ("These are the first 10 of 11 errors" in text)
    assert (rows > shown_rows) == ("errors.jsonl beside this page has the first 11" in text)


def test_page_is_limited_to_a_number_of_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regardless of the length of the cells."""
    monkeypatch.setattr(page, "MAX_CHARACTERS", 50_000)
    text = page_of(b"a,b\n" + b"x" * 200 + b",1\n" + (b"x" * 200 + b",1\n") * 5000)
    assert len(text) < 50_000 + 60_000
    assert "of 5,001 errors" in text


def test_one_record_with_many_errors_is_bounded() -> None:
    """A row with 50,000 extra cells is one record."""
    text = page_of(b"a,b\n1,2" + b"," * 50_000 + b"\n")
    assert len(text) < 3_000_000
    assert "of 50,000 errors" in text


def test_every_code_has_its_advice() -> None:
    """All codes in the documentation's table."""
    rows = re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| [^|]+ \|$", ARCHITECTURE.read_text(), re.MULTILINE)
    codes = {code for row in rows for code in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", row)}
    assert codes >= {"type-error", "oversized-record"}
    assert codes == set(ADVICE)


def test_page_is_limited_to_the_causes_with_the_most_errors() -> None:
    """The others are counted."""
    counts: dict[tuple[str | None, str], int] = {(f"c{at}", "type-error"): at for at in range(1, 101)}
    fault = Fault(ErrorCode.TYPE_ERROR, "no")
    errors = tuple(fault.at(row=2, line=2, field=at, column=f"c{at}") for at in range(1, 101))
    report = ValidationReport(error_count=5050, errors=errors, row_count=100, counts=counts)
    text = FullReport(lambda _: None).finish(report, SUBJECT).page.decode()
    assert text.count("<p class=share ") == MAX_SHOWN
    assert f"{100 - MAX_SHOWN} more causes" in text
