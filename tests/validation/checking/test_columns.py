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
        ("a,c,b", [(1, 1, 2, "b", "incorrect-label")]),
        ("c,b,a", [(1, 1, 1, "a", "incorrect-label")]),
        ("c,x,a", [(1, 1, 1, "a", "incorrect-label"), (1, 1, 2, "b", "incorrect-label")]),
        ("x,a,b,c", [(1, 1, 1, "x", "extra-label")]),
        ("a,x,b,c", [(1, 1, 2, "x", "extra-label")]),
        ("a,c", [(1, 1, 2, "b", "missing-label")]),
        ("b,c", [(1, 1, 1, "a", "missing-label")]),
        ("x,c", [(1, 1, 1, "a", "incorrect-label"), (1, 1, 2, "b", "missing-label")]),
        ("A,b,c", [(1, 1, 1, "a", "incorrect-label")]),
        (" a,b,c", [(1, 1, 1, "a", "incorrect-label")]),
        ("a,,c", [(1, 1, 2, "b", "blank-label")]),
        ('a,"",c', [(1, 1, 2, "b", "blank-label")]),
        ("a,a,c", [(1, 1, 2, "b", "duplicate-label")]),
        ("a,b", [(1, 1, 3, "c", "missing-label")]),
        ("a", [(1, 1, 2, "b", "missing-label"), (1, 1, 3, "c", "missing-label")]),
        ("a,b,c,d", [(1, 1, 4, "d", "extra-label")]),
        ("a,b,c,d,", [(1, 1, 4, "d", "extra-label"), (1, 1, 5, None, "extra-label")]),
        ("", [(1, 1, 1, "a", "blank-label"), (1, 1, 2, "b", "missing-label"), (1, 1, 3, "c", "missing-label")]),
        (",,", [(1, 1, 1, "a", "blank-label"), (1, 1, 2, "b", "blank-label"), (1, 1, 3, "c", "blank-label")]),
        ('a,b"b,c', [(1, 1, 2, "b", "quote-error")]),
        ('a,"b"b,c', [(1, 1, 2, "b", "quote-error")]),
        ("a,b\0,c", [(1, 1, 2, "b", "encoding-error")]),
        ("a b c", [(1, 1, 1, "a", "incorrect-label"), *((1, 1, n, "abc"[n - 1], "missing-label") for n in (2, 3))]),
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
    """The message says which label belongs there."""
    report = validate([b"x,,a,a\n"], schema_of({}, {}, {}, {}, {}))
    assert [
        'expected the label "a"',
        "the label is empty: every column needs a name",
        'expected the label "c"',
        "an earlier column has the same label",
        'the header lacks the column "e"',
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


@pytest.mark.parametrize(
    ("match", "header", "errors"),
    [
        *((match, "a,b,c", []) for match in ("exact", "equal", "subset", "superset", "partial")),
        *((match, "c,a,b", []) for match in ("equal", "subset", "superset", "partial")),
        ("equal", "c,a", [(1, 1, 3, "b", "missing-label")]),
        ("equal", "a", [(1, 1, 2, "b", "missing-label"), (1, 1, 3, "c", "missing-label")]),
        ("equal", "c,x,a,b", [(1, 1, 2, "x", "extra-label")]),
        ("equal", "c,x,a", [(1, 1, 2, "x", "extra-label"), (1, 1, 4, "b", "missing-label")]),
        ("subset", "c,x,a,b,y", []),
        ("subset", "c,x,a", [(1, 1, 4, "b", "missing-label")]),
        ("superset", "c,a", []),
        ("superset", "b", []),
        ("superset", "c,x", [(1, 1, 2, "x", "extra-label")]),
        ("partial", "x,b,y", []),
        ("partial", "x,y", [(1, 1, None, None, "missing-label")]),
        *(
            (match, "b,a,b,c", [(1, 1, 3, "b", "duplicate-label")])
            for match in ("equal", "subset", "superset", "partial")
        ),
        *((match, "b,a,,c", [(1, 1, 3, None, "blank-label")]) for match in ("equal", "subset", "superset", "partial")),
        ("subset", "b,a,x,c,x", [(1, 1, 5, "x", "duplicate-label")]),
        ("equal", 'b,a",c', [(1, 1, 2, None, "quote-error"), (1, 1, 4, "a", "missing-label")]),
        ("partial", 'b,a",c', [(1, 1, 2, None, "quote-error")]),
        ("equal", "A,b,c", [(1, 1, 1, "A", "incorrect-label")]),
        ("subset", "A,x,b,c", [(1, 1, 1, "A", "incorrect-label")]),
        ("superset", "c ,b", [(1, 1, 1, "c ", "incorrect-label")]),
        ("partial", "A,b,c", []),
    ],
)
def test_columns_match_the_fields_as_declared(match: str, header: str, errors: Sequence[Place]) -> None:
    """Missing labels stand after the last one, in the schema's order."""
    assert list(errors) == found(header + "\n", {**SCHEMA, "fieldsMatch": match})
    assert list(errors) == found(header + "\n", {**SCHEMA, "fieldsMatch": [match]})


@pytest.mark.parametrize("match", ["equal", "subset", "superset", "partial"])
def test_names_are_matched_without_case_if_the_dialect_says_so(match: str) -> None:
    """Their order may differ, too."""
    schema = {"fields": [{"name": "a", "type": "integer"}, {"name": "b"}], "fieldsMatch": match}
    assert [] == found("B,A\nx,1\n", schema, dialect=ANY_CASE)
    assert [(2, 2, 2, "type-error")] == [(*each[:3], each[4]) for each in found("B,A\nx,y\n", schema, dialect=ANY_CASE)]


@pytest.mark.parametrize(
    ("match", "text", "errors"),
    [
        ("equal", "c,a,b\nz,x,1\nz,x,y\n", [(3, 3, 3, "b", "type-error")]),
        ("subset", "u,b,v,a,c\ny,1,,x,z\n1,y,2,x,z\n", [(3, 3, 2, "b", "type-error")]),
        ("superset", "b,a\n1,x\ny,x\n", [(3, 3, 1, "b", "type-error")]),
        ("partial", "u,b\ny,1\n1,y\n", [(3, 3, 2, "b", "type-error")]),
        (
            "equal",
            "c,a,b,b\nz,x,1,y\nz,x,y,1\n",
            [(1, 1, 4, "b", "duplicate-label"), (3, 3, 3, "b", "type-error")],
        ),
    ],
)
def test_cells_are_checked_as_the_fields_that_their_labels_name(match: str, text: str, errors: Sequence[Place]) -> None:
    """Cells of other columns are not checked."""
    schema = schema_of({}, {"type": "integer"}, {}, fieldsMatch=match)
    assert list(errors) == found(text, schema)


@pytest.mark.parametrize("match", ["equal", "subset", "superset", "partial"])
def test_a_row_has_a_cell_for_each_label_in_any_order(match: str) -> None:
    """The header decides which cells are missing or extra, and what they are called."""
    schema = schema_of({}, {"constraints": {"required": True}}, {}, fieldsMatch=match)
    expected = [
        (2, 2, 3, "b", "missing-cell"),
        (2, 2, 3, "b", "constraint-error"),
        (3, 3, 4, None, "extra-cell"),
        (4, 4, None, None, "blank-row"),
    ]
    assert expected == found("c,a,b\nz,x\nz,x,y,w\n\n", schema)


@pytest.mark.parametrize("match", ["superset", "partial"])
def test_what_is_required_cannot_be_left_out(match: str) -> None:
    """Neither a required field nor one of the primary key, whatever else may be missing."""
    schema = schema_of({"constraints": {"required": True}}, {}, {}, primaryKey=["c"], fieldsMatch=match)
    assert [(1, 1, 2, "a", "missing-label"), (1, 1, 3, "c", "missing-label")] == found("b\nx\n", schema)


def test_keys_follow_their_columns() -> None:
    """Wherever these are; a key is left out with one of its columns."""
    schema = schema_of(
        {},
        {"constraints": {"unique": True}},
        {},
        uniqueKeys=[["a", "c"]],
        fieldsMatch="partial",
        foreignKeys=[{"fields": "c", "reference": {"fields": "a"}}],
    )
    expected = [
        (2, 2, 4, "c", "foreign-key"),
        (3, 3, None, None, "unique-error"),
        (3, 3, 3, "b", "unique-error"),
        (3, 3, 4, "c", "foreign-key"),
    ]
    assert expected == found("a,x,b,c\np,,1,q\np,,1,q\n", schema)
    assert [(3, 3, 2, "b", "unique-error")] == found("a,b\np,1\np,1\n", schema)
    assert [] == found("a,x\np,1\np,1\n", schema)


def test_without_a_header_fields_go_by_position() -> None:
    """Whatever fieldsMatch says: there are no names to match."""
    schema = schema_of({"type": "integer"}, {}, fieldsMatch="partial")
    assert [(2, 2, 1, "a", "type-error")] == found("1,x\nx,1\n", schema, dialect={"header": False})


def test_extra_column_is_named_by_its_label() -> None:
    """The message does not repeat the label."""
    (error,) = validate([b"a,b,c,SECRET\n"], SCHEMA).errors
    assert "SECRET" == error.column
    assert "SECRET" not in error.message
