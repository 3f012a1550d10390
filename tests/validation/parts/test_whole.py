"""The report of a file does not depend on the parts in which it is validated."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.validation.fast.engines import Engine
from tests.validation.parts.trial import Trial

SCHEMA: Mapping[str, Any] = {
    "fields": [
        {"name": "a", "type": "integer"},
        {"name": "b", "type": "string", "constraints": {"maxLength": 3}},
        {"name": "c"},
    ]
}
REFERENCE = {"fields": "c", "reference": {"resource": "", "fields": "b"}}
CELLS = st.sampled_from(
    [
        "1",
        "2",
        "a",
        "é",
        "abcd",
        "",
        "\0",
        "\udcff",
        '"q"',
        '"a""b"',
        '"',
        'x"',
        '"x"y',
        '"\n"',
        '"\r\n1,2,3\n"',
        '"1,""2"",3\n"',
    ]
)
RECORDS = st.lists(CELLS, min_size=2, max_size=4).map(",".join)
FILES = st.builds(
    lambda records, end: ("a,b,c" + end + end.join(records)).encode(errors="surrogateescape"),
    st.lists(RECORDS, max_size=8),
    st.sampled_from(["\n", "\r\n", "\r"]),
)


@given(
    data=FILES, part_bytes=st.integers(1, 40), block_bytes=st.integers(1, 9), max_errors=st.sampled_from([0, 2, 100])
)
@settings(max_examples=25)
@pytest.mark.parametrize("is_local", [False, True])
@pytest.mark.parametrize("engine", Engine)
def test_badly_written_records_are_the_same_in_parts(  # noqa: PLR0913 - what the parts may depend on
    engine: Engine, data: bytes, part_bytes: int, block_bytes: int, max_errors: int, *, is_local: bool
) -> None:
    """Report, lines, page, causes and repairs, wherever the parts and blocks are cut."""
    trial = Trial(data=data, schema=SCHEMA, engine=engine, max_errors=max_errors)
    assert trial.whole() == trial.in_parts(part_bytes, block_bytes=block_bytes, is_local=is_local)


TABLE = b'a,b,c\n1,x,"x"\n2,"y\nz",x\n\n# "1\n2,x,\n4, y,w\n1,"a"b,y\n,,\n\\4,x,y\n5,"x;",y'
DIALECTS: Mapping[str, Mapping[str, Any]] = {
    "delimiter": {"delimiter": ";"},
    "quoteChar": {"quoteChar": "'"},
    "no quotes": {"quoteChar": ""},
    "doubleQuote": {"doubleQuote": False, "escapeChar": "\\"},
    "escapeChar": {"escapeChar": "\\"},
    "lineTerminator": {"lineTerminator": ";"},
    "skipInitialSpace": {"skipInitialSpace": True},
    "nullSequence": {"nullSequence": "x"},
    "header": {"header": False},
    "headerRows": {"headerRows": [2, 4], "headerJoin": "-"},
    "commentChar": {"commentChar": "#"},
    "long commentChar": {"commentChar": '# "1'},
    "commentRows": {"commentRows": [2, 6]},
    "first row of commentRows": {"commentRows": [1]},
    "skipBlankRows": {"skipBlankRows": True},
    "encoding": {"encoding": "cp1252"},
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("engine", "part_bytes"), [(Engine.REFERENCE, 1), (Engine.PORTABLE, 4), (Engine.NATIVE, 9)])
def test_every_property_of_a_dialect_is_the_same_in_parts(dialect: str, engine: Engine, part_bytes: int) -> None:
    """From parts of one byte on."""
    data = TABLE.replace(b"x", b"\xe9\x81") if dialect == "encoding" else TABLE
    trial = Trial(data=data, schema=SCHEMA, dialect=DIALECTS[dialect], engine=engine)
    assert trial.whole() == trial.in_parts(part_bytes)


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize(
    "keys",
    [
        {"primaryKey": "a"},
        {"uniqueKeys": [["b"], ["b", "c"]]},
        {"foreignKeys": [REFERENCE]},
        {"foreignKeys": [REFERENCE], "primaryKey": "a", "assay": {"tolerance": {"rows": "60%"}}},
    ],
    ids=str,
)
def test_keys_of_different_parts_are_compared(engine: Engine, keys: Mapping[str, Any]) -> None:
    """Numbers that count the rows, numbers that do not, texts, rejected rows, and rows that refer to them."""
    rows = [b"%d,k%d,k%d\n" % (at if at < 30 else at * 7 % 40, at % 17, at % 19) for at in range(60)]
    trial = Trial(
        data=b"a,b,c\n" + b"".join(rows) + b"x,k,k18\n", schema={**SCHEMA, **keys}, engine=engine, marks_rows=True
    )
    whole = trial.whole()
    assert whole.report.error_count
    assert whole == trial.in_parts(100)


KEYS = [
    {"primaryKey": "a"},
    {"uniqueKeys": [["b"], ["b", "c"]]},
    {"foreignKeys": [REFERENCE]},
    {"primaryKey": "a", "foreignKeys": [REFERENCE]},
    {"primaryKey": "a", "assay": {"tolerance": {"rows": "60%"}}},
    {"foreignKeys": [REFERENCE], "assay": {"tolerance": {"rows": "60%"}}},
]


@given(
    cells=st.lists(st.integers(0, 400), min_size=1, max_size=200),
    first=st.integers(0, 60),
    shares=st.sampled_from([1, 2, 7]),
    finer=st.sampled_from([1, 3]),
    max_errors=st.sampled_from([0, 2, 100]),
)
@settings(max_examples=8)
@pytest.mark.parametrize("engine", [Engine.NATIVE, Engine.PORTABLE])
@pytest.mark.parametrize("keys", KEYS, ids=str)
def test_keys_that_are_compared_in_shares_have_the_same_errors(  # noqa: PLR0913, PLR0917 - one for each strategy
    engine: Engine, keys: Mapping[str, Any], cells: list[int], first: int, shares: int, finer: int, max_errors: int
) -> None:
    """Numbers that count the rows, here and there from the same number on, and others; texts; rejected rows."""
    counting = [b"%d,k%d,k%d\n" % (at, at % 31, at % 37) for at in range(80)]
    others = [b"%d,k%d,k%d\n" % (cell, cell % 50, cell % 60) for cell in cells]
    data = b"a,b,c\n" + b"".join([*counting, *others, *counting[first:]]) + b"x,k,k18\n"
    trial = Trial(
        data=data, schema={**SCHEMA, **keys}, engine=engine, max_errors=max_errors, marks_rows="assay" in keys
    )
    assert trial.whole() == trial.in_shares(300, shares, finer=finer)


@pytest.mark.parametrize("end", [b"\x1a", b"\n\x1a\x1a\r\n", b"\n"])
@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"a,b,c", b"\xef\xbb\xbfa,b,c\n1,2,3", b"PK\x03\x04", b'"a'])
def test_the_beginning_and_the_end_of_a_file_are_settled_once(data: bytes, end: bytes) -> None:
    """An empty file, one that is not CSV, byte order marks, Ctrl-Z."""
    trial = Trial(data=data + end, schema=SCHEMA)
    assert trial.whole() == trial.in_parts(1)


def test_suggestions_are_those_of_the_whole_column() -> None:
    """They are decided by the cells of all parts."""
    rows = b"".join(b'"%d,5",%d.0%d.2024\n' % (at, at % 28 + 1, at % 9 + 1) for at in range(60))
    fields = [{"name": "a", "type": "number"}, {"name": "b", "type": "date"}]
    trial = Trial(data=b"a,b\n" + rows, schema={"fields": fields})
    whole = trial.whole()
    assert whole.repairs
    assert whole == trial.in_parts(100)
