"""The packaged schemas."""

import pytest

from chalicelib import schemas
from chalicelib.errors import SchemaInvalid, SchemaUnknown
from chalicelib.validation import Schema, validate


@pytest.mark.parametrize("name", schemas.names())
def test_every_packaged_schema_compiles(name: str) -> None:
    """The schema has the name of its file."""
    descriptor = schemas.load(name)
    assert Schema.from_descriptor(descriptor).fields
    assert name == descriptor["name"]
    assert schemas.is_name(name)


def test_default_schema_is_packaged() -> None:
    """Uploads that name no schema use it."""
    assert schemas.DEFAULT in schemas.names()
    assert sorted(schemas.names()) == list(schemas.names())


@pytest.mark.parametrize(
    "row",
    [
        "1,Ada,ada@example.com,9.50",
        "0042,O'Hara,o'hara@example.com,-9",
        '7,"Müller, J.",j@müller.de,.5',
        "1,a,a@b.co,1",
    ],
)
def test_default_schema_accepts_valid_rows(row: str) -> None:
    """The case of labels is ignored."""
    assert validate([f"ID,name,Email,AMOUNT\r\n{row}\r\n".encode()], schemas.load("default")).valid


@pytest.mark.parametrize(
    ("row", "field", "column", "code"),
    [
        (",Ada,ada@example.com,9", 1, "id", "constraint-error"),
        ("1.0,Ada,ada@example.com,9", 1, "id", "type-error"),
        (" 1,Ada,ada@example.com,9", 1, "id", "type-error"),
        ("1,,ada@example.com,9", 2, "name", "constraint-error"),
        ("1,Ada,,9", 3, "email", "constraint-error"),
        ("1,Ada,ada.example.org,9", 3, "email", "type-error"),
        ("1,Ada,ada@example.com,", 4, "amount", "constraint-error"),
        ("1,Ada,ada@example.com,1e5", 4, "amount", "type-error"),
        ("1,Ada,ada@example.com,NaN", 4, "amount", "type-error"),
        ("1,Ada,ada@example.com,9 ", 4, "amount", "type-error"),
        ('1,Ada,ada@example.com,"9,50"', 4, "amount", "type-error"),
    ],
)
def test_default_schema_requires_all_four_columns(row: str, field: int, column: str, code: str) -> None:
    """The columns are an integer, a name, an e-mail address and a decimal."""
    report = validate([f"id,name,email,amount\n{row}\n".encode()], schemas.load("default"))
    assert [(2, field, column, code)] == [(error.row, error.field, error.column, error.code) for error in report.errors]


@pytest.mark.parametrize("name", ["orders", "", "default.json", "../schemas/default", "__init__", "Default"])
def test_unknown_name_is_refused_with_the_known_names(name: str) -> None:
    """No path leads out of the folder."""
    with pytest.raises(SchemaUnknown) as caught:
        schemas.load(name)
    assert str(caught.value).endswith("there are default")


def test_unknown_name_is_quoted_only_if_it_could_be_one() -> None:
    """Arbitrary metadata of an object must not reach the logs."""
    assert "there is no schema 'orders'; there are a, b" == str(schemas.unknown("orders", ("a", "b")))
    assert "there is no schema by that name; there are a" == str(schemas.unknown("x\n<script>", ("a",)))


@pytest.mark.parametrize("content", [b"", b"{", b"fields: []", b'{"fields": "\xff"}', b"\0"])
def test_malformed_json_is_an_invalid_schema(content: bytes) -> None:
    """The message names the schema."""
    with pytest.raises(SchemaInvalid, match=r"^the schema 'orders' is not JSON: "):
        schemas.read(content, "orders")


@pytest.mark.parametrize("content", [b"[]", b"null", b"7", b'"fields"'])
def test_schema_must_be_a_json_object(content: bytes) -> None:
    """Other JSON is an invalid schema."""
    with pytest.raises(SchemaInvalid, match=r"^the schema 'orders' is not a JSON object$"):
        schemas.read(content, "orders")


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_number_beyond_json_is_refused(number: str) -> None:
    """Clients of the API could not parse it."""
    with pytest.raises(SchemaInvalid, match=f"^the schema 'orders' is not JSON: {number} is no finite number"):
        schemas.read(f'{{"fields": [], "most": {number}}}'.encode(), "orders")


def test_descriptor_is_read_as_utf8() -> None:
    """Non-ASCII text arrives intact."""
    assert {"fields": [{"name": "é"}]} == schemas.read('{"fields": [{"name": "é"}]}'.encode(), "orders")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("a", True), ("orders", True), ("orders@2", True), ("2024-02.orders_v1", True), ("x" * 64, True)),
        *(("", False), ("x" * 65, False), ("-a", False), (".a", False), ("@2", False), ("a/b", False)),
        *(("a b", False), ("a\n", False), ("é", False), ("..", False), ("a\\b", False)),
    ],
)
def test_names_are_letters_digits_and_a_few_marks(text: str, *, expected: bool) -> None:
    """A name has 1 to 64 of them, and starts with a letter or digit."""
    assert expected is schemas.is_name(text)
