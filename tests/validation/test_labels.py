"""The header: whether its labels name the columns that the schema has."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from chalicelib.validation import validate
from tests.validation.verdicts import Place, found, schema_of

SCHEMA = schema_of({}, {}, {})
ANY_CASE = {"headerCase": False}


@pytest.mark.parametrize(
    ("header", "errors"),
    [
        ("a,b,c", []),
        ('"a","b","c"', []),
        ("a,b,x", [(1, 1, 3, "c", "incorrect-label")]),
        ("a,c,b", [(1, 1, 2, "b", "incorrect-label"), (1, 1, 3, "c", "incorrect-label")]),
        ("A,b,c", [(1, 1, 1, "a", "incorrect-label")]),
        (" a,b,c", [(1, 1, 1, "a", "incorrect-label")]),
        ("a,,c", [(1, 1, 2, "b", "blank-label")]),
        ('a,"",c', [(1, 1, 2, "b", "blank-label")]),
        ("a,a,c", [(1, 1, 2, "b", "duplicate-label")]),
        ("a,b", [(1, 1, 3, "c", "missing-label")]),
        ("a", [(1, 1, 2, "b", "missing-label"), (1, 1, 3, "c", "missing-label")]),
        ("a,b,c,d", [(1, 1, 4, None, "extra-label")]),
        ("a,b,c,d,", [(1, 1, 4, None, "extra-label"), (1, 1, 5, None, "extra-label")]),
        ("", [(1, 1, 1, "a", "blank-label"), (1, 1, 2, "b", "missing-label"), (1, 1, 3, "c", "missing-label")]),
        (",,", [(1, 1, 1, "a", "blank-label"), (1, 1, 2, "b", "blank-label"), (1, 1, 3, "c", "blank-label")]),
        ('a,b"b,c', [(1, 1, 2, "b", "quote-error")]),
        ('a,"b"b,c', [(1, 1, 2, "b", "quote-error")]),
        ("a,b\0,c", [(1, 1, 2, "b", "encoding-error")]),
        ("a;b;c", [(1, 1, 1, "a", "incorrect-label"), *((1, 1, n, "abc"[n - 1], "missing-label") for n in (2, 3))]),
    ],
)
def test_labels_are_those_of_the_schema_in_its_order(header: str, errors: Sequence[Place]) -> None:
    """One error a column, with the name that the schema has for it."""
    assert list(errors) == found(header + "\n", SCHEMA)


@pytest.mark.parametrize(
    ("header", "errors"),
    [
        ("a,b,c", []),
        ("a, a,A", []),
        ("a,,c", [(1, 1, 2, None, "blank-label")]),
        ("", [(1, 1, 1, None, "blank-label")]),
        (",", [(1, 1, 1, None, "blank-label"), (1, 1, 2, None, "blank-label")]),
        ("a,b,a,a", [(1, 1, 3, "a", "duplicate-label"), (1, 1, 4, "a", "duplicate-label")]),
        ('a,b"', [(1, 1, 2, None, "quote-error")]),
    ],
)
def test_without_a_schema_labels_are_there_and_different(header: str, errors: Sequence[Place]) -> None:
    """Structure alone wants a name for each column."""
    assert list(errors) == found(header + "\n")


@pytest.mark.parametrize(
    ("dialect", "header", "errors"),
    [
        (ANY_CASE, "A,b,C", []),
        (ANY_CASE, "A,x,C", [(1, 1, 2, "b", "incorrect-label")]),
        ({"headerCase": True}, "A,b,c", [(1, 1, 1, "a", "incorrect-label")]),
        ({}, "A,b,c", [(1, 1, 1, "a", "incorrect-label")]),
    ],
)
def test_labels_are_compared_without_case_if_the_dialect_says_so(
    dialect: Mapping[str, Any], header: str, errors: Sequence[Place]
) -> None:
    """HeaderCase false: any case will do."""
    assert list(errors) == found(header + "\n", SCHEMA, dialect=dialect)


def test_case_beyond_ascii_is_folded() -> None:
    """STRASSE is Straße written in capitals."""
    schema = {"fields": [{"name": "Straße"}, {"name": "ΟΔΌΣ"}]}
    assert [] == found("STRASSE,οδός\n", schema, dialect=ANY_CASE)


def test_bad_utf_8_in_a_label_is_an_error_of_that_label() -> None:
    """The other labels are compared all the same."""
    expected = [(1, 1, 2, "b", "encoding-error"), (1, 1, 3, "c", "incorrect-label")]
    assert expected == found(b"a,\xff,x\n", SCHEMA)


def test_messages_name_the_label_that_was_expected() -> None:
    """Whoever repairs the header learns what belongs there."""
    report = validate([b"x,,a,a\n"], schema_of({}, {}, {}, {}, {}))
    assert [
        "expected the label a",
        "the label is empty: every column needs a name",
        "expected the label c",
        "an earlier column has the same label",
        "the header ends before this column; expected the label e",
    ] == [error.message for error in report.errors]
    extra = validate([b"a,b\n"], schema_of({}))
    assert ["the schema has no such column"] == [error.message for error in extra.errors]


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b""])
def test_bom_is_no_part_of_the_first_label(start: bytes) -> None:
    """Excel writes one."""
    assert [] == found(start + b'"a",b,c\n', SCHEMA)


def test_a_header_over_several_lines_moves_the_rows_below() -> None:
    """Row 2 starts on the line after the header's last."""
    schema = {"fields": [{"name": "a\nb"}, {"name": "c", "type": "integer"}]}
    assert [(2, 3, 2, "c", "type-error")] == found('"a\nb",c\n1,x\n', schema)
