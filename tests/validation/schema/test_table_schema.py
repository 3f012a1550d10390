"""Table Schema descriptors: an error in one is reported with its path."""

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import Dialect, Schema, validate
from chalicelib.validation.descriptor import TOO_DEEP
from chalicelib.validation.schema.table_schema import MAX_COLUMNS, compiled_schema
from tests.validation.verdicts import found, schema_of

TYPES = (
    *("string", "number", "integer", "boolean", "object", "array", "list", "date", "time", "datetime"),
    *("year", "yearmonth", "duration", "geopoint", "geojson", "any"),
)
MATCHES = "exact, equal, subset, superset, partial"


def refusal(descriptor: Any) -> tuple[str, str]:
    """Return the path and the reason with which a descriptor is refused."""
    with pytest.raises(SchemaInvalid) as caught:
        Schema.from_descriptor(descriptor)
    path, _, reason = str(caught.value).partition(": ")
    return path, reason


@pytest.mark.parametrize(
    ("descriptor", "path", "reason"),
    [
        ({}, "$", "a Table Schema has fields"),
        ({"fields": None}, "$", "a Table Schema has fields"),
        ({"fields": []}, "$.fields", "a Table Schema has at least one field, and no more than 16,384"),
        ({"fields": "a"}, "$.fields", "expected an array"),
        ({"fields": {"a": {}}}, "$.fields", "expected an array"),
        ({"fields": ["a"]}, "$.fields[0]", "expected an object"),
        ({"fields": [{"name": "a"}, {}]}, "$.fields[1]", "a field has a name"),
        ({"fields": [{"name": 7}]}, "$.fields[0].name", "expected a string"),
        (schema_of(missingValues=[""]), "$.fields", "a Table Schema has at least one field, and no more than 16,384"),
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
        (schema_of({}, fieldsMatch="some"), "$.fieldsMatch", f"expected one of {MATCHES}"),
        (schema_of({}, fieldsMatch=["some"]), "$.fieldsMatch[0]", f"expected one of {MATCHES}"),
        (schema_of({}, fieldsMatch=["exact", "equal"]), "$.fieldsMatch", "expected a string"),
        (schema_of({}, fieldsMatch=7), "$.fieldsMatch", "expected a string"),
        (schema_of({}, missingValues=[{"label": "none"}]), "$.missingValues[0]", "expected a value"),
        (schema_of({}, missingValues=[{"value": 9}]), "$.missingValues[0].value", "expected a string"),
        (schema_of({}, foreignKeys={}), "$.foreignKeys", "expected an array"),
        (schema_of({}, foreignKeys=["a"]), "$.foreignKeys[0]", "expected an object"),
        (schema_of({}, foreignKeys=[{"fields": "a"}]), "$.foreignKeys[0]", "a foreign key has a reference"),
        (schema_of({}, foreignKeys=[{"reference": {"fields": "a"}}]), "$.foreignKeys[0]", "a foreign key has fields"),
        (
            schema_of({}, foreignKeys=[{"fields": "a", "reference": {}}]),
            "$.foreignKeys[0].reference",
            "a reference has fields",
        ),
        (
            schema_of({}, foreignKeys=[{"fields": "a", "reference": {"fields": "b"}}]),
            "$.foreignKeys[0].reference.fields",
            "no field is named 'b'",
        ),
        (
            schema_of({}, foreignKeys=[{"fields": "b", "reference": {"fields": "a"}}]),
            "$.foreignKeys[0].fields",
            "no field is named 'b'",
        ),
        (
            schema_of({}, {}, foreignKeys=[{"fields": ["a", "b"], "reference": {"fields": "a"}}]),
            "$.foreignKeys[0].reference",
            "expected as many fields as the foreign key has",
        ),
        (schema_of({}, dialect={"delimiter": 1}), "$.dialect.delimiter", "expected a string"),
        (schema_of({}, dialect=";"), "$.dialect", "expected an object"),
    ],
)
def test_a_broken_schema_is_refused_with_the_path(descriptor: Mapping[str, Any], path: str, reason: str) -> None:
    """The message starts with the path of what is wrong."""
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
        ({"type": "string", "constraints": {"minLength": "1"}}, ".constraints.minLength", "expected a whole number"),
        ({"type": "string", "constraints": {"minLength": 1.5}}, ".constraints.minLength", "expected a whole number"),
        ({"type": "string", "constraints": {"maxLength": True}}, ".constraints.maxLength", "expected a whole number"),
        (
            {"type": "string", "constraints": {"maxLength": -1}},
            ".constraints.maxLength",
            "expected a whole number that is not negative",
        ),
        ({"constraints": {"enum": "a"}}, ".constraints.enum", "expected an array"),
        ({"constraints": {"enum": []}}, ".constraints.enum", "expected at least one value"),
        (
            {"type": "integer", "constraints": {"enum": [1, "x"]}},
            ".constraints.enum[1]",
            "expected an integer, as in 42",
        ),
        ({"type": "integer", "constraints": {"minimum": "x"}}, ".constraints.minimum", "expected an integer, as in 42"),
        (
            {"type": "integer", "constraints": {"maximum": "1.5"}},
            ".constraints.maximum",
            "expected an integer, as in 42",
        ),
        ({"type": "number", "constraints": {"maximum": True}}, ".constraints.maximum", "expected a number, as in 12.5"),
        (
            {"type": "number", "constraints": {"exclusiveMinimum": []}},
            ".constraints.exclusiveMinimum",
            "expected a number, as in 12.5",
        ),
        (
            {"type": "number", "constraints": {"minimum": "NaN"}},
            ".constraints.minimum",
            "NaN cannot be compared: use a number",
        ),
        ({"type": "string", "constraints": {"pattern": 7}}, ".constraints.pattern", "expected a string"),
    ],
)
def test_a_broken_field_is_refused_with_the_path(field: Mapping[str, Any], path: str, reason: str) -> None:
    """The path contains the field's position in the array."""
    assert (f"$.fields[2]{path}", reason) == refusal(schema_of({}, {}, field))


