"""The workbook to fill in."""

import re
from io import BytesIO
from zipfile import ZipFile

import pytest

from chalicelib.validation.reporting.files.template import template_workbook
from chalicelib.validation.reporting.schema_agreement import agreement_of

DESCRIPTOR = {
    "fields": [
        {"name": "=id", "type": "integer", "constraints": {"required": True, "unique": True, "minimum": 1}},
        {"name": "when", "title": "The day", "type": "date", "format": "%d.%m.%Y"},
        {"name": "colour", "type": "string", "constraints": {"enum": ["red", "green"]}},
    ]
}


def parts(language: str) -> tuple[str, list[str]]:
    """Write a template, and return its sheet and its comments."""
    book = ZipFile(BytesIO(template_workbook(agreement_of("orders", DESCRIPTOR), language)))
    assert [name for name in book.namelist() if "worksheets/sheet" in name] == ["xl/worksheets/sheet1.xml"]
    texts = re.findall("<comment .*?</comment>", book.read("xl/comments1.xml").decode(), re.DOTALL)
    comments = ["".join(re.findall("<t>(.*?)</t>", text, re.DOTALL)) for text in texts]
    return book.read("xl/worksheets/sheet1.xml").decode() + book.read("xl/sharedStrings.xml").decode(), comments


@pytest.mark.parametrize(
    ("language", "first", "second", "third"),
    [
        (
            "en",
            ["a whole number", "1 or more", "No value occurs twice.", "Required: yes"],
            ["The day", "a date, written as DD.MM.YYYY", "Required: no"],
            ["Allowed values: red, green"],
        ),
        (
            "de",
            ["eine ganze Zahl", "Pflicht: ja"],
            ["The day", "ein Datum, geschrieben als TT.MM.JJJJ", "Pflicht: nein"],
            ["Erlaubte Werte: red, green"],
        ),
    ],
)
def test_template_has_the_labels_and_what_they_hold(
    language: str, first: list[str], second: list[str], third: list[str]
) -> None:
    """One row on one sheet, of texts, and a comment at each label."""
    sheet, comments = parts(language)
    assert ["=id", "when", "colour"] == re.findall("<t>(.*?)</t>", sheet)
    assert "<f>" not in sheet
    for expected, comment in zip((first, second, third), comments, strict=True):
        assert set(expected) <= set(comment.splitlines())


def test_template_has_the_same_bytes_every_time() -> None:
    """A browser that has it need not load it again."""
    agreement = agreement_of("orders", DESCRIPTOR)
    assert template_workbook(agreement, "en") == template_workbook(agreement, "en")
