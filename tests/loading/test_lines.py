"""Which lines COPY gets: each accepted row once, in every dialect, whether it is passed on or written."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import LoadInconsistent
from chalicelib.loading import verbatim
from tests.loading.conftest import LoadFile

SCHEMA: dict[str, Any] = {
    "fields": [
        {"name": "id", "type": "integer"},
        {"name": "name"},
        {"name": "amount", "type": "number"},
    ]
}
CONTENT = b'id,name,amount\n1,Ada,1.50\n2,"B, ""b""",\n3,"two\nlines",1e2\n4,,3\n'
ROWS = [(2, 1, "Ada", "1.50"), (3, 2, 'B, "b"', None), (4, 3, "two\nlines", "100"), (5, 4, None, "3")]
SELECT = "_row, id, name, amount::text"


@pytest.mark.parametrize(
    ("dialect", "change"),
    [
        ({}, lambda content: content),
        ({}, lambda content: content.replace(b"\n", b"\r\n").replace(b"two\r\n", b"two\n")),
        ({}, lambda content: b"\xef\xbb\xbf" + content.removesuffix(b"\n")),
        ({"delimiter": ";"}, lambda content: content.replace(b'"B,', b'"B%').replace(b",", b";").replace(b"%", b",")),
        ({"delimiter": "1"}, lambda _: b"id1name1amount\n2121\n"),
        ({"quoteChar": "'"}, lambda content: content.replace(b'""b""', b"%b%").replace(b'"', b"'").replace(b"%", b'"')),
        ({"encoding": "utf-16"}, lambda content: content.decode().encode("utf-16")),
        ({"lineTerminator": "|"}, lambda content: content.replace(b"\n", b"|").replace(b"two|", b"two\n")),
    ],
    ids=["plain", "crlf", "mark", "semicolon", "digit", "apostrophe", "utf16", "terminator"],
)
def test_each_row_is_loaded_in_each_dialect(load_file: LoadFile, dialect: dict[str, Any], change: Any) -> None:
    """The rows of a file are the same, however it is written; row numbers are those of the file."""
    rows = load_file(change(CONTENT), {**SCHEMA, "dialect": dialect}, select=SELECT)
    assert (ROWS if dialect.get("delimiter") != "1" else [(2, 2, "2", None)]) == rows


def test_comments_and_columns_without_a_field_are_left_out(load_file: LoadFile) -> None:
    """What the schema does not name is not loaded, and columns are found by their labels."""
    content = b"note,amount,id\nx,1.5,1\n# a comment, with, commas\ny,2.5,2\n"
    schema = {**SCHEMA, "fieldsMatch": "partial", "dialect": {"commentChar": "#"}}
    assert [(2, 1, None, "1.5"), (4, 2, None, "2.5")] == load_file(content, schema, select=SELECT)


def test_rejected_rows_are_left_out(load_file: LoadFile) -> None:
    """Rows that were rejected are not loaded, readable or not; the others keep their numbers."""
    content = CONTENT + b'5,"a"b,1\n6,x\n7,y,1\n8,z,1\n'
    assert [*ROWS[1:], (8, 7, "y", "1")] == load_file(content, SCHEMA, rejected=(2, 6, 7, 9), select=SELECT)


def test_unreadable_row_that_was_accepted_stops_the_load(load_file: LoadFile) -> None:
    """A list of rejected rows that is not that of the file is noticed where a row cannot be one of the table."""
    with pytest.raises(LoadInconsistent, match="row 6 is accepted, and cannot be read"):
        load_file(CONTENT + b"5,x\n", SCHEMA)


cells = st.sampled_from(["", "1", "-7", "a", "a,b", 'say "x"', "two\nlines", r"\N", r"\.", "é", " 5"])
quoted = cells.map(lambda cell: '"' + cell.replace('"', '""') + '"')


@given(
    records=st.lists(st.tuples(st.integers(0, 10**17), st.one_of(quoted, cells.filter(str.isalnum))), max_size=30),
    rejected=st.sets(st.integers(2, 31)),
)
def test_written_and_passed_on_lines_load_the_same_rows(
    load_file: LoadFile, records: list[tuple[int, str]], rejected: set[int]
) -> None:
    """A file whose every record is written cell by cell has the same rows as one that is passed on."""
    content = "id,name,amount\n" + "".join(f"{number},{cell},1.5\n" for number, cell in records)
    rows = load_file(content.encode(), SCHEMA, rejected=tuple(sorted(rejected)), select=SELECT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verbatim, "_MOST_COLUMNS", 0)
        assert rows == load_file(content.encode(), SCHEMA, rejected=tuple(sorted(rejected)), select=SELECT)
    assert len(rows) == len(set(range(2, len(records) + 2)) - rejected)
