"""Dialects: what can be declared, and how it is read."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import Dialect, Fault, Schema
from chalicelib.validation.reading.grammar import QUOTE_INSIDE, SPACE_AFTER_QUOTE, TEXT_AFTER_QUOTE
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import Record
from tests.validation.verdicts import Place, found, schema_of

SCHEMA = schema_of({}, {"type": "integer"})


def test_by_default_a_file_is_rfc_4180_with_a_header() -> None:
    """An empty dialect equals the default."""
    assert Dialect() == Dialect.from_descriptor(None)
    assert Dialect() == Dialect.from_descriptor({})
    assert Dialect() == Dialect.from_descriptor({"$schema": "x", "delimiter": None, "header": None})
    assert Dialect() == Dialect(delimiter=",", quote_char='"', header=True, header_case=True)


def test_a_descriptor_has_table_dialects_names() -> None:
    """CamelCase, as the specification writes them."""
    descriptor = {
        "delimiter": "|",
        "quoteChar": "'",
        "doubleQuote": False,
        "escapeChar": "/",
        "lineTerminator": "~",
        "skipInitialSpace": True,
        "nullSequence": "NULL",
        "header": False,
        "headerRows": [2, 3],
        "headerJoin": "_",
        "headerCase": False,
        "commentChar": "#",
        "commentRows": [1],
        "skipBlankRows": True,
        "encoding": "latin-1",
    }
    expected = Dialect(
        delimiter="|",
        quote_char="'",
        double_quote=False,
        escape_char="/",
        line_terminator="~",
        skip_initial_space=True,
        null_sequence="NULL",
        header=False,
        header_rows=(2, 3),
        header_join="_",
        header_case=False,
        comment_char="#",
        comment_rows=frozenset({1}),
        skip_blank_rows=True,
        encoding="latin-1",
    )
    assert expected == Dialect.from_descriptor(descriptor)


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf8", "Utf8"])
def test_utf_8_may_be_declared(encoding: str) -> None:
    """All of these are read as UTF-8."""
    assert Dialect() == Dialect.from_descriptor({"encoding": encoding})


def test_names_of_the_predecessor_are_understood() -> None:
    """CSV Dialect had caseSensitiveHeader, and Frictionless nests what concerns CSV alone."""
    assert Dialect(header_case=False) == Dialect.from_descriptor({"caseSensitiveHeader": False})
    nested = {"header": False, "delimiter": ",", "csv": {"delimiter": ";", "quoteChar": "'"}}
    assert Dialect(header=False, delimiter=";", quote_char="'") == Dialect.from_descriptor(nested)


ONE_LINE_OF_TEXT = "expected 1 to 100 characters, and no line break"


@pytest.mark.parametrize(
    ("descriptor", "message"),
    [
        ({"delimiter": ""}, f".delimiter: {ONE_LINE_OF_TEXT}"),
        ({"delimiter": "|" * 101}, f".delimiter: {ONE_LINE_OF_TEXT}"),
        ({"delimiter": 7}, ".delimiter: expected a string"),
        ({"delimiter": "\n"}, f".delimiter: {ONE_LINE_OF_TEXT}"),
        ({"delimiter": "|\r"}, f".delimiter: {ONE_LINE_OF_TEXT}"),
        ({"delimiter": "\0"}, f".delimiter: {ONE_LINE_OF_TEXT}"),
        ({"quoteChar": "'\n"}, f".quoteChar: {ONE_LINE_OF_TEXT}"),
        ({"quoteChar": False}, ".quoteChar: expected a string"),
        ({"doubleQuote": "no"}, ".doubleQuote: expected true or false"),
        ({"escapeChar": ""}, f".escapeChar: {ONE_LINE_OF_TEXT}"),
        ({"escapeChar": 7}, ".escapeChar: expected a string"),
        ({"lineTerminator": ""}, ".lineTerminator: expected 1 to 100 characters"),
        ({"lineTerminator": "\n\0"}, ".lineTerminator: expected 1 to 100 characters"),
        ({"lineTerminator": 10}, ".lineTerminator: expected a string"),
        ({"skipInitialSpace": 1}, ".skipInitialSpace: expected true or false"),
        ({"nullSequence": 0}, ".nullSequence: expected a string"),
        ({"header": "no"}, ".header: expected true or false"),
        ({"headerRows": 1}, ".headerRows: expected an array"),
        ({"headerRows": ["1"]}, ".headerRows[0]: expected a whole number"),
        ({"headerRows": [1, 0]}, ".headerRows[1]: rows are numbered from 1"),
        ({"headerRows": [-1]}, ".headerRows[0]: expected a whole number that is not negative"),
        ({"headerJoin": 7}, ".headerJoin: expected a string"),
        ({"headerCase": 0}, ".headerCase: expected true or false"),
        ({"commentChar": 7}, ".commentChar: expected a string"),
        ({"commentRows": [0]}, ".commentRows[0]: rows are numbered from 1"),
        ({"skipBlankRows": "yes"}, ".skipBlankRows: expected true or false"),
        ({"encoding": 8}, ".encoding: expected a string"),
        ({"csv": ";"}, ".csv: expected an object"),
        *(
            (each, ": delimiter, quoteChar, escapeChar, lineTerminator and commentChar must differ")
            for each in (
                {"delimiter": '"'},
                {"delimiter": ";", "quoteChar": ";"},
                {"escapeChar": '"'},
                {"escapeChar": ","},
                {"lineTerminator": ","},
                {"lineTerminator": "|", "delimiter": "|"},
            )
        ),
    ],
)
def test_a_broken_dialect_is_refused_with_the_path(descriptor: Mapping[str, Any], message: str) -> None:
    """A wrong dialect raises SchemaInvalid, wherever it is declared."""
    with pytest.raises(SchemaInvalid) as caught:
        Dialect.from_descriptor(descriptor)
    assert f"$dialect{message}" == str(caught.value)
    with pytest.raises(SchemaInvalid) as caught:
        Schema.from_descriptor(schema_of({}, dialect=descriptor))
    assert f"$.dialect{message}" == str(caught.value)


@pytest.mark.parametrize("encoding", ["ebcdic", "", "utf-8\0", "idna", "rot13", "base64", "unicode_escape", "é" * 10])
def test_encodings_that_python_cannot_decode_are_refused(encoding: str) -> None:
    """Nor are codecs that are no encodings of files accepted."""
    with pytest.raises(SchemaInvalid, match=r"^\$dialect\.encoding: no such encoding; use one that Python knows, such"):
        Dialect.from_descriptor({"encoding": encoding})


RAW = {"quoteChar": None}
ESCAPES = {"escapeChar": "\\"}
ONLY_ESCAPES = {"escapeChar": "\\", "doubleQuote": False}


@pytest.mark.parametrize(
    ("dialect", "text", "records"),
    [
        (RAW, 'a"b,"c",""\n"\n', [['a"b', '"c"', '""'], ['"']]),
        ({"quoteChar": ""}, '"a,b"\n', [['"a', 'b"']]),
        ({"doubleQuote": False}, '"a","b"\n', [["a", "b"]]),
        ({"doubleQuote": False}, '"a""b",c\n', [[TEXT_AFTER_QUOTE, "c"]]),
        (ESCAPES, "a\\,b,c\\\\d,\\e\n", [["a,b", "c\\d", "e"]]),
        (ESCAPES, "a\\\nb,c\nd\n", [["a\nb", "c"], ["d"]]),
        (ESCAPES, "a\\\r\nb\r\nc", [["a\r\nb"], ["c"]]),
        (ESCAPES, 'a\\"b,\\"c\\"\n', [['a"b', '"c"']]),
        (ESCAPES, '"a\\"b","c""d","e\\\\"\n', [['a"b', 'c"d', "e\\"]]),
        (ESCAPES, 'a"b\\"\n', [[QUOTE_INSIDE]]),
        (ESCAPES, "a\\", [["a\\"]]),
        (ONLY_ESCAPES, '"a\\"b","c,\nd"\n', [['a"b', "c,\nd"]]),
        (ONLY_ESCAPES, '"a""b"\n', [[TEXT_AFTER_QUOTE]]),
        ({**RAW, **ESCAPES}, '"a\\,b",c\n', [['"a,b"', "c"]]),
        ({"lineTerminator": ";"}, "a,b;1,2\n;3,4", [["a", "b"], ["1", "2\n"], ["3", "4"]]),
        ({"lineTerminator": ";"}, 'a,";";1,2;', [["a", ";"], ["1", "2"]]),
        ({"lineTerminator": "\n"}, "a\r\nb\rc\n", [["a"], ["b"], ["c"]]),
        ({"skipInitialSpace": True}, '  a, b ,  "c, d",\n  ,"",  " e"\n', [["a", "b ", "c, d", ""], ["", "", " e"]]),
        ({"skipInitialSpace": True}, '"a" , b\n', [[SPACE_AFTER_QUOTE, "b"]]),
        ({"delimiter": "||"}, 'a|b||"c||d"||"e""f"\n1||2\n', [["a|b", "c||d", 'e"f'], ["1", "2"]]),
        ({"delimiter": "§", "quoteChar": "“"}, "a§“b§c““d“§e\xff\n", [["a", "b§c“d", "e\xff"]]),
        ({"delimiter": "::", "escapeChar": "^^"}, "a^^::b::c\n", [["a::b", "c"]]),
        ({"delimiter": "ab", "commentChar": "aba"}, "abax\naab\n", [["a", ""]]),
        ({"lineTerminator": "|\n"}, "a,b|\nc\n,d|\n", [["a", "b"], ["c\n", "d"]]),
        ({"lineTerminator": "\n\n"}, "a,b\nc\n\nd\n\n", [["a", "b\nc"], ["d"]]),
        ({"lineTerminator": "¶", "delimiter": "¦"}, "a¦b¶c¦d", [["a", "b"], ["c", "d"]]),
        ({"delimiter": "->", "quoteChar": ">"}, ">a->b>->c\n", [["a->b", "c"]]),
        ({"skipInitialSpace": True}, "\ta, \tb\n", [["\ta", "\tb"]]),
        ({"commentChar": "#"}, '#a,"b\nc\n#\nd#,#e\n"#f"\n #g', [["c"], ["d#", "#e"], ["#f"], [" #g"]]),
        ({"commentChar": "//"}, "/a\n//b\r\nc\r//d", [["/a"], ["c"]]),
        ({"commentRows": [1, 3]}, "a\nb\nc\nd\n", [["b"], ["d"]]),
        ({"skipBlankRows": True}, '\na\n\n,,\n""\n b\n\n', [["a"], [" b"]]),
        ({"delimiter": "\t", "quoteChar": "'"}, "'a\tb'\t'c''d'\te\"f\n", [["a\tb", "c'd", 'e"f']]),
    ],
)
def test_a_dialect_decides_what_a_record_is(
    dialect: Mapping[str, Any], text: str, records: Sequence[Sequence[str | Fault]]
) -> None:
    """Each property as the specification has it."""
    read = RecordReader([text.encode()], Dialect.from_descriptor(dialect))
    assert list(records) == [record.cells for record in read if isinstance(record, Record)]


@pytest.mark.parametrize(
    ("dialect", "text", "errors"),
    [
        (
            {"commentChar": "#"},
            "a,b\n#c\nu,x\n#\nu,1\n\n",
            [(3, 3, 2, "b", "type-error"), (6, 6, None, None, "blank-row")],
        ),
        ({"commentRows": [2]}, 'a,b\n"c\n"\nu,x\n', [(3, 4, 2, "b", "type-error")]),
        ({"skipBlankRows": True}, "a,b\n\nu,x\n", [(3, 3, 2, "b", "type-error")]),
        ({"lineTerminator": ";"}, "a,b;u,x;", [(2, 2, 2, "b", "type-error")]),
        (ESCAPES, "a,b\nu\\\nv,1\nu,x\n", [(3, 4, 2, "b", "type-error")]),
    ],
)
def test_rows_and_lines_are_counted_whatever_is_left_out(
    dialect: Mapping[str, Any], text: str, errors: Sequence[Place]
) -> None:
    """A spreadsheet numbers comments and empty rows too."""
    assert list(errors) == found(text, SCHEMA, dialect=dialect)


@pytest.mark.parametrize(
    ("dialect", "text", "errors"),
    [
        ({"headerRows": [2]}, "title\na,b\nu,x\n", [(3, 3, 2, "b", "type-error")]),
        ({"headerRows": [3]}, '"a\ntitle"\n\na,x\n', [(3, 4, 2, "b", "incorrect-label")]),
        ({"headerRows": [1, 2], "headerJoin": ""}, ",\na,b\nu,1\n", []),
        ({"headerRows": [2, 1], "headerJoin": ""}, ",\na,b\nu,1\n", []),
        ({"headerRows": [1, 3]}, "a,\nnote\n,b\nu,x\n", [(4, 4, 2, "b", "type-error")]),
        ({"headerRows": [1, 2]}, "a,b\na,b\nu,1\n", []),
        ({"headerRows": [1, 2]}, "a,b\n,c\nu,1\n", [(1, 1, 2, "b", "incorrect-label")]),
        ({"headerRows": [1, 2]}, 'a,b"\n,c\nu,1\n', [(1, 1, 2, "b", "quote-error")]),
        ({"headerRows": [1, 2]}, "a,b\n,\xff\nu,1\n", [(1, 1, 2, "b", "incorrect-label")]),
        ({"headerRows": [1, 2]}, 'a,b\n,"\nu,1\n', [(2, 2, 2, None, "quote-error")]),
        ({"headerRows": [4]}, "a,b\nu,1\n", [(None, None, None, "file", "source-error")]),
        ({"header": False, "headerRows": [2]}, "u,1\nu,x\n", [(2, 2, 2, "b", "type-error")]),
    ],
)
def test_a_header_may_be_further_down_or_have_several_rows(
    dialect: Mapping[str, Any], text: str, errors: Sequence[Place]
) -> None:
    """Data begins below the last of them; what stands above or between is not looked at."""
    assert list(errors) == found(text, SCHEMA, dialect=dialect)


def test_labels_of_several_rows_are_joined() -> None:
    """By a space, or by what is declared."""
    schema = {"fields": [{"name": "fruit id"}, {"name": "fruit name"}]}
    text = "fruit,fruit\nid,name\n1,apple\n"
    assert [] == found(text, schema, dialect={"headerRows": [1, 2]})
    dashed = {"fields": [{"name": "fruit-id"}, {"name": "fruit-name"}]}
    assert [] == found(text, dashed, dialect={"headerRows": [1, 2], "headerJoin": "-"})


def test_a_null_sequence_stands_for_no_value() -> None:
    """Besides what the schema has for it."""
    schema = schema_of(
        {"type": "integer"}, {"type": "integer", "missingValues": ["-"], "constraints": {"required": True}}
    )
    expected = [(2, 2, 2, "b", "constraint-error"), (3, 3, 2, "b", "constraint-error"), (4, 4, 2, "b", "type-error")]
    assert expected == found("a,b\n\\N,\\N\n,-\n1,\n", schema, dialect={"nullSequence": "\\N"})


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ({"type": "object"}, '{"x": 1}', '{"x" 1}'),
        ({"type": "array"}, '["x"]', '["x'),
        ({"type": "geojson"}, '{"type":"Point"}', '{"type":"Point"'),
        ({"type": "geopoint", "format": "object"}, '{"lon":1}', '{"lon":'),
    ],
)
def test_json_may_stand_without_quotes_where_no_delimiter_is_in_it(
    kind: Mapping[str, Any], good: str, bad: str
) -> None:
    """A quote in JSON is no sign of broken quoting; in other columns it is."""
    codes = [code for *_, code in found(f"a\n{good}\n{bad}\n", schema_of(kind))]
    assert ["type-error"] * (1 + (kind["type"] not in {"object", "array"})) == codes
    assert [(2, 2, 1, "a", "quote-error")] == found(f"a\n{good}\n", schema_of({"type": "string"}))


@pytest.mark.parametrize(
    "delimiter", [";", "\t", "|", ":", " ", "^", "]", "[", "-", "\\", ".", "*", "$", "\x1f", "'", "x"]
)
def test_any_ascii_character_may_delimit(delimiter: str) -> None:
    """A comma is text then."""
    rows = ["a<b", "u,v<1", 'u"v<2', '"u<v"<3', '"u"v<4', "u<y", "u", "u<5<"]
    text = "\n".join(rows).replace("<", delimiter)
    assert [
        (3, 3, 1, "a", "quote-error"),
        (5, 5, 1, "a", "quote-error"),
        (6, 6, 2, "b", "type-error"),
        (7, 7, 2, "b", "missing-cell"),
        (8, 8, 3, None, "extra-cell"),
    ] == found(text, SCHEMA, dialect={"delimiter": delimiter})


@pytest.mark.parametrize("quote", ["'", "|", "^", "]", "\\", "-", "$", "*"])
def test_any_ascii_character_may_quote(quote: str) -> None:
    """A double quote is text then."""
    rows = ["a,b", 'u"v,1', "<u,v<,2", "<u<<v<,<3<", "u<v,4", "<u<v,5", "u,<x<", "<\n<,6", "u,<7"]
    text = "\n".join(rows).replace("<", quote)
    report = found(text, SCHEMA, dialect={"quoteChar": quote})
    assert [
        (5, 5, 1, "a", "quote-error"),
        (6, 6, 1, "a", "quote-error"),
        (7, 7, 2, "b", "type-error"),
    ] == report[:3]
    assert [(9, 10, 2, "quote-error")] == [(row, line, field, code) for row, line, field, _, code in report[3:]]