@pytest.mark.parametrize("pattern", ["(", "[a", "a{2,1}", "*a", "(?P<n>a)(?P<n>b)", "\\"])
def test_a_pattern_must_be_a_regular_expression(pattern: str) -> None:
    """A broken regular expression is refused with its path."""
    path, reason = refusal(schema_of({"type": "string", "constraints": {"pattern": pattern}}))
    assert "$.fields[0].constraints.pattern" == path
    assert reason.startswith("not a regular expression: ")


@pytest.mark.parametrize("name", ["text", "int", "Integer", "", "geo"])
def test_an_unknown_type_is_refused_with_all_types(name: str) -> None:
    """The message lists the types that exist."""
    expected = ("$.fields[1].type", f"no such type; use one of {', '.join(TYPES)}")
    assert expected == refusal(schema_of({}, {"type": name}))


@pytest.mark.parametrize(
    ("name", "hint"),
    [("decimal", 'use type "number" with format "decimal"'), ("email", 'use type "string" with format "email"')],
)
def test_a_format_used_as_a_type_is_refused_with_a_correction(name: str, hint: str) -> None:
    """The message says what to write instead."""
    assert ("$.fields[0].type", f"no such type; {hint}") == refusal(schema_of({"type": name}))


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("minlength", "minLength"),
        ("maxLenght", "maxLength"),
        ("Required", "required"),
        ("requird", "required"),
        ("uniqe", "unique"),
        ("requierd", "required"),
        ("paterns", "pattern"),
        ("enums", "enum"),
        ("mininum", "minimum"),
        ("exclusiveMin", "exclusiveMinimum"),
    ],
)
def test_a_misspelt_constraint_is_left_unchecked(misspelt: str, meant: str) -> None:
    """The schema is accepted, and every report says what was not checked, and what may be meant."""
    reason = f"Table Schema has no such constraint; {meant} may be meant"
    schema = Schema.from_descriptor(schema_of({"constraints": {misspelt: 1}}))
    assert (f"$.fields[0].constraints.{misspelt}: {reason}",) == schema.unchecked
    assert (
        f"$.fields[0].constraints.{misspelt}: there is no such constraint; {meant} may be meant",
    ) == schema.warnings


def test_constraints_of_other_tools_are_left_unchecked() -> None:
    """A constraint that Table Schema does not have does not cost the schema."""
    report = validate([b"a\nx\n"], schema_of({"constraints": {"enum_multiple": 1}}))
    assert report.valid
    assert ("$.fields[0].constraints.enum_multiple: Table Schema has no such constraint",) == report.unchecked


def test_a_reference_to_another_resource_is_left_unchecked() -> None:
    """Only the file itself is read; the other keys are checked, and the report says once what was not."""
    other = {"fields": "a", "reference": {"resource": "stations", "fields": "id"}}
    own = {"fields": "a", "reference": {"fields": "b"}}
    report = validate([b"a,b\n1,2\n"], schema_of({"name": "a"}, {"name": "b"}, foreignKeys=[other, own]))
    assert ["foreign-key"] == [error.code for error in report.errors]
    reason = "it refers to the resource stations, and only the file itself is read"
    assert (f"$.foreignKeys[0]: {reason}",) == report.unchecked


@pytest.mark.parametrize(("values", "good", "bad"), [([False], "false", "0"), ([1, None, {"a": 1}], '{"a": 1}', "x")])
def test_an_enum_of_any_lists_json_values(values: list[Any], good: str, bad: str) -> None:
    """On the type any, each value of an enum stands for its JSON text."""
    schema = schema_of({"constraints": {"enum": values}})
    quoted = good.replace('"', '""')
    report = validate([f'a\n"{quoted}"\n{bad}\n'.encode()], schema)
    assert [3] == [error.row for error in report.errors]


