"""Table Schema descriptors: what is wrong in one is said with its path."""

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import Dialect, Schema, validate
from tests.validation.verdicts import found, schema_of

TYPES = ("string", "integer", "number", "boolean", "date", "datetime")


def refusal(descriptor: Any) -> tuple[str, str]:
    """Give the path and the reason with which a descriptor is refused."""
    with pytest.raises(SchemaInvalid) as caught:
        Schema.from_descriptor(descriptor)
    path, _, reason = str(caught.value).partition(": ")
    return path, reason


@pytest.mark.parametrize(
    ("descriptor", "path", "reason"),
    [
        ({}, "$", "a Table Schema has fields"),
        ({"fields": None}, "$", "a Table Schema has fields"),
        ({"fields": []}, "$.fields", "a Table Schema has at least one field"),
        ({"fields": "a"}, "$.fields", "expected an array"),
        ({"fields": {"a": {}}}, "$.fields", "expected an array"),
        ({"fields": ["a"]}, "$.fields[0]", "expected an object"),
        ({"fields": [{"name": "a"}, {}]}, "$.fields[1]", "a field has a name"),
        ({"fields": [{"name": ""}]}, "$.fields[0]", "a field has a name"),
        ({"fields": [{"name": 7}]}, "$.fields[0].name", "expected a string"),
        ({"fields": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}, "$.fields[0]", "two fields are named 'a'"),
        (schema_of(missingValues=[""]), "$.fields", "a Table Schema has at least one field"),
        (schema_of({}, missingValues=""), "$.missingValues", "expected an array"),
        (schema_of({}, missingValues=["", 0]), "$.missingValues[1]", "expected a string"),
        (schema_of({}, {"missingValues": [None]}), "$.fields[1].missingValues[0]", "expected a string"),
        (schema_of({}, primaryKey="b"), "$.primaryKey", "no field is named 'b'"),
        (schema_of({}, primaryKey=["a", "b"]), "$.primaryKey", "no field is named 'b'"),
        (schema_of({}, primaryKey=[]), "$.primaryKey", "expected at least one field's name"),
        (schema_of({}, primaryKey=7), "$.primaryKey", "expected an array"),
        (schema_of({}, primaryKey=[7]), "$.primaryKey[0]", "expected a string"),
        (schema_of({}, uniqueKeys=[["a"], ["b"]]), "$.uniqueKeys[1]", "no field is named 'b'"),
        (schema_of({}, uniqueKeys="a"), "$.uniqueKeys", "expected an array"),
        (schema_of({}, uniqueKeys=[[]]), "$.uniqueKeys[0]", "expected at least one field's name"),
        (schema_of({}, fieldsMatch="subset"), "$.fieldsMatch", "only exact is supported yet"),
        (schema_of({}, foreignKeys=[{"fields": "a"}]), "$.foreignKeys", "not supported yet"),
        (schema_of({}, dialect={"delimiter": ";;"}), "$.dialect.delimiter", "expected one character"),
        (schema_of({}, dialect=";"), "$.dialect", "expected an object"),
    ],
)
def test_a_broken_schema_is_refused_with_the_path(descriptor: Mapping[str, Any], path: str, reason: str) -> None:
    """Whoever wrote it finds the place."""
    assert (path, reason) == refusal(descriptor)


@pytest.mark.parametrize(
    ("field", "path", "reason"),
    [
        ({"type": 7}, ".type", "expected a string"),
        ({"type": "integer", "format": "hex"}, ".format", "expected one of default, decimal"),
        ({"type": "number", "format": "hex"}, ".format", "expected one of default, decimal"),
        ({"type": "string", "format": 7}, ".format", "expected a string"),
        ({"type": "integer", "groupChar": ",,"}, ".groupChar", "expected one character"),
        ({"type": "number", "decimalChar": ""}, ".decimalChar", "expected one character"),
        ({"type": "number", "decimalChar": 7}, ".decimalChar", "expected a string"),
        ({"type": "number", "bareNumber": "no"}, ".bareNumber", "expected true or false"),
        ({"type": "boolean", "trueValues": "yes"}, ".trueValues", "expected an array"),
        ({"type": "boolean", "falseValues": [0]}, ".falseValues[0]", "expected a string"),
        ({"constraints": []}, ".constraints", "expected an object"),
        ({"constraints": {"required": "yes"}}, ".constraints.required", "expected true or false"),
        ({"constraints": {"unique": 1}}, ".constraints.unique", "expected true or false"),
        ({"constraints": {"minLength": "1"}}, ".constraints.minLength", "expected a whole number"),
        ({"constraints": {"minLength": 1.5}}, ".constraints.minLength", "expected a whole number"),
        ({"constraints": {"maxLength": True}}, ".constraints.maxLength", "expected a whole number"),
        ({"constraints": {"maxLength": -1}}, ".constraints.maxLength", "expected a whole number that is not negative"),
        ({"constraints": {"enum": "a"}}, ".constraints.enum", "expected an array"),
        ({"constraints": {"enum": []}}, ".constraints.enum", "expected at least one value"),
        ({"type": "integer", "constraints": {"enum": [1, "x"]}}, ".constraints.enum[1]", "expected an integer"),
        ({"type": "integer", "constraints": {"minimum": "x"}}, ".constraints.minimum", "expected an integer"),
        ({"type": "integer", "constraints": {"maximum": 1.5}}, ".constraints.maximum", "expected an integer"),
        ({"type": "number", "constraints": {"maximum": True}}, ".constraints.maximum", "expected a number"),
        (
            {"type": "number", "constraints": {"exclusiveMinimum": []}},
            ".constraints.exclusiveMinimum",
            "expected a number",
        ),
        (
            {"type": "number", "constraints": {"minimum": "NaN"}},
            ".constraints.minimum",
            "nothing is more or less than NaN",
        ),
        ({"constraints": {"pattern": 7}}, ".constraints.pattern", "expected a string"),
    ],
)
def test_a_broken_field_is_refused_with_the_path(field: Mapping[str, Any], path: str, reason: str) -> None:
    """The field's position in the array is part of it."""
    assert (f"$.fields[2]{path}", reason) == refusal(schema_of({}, {}, field))


