"""A validation imports what its file and its schema need, and no more: imports take most of a first validation."""

import subprocess
import sys

import pytest

VALIDATOR = "chalicelib.validation"
TYPES = f"{VALIDATOR}.schema.field_types"
NATIVE = f"{VALIDATOR}.fast.native"
SCANNER = f"{VALIDATOR}.fast.portable.scanner"
PATTERNS = f"{VALIDATOR}.schema.patterns"
JSON_SCHEMA = f"{VALIDATOR}.schema.json_schema"
WATCHED = {NATIVE, SCANNER, PATTERNS, JSON_SCHEMA, f"{TYPES}.times", f"{TYPES}.structures", f"{TYPES}.durations"}
WATCHED |= {"re2", "tempfile", "concurrent.futures"}

PROGRAM = """
import sys
from chalicelib.validation import validate
field = {field}
assert validate([b"a\\n" + {row} * {rows}], {{"fields": [{{"name": "a", **field}}]}}).valid
print(*sys.modules)
"""


@pytest.mark.parametrize(
    ("field", "row", "rows", "used"),
    [
        ({"type": "integer"}, b"1\n", 10, set()),
        ({"type": "date"}, b"2024-02-29\n", 10, {f"{TYPES}.times"}),
        ({"type": "string", "constraints": {"pattern": "[a-z]"}}, b"a\n", 10, {PATTERNS, "re2"}),
        ({"type": "integer"}, b"1\n", 100_000, {NATIVE}),
    ],
    ids=["integers", "dates", "pattern", "more than some kilobytes"],
)
def test_validation_imports_what_its_schema_and_file_need(field: object, row: bytes, rows: int, used: set[str]) -> None:
    """A small file needs no engine, and a schema only the modules of its types and constraints."""
    program = PROGRAM.format(field=field, row=row, rows=rows)
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)  # noqa: S603 - ours
    assert used == WATCHED & set(done.stdout.split())
