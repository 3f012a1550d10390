"""The types, constraints and keys that are proposed for columns."""

from typing import Any

import pytest

from chalicelib.validation import validate
from chalicelib.validation.inference import infer, propose


def fields_of(text: str) -> dict[str, Any]:
    """Return the proposed fields by name; the file is valid by them."""
    schema = infer([text.encode()])
    assert validate([text.encode()], schema).valid
    return {field["name"]: field for field in schema["fields"]}


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2"], {"type": "integer", "format": "decimal"}),
        (["1", "2.50"], {"type": "number", "format": "decimal"}),
        (["1.5", "2e-5"], {"type": "number"}),
        (["12.50 €", "3.10 €"], {"type": "number", "bareNumber": False}),
        (["true", "true"], {"type": "boolean", "trueValues": ["true"], "falseValues": ["false"]}),
        (["Y", "N"], {"type": "boolean", "trueValues": ["Y"], "falseValues": ["N"]}),
        (["ja", "Nein"], {"type": "boolean", "trueValues": ["ja"], "falseValues": ["Nein"]}),
        (["2024-02-29", "1999-12-31"], {"type": "date"}),
        (["31.01.2024", "01.02.2024"], {"type": "date", "format": "%d.%m.%Y"}),
        (["01/31/2024", "01/02/2024"], {"type": "date", "format": "%m/%d/%Y"}),
        (["31/01/2024", "01/02/2024"], {"type": "date", "format": "%d/%m/%Y"}),
        (["20240131", "20240201"], {"type": "date", "format": "%Y%m%d"}),
        (["2024-02-29T12:30:00Z"], {"type": "datetime"}),
        (["2024-02-29 12:30:00"], {"type": "datetime", "format": "%Y-%m-%d %H:%M:%S"}),
        (["29.02.2024 12:30"], {"type": "datetime", "format": "%d.%m.%Y %H:%M"}),
        (["12:30:00"], {"type": "time"}),
        (["12:30"], {"type": "time", "format": "%H:%M"}),
        (["2024-02"], {"type": "yearmonth"}),
        (["ada@example.com"], {"type": "string", "format": "email"}),
        (['{"x":1}', '{"x":2}'], {"type": "object"}),
        (["1", "x"], {"type": "string"}),
        (["0", "1"], {"type": "integer", "format": "decimal"}),
    ],
)
def test_narrowest_type_that_fits_every_cell_is_proposed(cells: list[str], kind: dict[str, Any]) -> None:
    """One cell of another type makes the column wider."""
    assert kind.items() <= fields_of("\n".join(["a", *cells]) + "\n")["a"].items()


@pytest.mark.parametrize(
    "cells",
    [
        ["01234", "90210"],
        ["49018e16", "12345678"],
        ["+49123456", "+49123457"],
        ["01.10", "45.20"],
        ["12345678901234567890", "12345678901234567891"],
        ["20240001", "20240002", "x"],
    ],
)
def test_codes_of_digits_are_text(cells: list[str]) -> None:
    """As numbers, different codes could be equal."""
    field = fields_of("\n".join(["a", *cells]) + "\n")["a"]
    assert ("string", None) == (field["type"], field.get("format"))


def test_ambiguous_dates_are_text_and_noted() -> None:
    """Every date may have the day or the month first."""
    data = b"day\n01/02/2024\n03/04/2024\n"
    proposal = propose([data])
    assert "string" == proposal.schema["fields"][0]["type"]
    assert ("day: the dates may be %d/%m/%Y or %m/%d/%Y, so the column is text",) == proposal.notes


def test_decimal_comma_and_group_character_are_declared() -> None:
    """Where a comma is the delimiter, quoted commas group thousands."""
    german = fields_of("a;b\n1,5;1.234,50\n2;3,00\n")
    assert {"type": "number", "decimalChar": ","}.items() <= german["a"].items()
    assert {"type": "number", "decimalChar": ",", "groupChar": "."}.items() <= german["b"].items()
    assert {"type": "number", "groupChar": ","}.items() <= fields_of('a,b\n"1,234",1\n"12,345",2\n')["a"].items()


@pytest.mark.parametrize("missing", ["NA", "-", "NULL", "n/a", " "])
def test_missing_values_in_use_are_declared(missing: str) -> None:
    """A column that is a number without them is a number, and not required."""
    schema = infer([f"a,b\n1,x\n{missing},y\n".encode()])
    assert ["", missing] == schema["missingValues"]
    assert {"name": "a", "type": "integer", "format": "decimal"} == schema["fields"][0]


def test_texts_alone_declare_no_missing_values() -> None:
    """NA is also the code of Namibia."""
    assert "missingValues" not in infer([b"country\nDE\nNA\n"])


def test_column_without_gaps_is_required() -> None:
    """A column with gaps is not; a column without values is text."""
    fields = fields_of("full,gappy,empty\n1,1,\n2,,\n")
    assert {"required": True} == fields["full"]["constraints"]
    assert "constraints" not in fields["gappy"]
    assert {"name": "empty", "type": "string"} == fields["empty"]


def test_few_repeated_texts_are_an_enumeration() -> None:
    """Texts that hardly repeat are not."""
    fields = fields_of("status,name\n" + "".join(f"{('open', 'closed')[at % 2]},name {at}\n" for at in range(20)))
    assert {"required": True, "enum": ["closed", "open"]} == fields["status"]["constraints"]
    assert {"required": True} == fields["name"]["constraints"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("id,x\n1,5\n2,5\n", ["id"]),
        ("x,customerId\n5,a\n6,b\n", ["customerId"]),
        ("id,x\n1,5\n1,6\n", None),
        ("id,x\n1,5\n,6\n", None),
        ("name\nAda\nBob\n", None),
        ("n\n" + "".join(f"{at}\n" for at in range(20)), ["n"]),
    ],
)
def test_unique_and_complete_column_is_the_primary_key(text: str, key: list[str] | None) -> None:
    """If its label names a key, or if it is the first column of many rows."""
    assert key == infer([text.encode()]).get("primaryKey")


def test_rows_beyond_the_sample_widen_the_proposal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Types are inferred from the first rows and verified against all of them."""
    monkeypatch.setattr("chalicelib.validation.inference.proposal.SAMPLE_ROWS", 2)
    data = b"id,n,s,day\n1,1,a,2024-01-01\n2,2,b,2024-01-02\n2,2.5,,x\n,,c,\n"
    schema = infer([data])
    assert ["integer", "number", "string", "string"] == [field["type"] for field in schema["fields"]]
    assert "primaryKey" not in schema
    assert validate([data], schema).valid
