"""What may be declared about a file's form."""

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import Dialect
from tests.validation.verdicts import found, schema_of

SCHEMA = schema_of({}, {"type": "integer"})


def test_by_default_a_file_is_rfc_4180_with_a_header() -> None:
    """Nothing declared, nothing changed."""
    assert Dialect() == Dialect.from_descriptor(None)
    assert Dialect() == Dialect.from_descriptor({})
    assert Dialect() == Dialect.from_descriptor({"$schema": "x", "delimiter": None, "header": None})
    assert Dialect() == Dialect(delimiter=",", quote_char='"', header=True, header_case=True)


def test_a_descriptor_has_table_dialects_names() -> None:
    """CamelCase, as the specification writes them."""
    descriptor = {"delimiter": "|", "quoteChar": "'", "header": False, "headerCase": False}
    assert Dialect(delimiter="|", quote_char="'", header=False, header_case=False) == Dialect.from_descriptor(
        descriptor
    )


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf8", "Utf8"])
def test_utf_8_may_be_declared(encoding: str) -> None:
    """It is what is read anyway."""
    assert Dialect() == Dialect.from_descriptor({"encoding": encoding})


@pytest.mark.parametrize(
    ("descriptor", "message"),
    [
        ({"delimiter": ""}, "$dialect.delimiter: expected one character"),
        ({"delimiter": "||"}, "$dialect.delimiter: expected one character"),
        ({"delimiter": 7}, "$dialect.delimiter: expected a string"),
        ({"quoteChar": "''"}, "$dialect.quoteChar: expected one character"),
        ({"quoteChar": False}, "$dialect.quoteChar: expected a string"),
        ({"header": "no"}, "$dialect.header: expected true or false"),
        ({"headerCase": 0}, "$dialect.headerCase: expected true or false"),
        ({"encoding": 8}, "$dialect.encoding: expected a string"),
    ],
)
def test_a_broken_dialect_is_refused_with_the_path(descriptor: Mapping[str, Any], message: str) -> None:
    """A wrong dialect is no verdict on the file."""
    with pytest.raises(SchemaInvalid) as caught:
        Dialect.from_descriptor(descriptor)
    assert message == str(caught.value)


@pytest.mark.parametrize("name", ["delimeter", "escapeChar", "commentChar", "skipInitialSpace", "lineTerminator"])
def test_what_is_not_supported_is_refused_by_name(name: str) -> None:
    """A property that is passed over would make a wrong verdict."""
    with pytest.raises(SchemaInvalid) as caught:
        Dialect.from_descriptor({name: "x"})
    assert str(caught.value).startswith(f"$dialect.{name}: not a supported property of a dialect; supported are ")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "windows-1252", ""])
def test_other_encodings_are_refused(encoding: str) -> None:
    """Rather than read wrongly."""
    with pytest.raises(SchemaInvalid, match="only the encoding utf-8 is supported"):
        Dialect.from_descriptor({"encoding": encoding})


@pytest.mark.parametrize(
    "delimiter", [";", "\t", "|", ":", " ", "^", "]", "[", "-", "\\", ".", "*", "$", "\x1f", "'", "x"]
)
def test_any_ascii_character_may_delimit(delimiter: str) -> None:
    """None has a meaning of its own, and a comma is text then."""
    rows = ["a<b", "u,v<1", 'u"v<2', '"u<v"<3', '"u"v<4', "u<y", "u", "u<5<"]
    text = "\n".join(rows).replace("<", delimiter)
    assert [
        (3, 3, 1, "a", "quote-error"),
        (5, 5, 1, "a", "quote-error"),
        (6, 6, 2, "b", "type-error"),
        (7, 7, 2, "b", "missing-cell"),
        (8, 8, 3, None, "extra-cell"),
    ] == found(text, SCHEMA, dialect={"delimiter": delimiter})


@pytest.mark.parametrize("quote", ["'", "|", "^", "]", "\\", "-", "$", "*"])
def test_any_ascii_character_may_quote(quote: str) -> None:
    """A double quote is text then."""
    rows = ["a,b", 'u"v,1', "<u,v<,2", "<u<<v<,<3<", "u<v,4", "<u<v,5", "u,<x<", "<\n<,6", "u,<7"]
    text = "\n".join(rows).replace("<", quote)
    report = found(text, SCHEMA, dialect={"quoteChar": quote})
    assert [
        (5, 5, 1, "a", "quote-error"),
        (6, 6, 1, "a", "quote-error"),
        (7, 7, 2, "b", "type-error"),
    ] == report[:3]
    assert [(9, 10, 2, "quote-error")] == [(row, line, field, code) for row, line, field, _, code in report[3:]]
