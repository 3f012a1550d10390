"""The label that the kernel gives a cell means the faults that the reference finds."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import validate
from chalicelib.validation.checking.cells import check_cell
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.judging import judgement
from chalicelib.validation.fast.native.tables import Ends
from chalicelib.validation.schema.table_schema import Schema
from tests.fuzz.schemas import table
from tests.validation.fast.native.kernels import needs_kernel

ENDS = Ends(unquoted=b",\r\n", quoted=b'"')


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ({"type": "string"}, c.FREE),
        ({"type": "string", "constraints": {"maxLength": 255}}, c.LENGTH),
        ({"type": "integer"}, c.SHIFTS),
        ({"type": "date"}, c.LAYERED),
        ({"type": "datetime"}, c.SHUFFLES),
        ({"type": "string", "format": "email"}, c.PLAIN),
        ({"type": "object"}, c.SHIFTS),
    ],
)
def test_each_type_gets_the_fastest_kind_of_automaton_that_has_room(field: Mapping[str, Any], kind: int) -> None:
    """The number of states that are possible at one position decides."""
    schema = Schema.from_descriptor({"fields": [{"name": "a", **field}]})
    assert kind == judgement(schema.fields[0], ENDS).kind


@needs_kernel
@pytest.mark.parametrize("seed", range(40))
def test_cells_are_judged_as_the_reference_judges_them(seed: int) -> None:
    """Random fields and texts, quoted and unquoted."""
    made = table(Random(seed))  # noqa: S311 - the same every time
    try:
        schema = Schema.from_descriptor({"fields": [dict(made.columns[0].descriptor)]})
    except SchemaInvalid:
        return
    field = schema.fields[0]
    texts = [text for text in (*made.columns[0].right, *made.columns[0].wrong) if text and "\0" not in text]
    quoted = ['"' + text.replace('"', '""') + '"' for text in texts]
    plain = [text for text in texts if not set(text) & set('\r\n,"')]
    expected = sum(len(check_cell(text, field)[1]) for text in (*texts, *plain))
    data = "\n".join([*quoted, *plain, ""])
    found = validate([data.encode()], schema, dialect={"header": False}, engine="native", max_errors=0)
    assert expected == found.error_count - found.counts_by_code.get("unique-error", 0)