@pytest.mark.parametrize("pattern", ["(", "[a", "a{2,1}", "*a", "(?P<n>a)(?P<n>b)", "\\"])
def test_a_pattern_must_be_a_regular_expression(pattern: str) -> None:
    """It is said where it stands."""
    path, reason = refusal(schema_of({"constraints": {"pattern": pattern}}))
    assert "$.fields[0].constraints.pattern" == path
    assert reason.startswith("not a regular expression: ")


@pytest.mark.parametrize("name", ["text", "int", "Integer", "", "geo", "decimal", "email"])
def test_an_unknown_type_is_refused_with_those_that_there_are(name: str) -> None:
    """A guess would be a wrong verdict later."""
    path, reason = refusal(schema_of({}, {"type": name}))
    assert "$.fields[1].type" == path
    assert reason.startswith(f"unknown or unsupported type {name!r}")
    assert reason.endswith("supported are " + ", ".join(TYPES))


@pytest.mark.parametrize(
    ("name", "hint"),
    [("decimal", 'use type "number" with format "decimal"'), ("email", 'use type "string" with format "email"')],
)
def test_a_format_that_is_taken_for_a_type_is_put_right(name: str, hint: str) -> None:
    """The message has the words to write instead."""
    _, reason = refusal(schema_of({"type": name}))
    assert hint in reason


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("minlength", "minLength"),
        ("maxLenght", "maxLength"),
        ("Required", "required"),
        ("requird", "required"),
        ("uniqe", "unique"),
        ("paterns", "pattern"),
        ("enums", "enum"),
        ("mininum", "minimum"),
        ("exclusiveMin", "exclusiveMinimum"),
    ],
)
def test_a_misspelt_constraint_is_refused(misspelt: str, meant: str) -> None:
    """It would silently constrain nothing."""
    expected = (f"$.fields[0].constraints.{misspelt}", f"no such constraint; is {meant} meant?")
    assert expected == refusal(schema_of({"constraints": {misspelt: 1}}))


LENGTHS = {"minLength": 1, "maxLength": 1, "pattern": "a"}
BOUNDS = {"minimum": "1", "maximum": "1", "exclusiveMinimum": "1", "exclusiveMaximum": "1"}


@pytest.mark.parametrize(
    ("kind", "constraint", "value"),
    [
        *(("string", name, value) for name, value in BOUNDS.items()),
        *((kind, name, value) for kind in TYPES[1:] for name, value in LENGTHS.items()),
        *(("boolean", name, value) for name, value in BOUNDS.items()),
    ],
)
def test_a_constraint_that_does_not_apply_to_the_type_is_refused(kind: str, constraint: str, value: Any) -> None:
    """Lengths and patterns are of texts, bounds of numbers and times."""
    path, reason = refusal(schema_of({"type": kind, "constraints": {constraint: value}}))
    assert f"$.fields[0].constraints.{constraint}" == path
    assert reason.startswith("does not apply to a field that is ")


@pytest.mark.parametrize("kind", TYPES)
def test_required_and_unique_apply_to_every_type(kind: str) -> None:
    """So does enum, with values of the type."""
    cell = {"date": "2024-02-29", "datetime": "2024-02-29T12:30:00Z"}.get(kind, "1")
    constraints = {"required": True, "unique": True, "enum": [cell]}
    schema = schema_of({"type": kind, "constraints": constraints}, {})
    expected = [(3, 3, 1, "a", "unique-error"), (4, 4, 1, "a", "constraint-error")]
    assert expected == found(f"a,b\n{cell},x\n{cell},x\n,x\n", schema)


def test_what_table_schema_has_besides_is_allowed() -> None:
    """Titles, descriptions and properties of one's own change nothing."""
    schema = {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "title": "Things",
        "fields": [{"name": "a", "title": "A", "description": "…", "example": "x", "rdfType": "y", "owner": "me"}],
        "missingValues": None,
        "primaryKey": None,
        "uniqueKeys": None,
        "foreignKeys": None,
        "fieldsMatch": ["exact"],
        "dialect": None,
    }
    assert [] == found("a\nx\n", schema)


def test_a_field_without_a_type_is_text() -> None:
    """Data Package's second version: string is the default."""
    assert [] == found("a\nanything\n", schema_of({}))


def test_the_schema_may_declare_how_its_files_are_written() -> None:
    """Assay's addition; what the caller declares replaces it."""
    schema = schema_of({"type": "integer"}, {}, dialect={"delimiter": ";", "header": False})
    assert Dialect(delimiter=";", header=False) == Schema.from_descriptor(schema).dialect
    assert [(2, 2, 1, "a", "type-error")] == found("1;x\ny;z\n", schema)
    assert [(2, 2, 1, "a", "type-error")] == found("a|b\nx|y\n", schema, dialect={"delimiter": "|"})


def test_a_broken_schema_is_no_verdict_on_the_file() -> None:
    """The file is not even opened."""

    class Unread:
        """A file that must not be read."""

        def read(self, _: int, /) -> bytes:
            raise AssertionError

    with pytest.raises(SchemaInvalid, match=r"^\$\.fields: expected an array$"):
        validate(Unread(), {"fields": 7})
