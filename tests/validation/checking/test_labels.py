"""Labels that differ from the schema's names by one mistake."""

import pytest

from chalicelib.validation import validate
from tests.validation.verdicts import found, schema_of

SCHEMA = schema_of({"name": "id", "type": "integer"}, {"name": "full name"}, {"name": "amount", "type": "number"})


@pytest.mark.parametrize(
    ("label", "difference"),
    [
        ("Amount", "case"),
        ("amount ", "white space"),
        (" Amount", "case and white space"),
        ("amount\u200b", "an invisible character (U+200B, Zero Width Space)"),
        ("\ufeffamount", "an invisible character (U+FEFF, Zero Width No-Break Space)"),
        ("amount\u00a0", "an invisible character (U+00A0, No-Break Space)"),
        ("ＡＭＯＵＮＴ", "the form of letters"),  # noqa: RUF001 - full-width letters
    ],
)
@pytest.mark.parametrize("match", ["exact", "equal"])
def test_label_that_differs_by_what_readers_overlook_is_one_error(label: str, difference: str, match: str) -> None:
    """The message shows both labels and names the difference. The column is checked as that of the field."""
    report = validate([f"id,full name,{label}\n1,x,y\n".encode()], {**SCHEMA, "fieldsMatch": match})
    message = f'expected the label "amount", found "{label}": it differs by {difference} only'
    assert [(1, 3, "incorrect-label"), (2, 3, "type-error")] == [(it.row, it.field, it.code) for it in report.errors]
    assert message == report.errors[0].message


def test_other_label_is_shown_beside_the_expected_one() -> None:
    """A larger difference is not described."""
    (error,) = validate([b"id,full name,total\n1,x,y\n"], SCHEMA).errors
    assert 'expected the label "amount", found "total"' == error.message


def test_labels_are_not_shown_where_none_is_known() -> None:
    """Such a header may be a row of values, which messages never repeat."""
    errors = validate([b"Ann,secret,x\n"], SCHEMA).errors
    assert ['expected the label "id"', 'expected the label "full name"', 'expected the label "amount"'] == [
        error.message for error in errors
    ]


def test_white_space_inside_a_label_is_named() -> None:
    """`fullname` is `full name` without its space."""
    (error,) = validate([b"id,fullname,amount\n"], SCHEMA).errors
    assert 'expected the label "full name", found "fullname": it differs by white space only' == error.message


def test_columns_in_another_order_are_one_error() -> None:
    """The message lists what was expected beside what was found, and rows are checked by the labels."""
    report = validate([b"amount,full name,id\n2.5,x,1\n2.5,x,y\n"], SCHEMA)
    assert [
        (
            1,
            1,
            'the columns are in another order: expected "id", "full name", "amount"; found "amount", "full name", "id"',
        ),
        (3, 3, "expected an integer, as in 42"),
    ] == [(error.row, error.field, error.message) for error in report.errors]


def test_order_and_a_missing_column_are_two_errors() -> None:
    """Each mistake is one error."""
    assert [(1, 1, 1, "id", "incorrect-label"), (1, 1, 2, "full name", "missing-label")] == found("amount,id\n", SCHEMA)


def test_field_names_that_stand_twice_match_labels_that_do() -> None:
    """Names need not be unique in a schema; their positions identify the columns."""
    schema = schema_of({"name": "a"}, {"name": "a", "type": "integer"})
    assert [(2, 2, 2, "a", "type-error")] == found("a,a\nx,y\n", schema)


def test_long_labels_are_cut_in_messages() -> None:
    """A message has a limit."""
    (error,) = validate([f"a,{'x' * 1000}\n".encode()], schema_of({}, {})).errors
    assert f'expected the label "b", found "{"x" * 40}…"' == error.message