def test_other_properties_are_allowed() -> None:
    """Titles, descriptions and custom properties are ignored."""
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


def test_a_field_without_a_type_may_be_anything() -> None:
    """Since Data Package 2.0 the default type is `any`, which has no length, pattern or bounds."""
    assert [] == found("a\nanything\n", schema_of({}))
    _, reason = refusal(schema_of({"constraints": {"minLength": 1}}))
    assert "does not apply to a field that is anything" == reason


def test_fields_may_share_a_name() -> None:
    """The file has the same labels, and a key refers to the first of them."""
    schema = {"fields": [{"name": "a"}, {"name": "a"}, {"name": "a", "type": "integer"}], "primaryKey": "a"}
    expected = [
        (3, 3, 1, "a", "primary-key"),
        (3, 3, 3, "a", "type-error"),
    ]
    assert expected == found("a,a,a\nx,y,1\nx,z,z\n", schema)


@pytest.mark.parametrize("key", ["a", ["a"]])
def test_keys_may_be_written_as_in_version_1(key: str | list[str]) -> None:
    """A key may be a string, and an empty resource means the table itself."""
    schema = schema_of(
        {}, {}, primaryKey=key, foreignKeys=[{"fields": "b", "reference": {"resource": "", "fields": key}}]
    )
    assert [(3, 3, 2, "b", "foreign-key")] == found("a,b\nx,y\ny,z\n", schema)


def test_the_schema_may_declare_a_dialect() -> None:
    """The schema's dialect applies unless the caller passes another."""
    schema = schema_of({"type": "integer"}, {}, dialect={"delimiter": ";", "header": False})
    assert Dialect(delimiter=";", header=False) == Schema.from_descriptor(schema).dialect
    assert [(2, 2, 1, "a", "type-error")] == found("1;x\ny;z\n", schema)
    assert [(2, 2, 1, "a", "type-error")] == found("a|b\nx|y\n", schema, dialect={"delimiter": "|"})


def test_a_broken_schema_raises() -> None:
    """A broken schema raises before the file is read."""

    class Unread:
        """A file that fails on any access."""

        def read(self, _: int, /) -> bytes:
            raise AssertionError

    with pytest.raises(SchemaInvalid, match=r"^\$\.fields: expected an array$"):
        validate(Unread(), {"fields": 7})


def test_fields_that_differ_in_their_names_alone_are_compiled_once() -> None:
    """A schema of thousands of such fields compiles in time, and in little memory."""
    rules = {"type": "string", "constraints": {"pattern": "[a-z]+"}}
    fields = [{"name": "a", **rules}, {"name": "b", "title": "B", **rules}, {"name": "c", "type": "string"}]
    first, second, third = Schema.from_descriptor({"fields": fields}).fields
    assert first.type is second.type
    assert first.type is not third.type
    assert ["a", "b", "c"] == [field.name for field in (first, second, third)]


def test_every_field_with_a_remark_has_its_own() -> None:
    """The remark has the field's path."""
    fields = [{"name": name, "type": "string", "constraints": {"other": 1}} for name in "ab"]
    paths = [each.partition(":")[0] for each in Schema.from_descriptor({"fields": fields}).unchecked]
    assert ["$.fields[0].constraints.other", "$.fields[1].constraints.other"] == paths


def test_a_schema_has_at_most_as_many_fields_as_a_header_has_labels() -> None:
    """One field more is refused."""
    fields = [{"name": f"c{number}"} for number in range(MAX_COLUMNS + 1)]
    assert MAX_COLUMNS == len(Schema.from_descriptor({"fields": fields[:-1]}).fields)
    assert ("$.fields", "a Table Schema has at least one field, and no more than 16,384") == refusal({"fields": fields})


def nested(levels: int) -> dict[str, Any]:
    """Return a descriptor with this number of levels, with a JSON Schema innermost."""
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(levels - 6):
        schema = {"items": schema}
    return schema_of({"type": "array", "constraints": {"jsonSchema": schema}})


def test_a_descriptor_is_not_too_deep() -> None:
    """Up to the limit a descriptor compiles and checks cells as deep; beyond it, it is refused."""
    deep = TOO_DEEP - 6
    cells = [f'"{"[" * deep}{cell}{"]" * deep}"' for cell in ("1", "true")]
    errors = found("a\n" + "\n".join(cells), nested(TOO_DEEP))
    assert [(3, 3, 1, "a", "constraint-error")] == errors
    for levels in (TOO_DEEP + 1, 2_000, 100_000):
        assert ("$", "objects and arrays are nested 50 deep or more") == refusal(nested(levels))
        with pytest.raises(SchemaInvalid, match="50 deep or more"):
            compiled_schema(nested(levels))
