"""The dialect and the columns that are proposed for a file."""

from io import BytesIO
from typing import Any

import pytest

from chalicelib.errors import SampleUnusable
from chalicelib.validation import validate
from chalicelib.validation.inference import infer, propose, sample
from chalicelib.validation.inference.encoding import detect_encoding


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_delimiter_other_than_a_comma_is_declared(delimiter: str) -> None:
    """The sample is valid by the proposal."""
    data = f"a{delimiter}b\n1{delimiter}x, y\n".encode()
    schema = infer([data])
    assert {"delimiter": delimiter} == schema["dialect"]
    assert validate([data], schema).valid


@pytest.mark.parametrize(
    ("text", "dialect", "names"),
    [
        ("a, one;b, two, three;c, d\n1;x;2\n3;y;4\n", {"delimiter": ";"}, ["a, one", "b, two, three", "c, d"]),
        ("sep=;\na;b\n1;2\n", {"delimiter": ";", "commentRows": [1]}, ["a", "b"]),
        ("Report\n\na;b\n1;2\n", {"delimiter": ";", "commentRows": [1, 2]}, ["a", "b"]),
        ("Report,2024,\na,b,c\n1,2,3\n4,5,6\n", {"commentRows": [1]}, ["a", "b", "c"]),
        ("# made today\na,b\n1,2\n# more\n3,4\n", {"commentChar": "#"}, ["a", "b"]),
        ("a,b\n1,2\n\n3,4\n", {"skipBlankRows": True}, ["a", "b"]),
        ("a,b\r\r\n1,2\r\r\n", {"skipBlankRows": True}, ["a", "b"]),
        ("a, b\n1, 2\n", {"skipInitialSpace": True}, ["a", "b"]),
        ('a,b\n1,"x \\" y"\n', {"escapeChar": "\\", "doubleQuote": False}, ["a", "b"]),
        ('a,b\n5" disk,1\n', {"quoteChar": None}, ["a", "b"]),
        ("a;b\n'x;1';2\n'y';3\n", {"delimiter": ";", "quoteChar": "'"}, ["a", "b"]),
        ("name\nSmith, Tom\nAnn\n", {"delimiter": ";"}, ["name"]),
        ("1,2024-01-01\n2,2024-01-02\n", {"header": False}, ["field1", "field2"]),
        (",a\n0,1\n1,2\n", {"header": False, "commentRows": [1]}, ["field1", "a"]),
        ("a,a\n1,2\n", {"header": False, "commentRows": [1]}, ["a", "a_2"]),
        ("a,b\n1,2,\n3,4,\n", {"header": False, "commentRows": [1]}, ["a", "b", "field3"]),
        ('"a","b"\n"x",1,2\n"y",3,4\n', {"header": False, "commentRows": [1]}, ["field1", "a", "b"]),
    ],
)
def test_layout_is_declared(text: str, dialect: dict[str, Any], names: list[str]) -> None:
    """The file is valid by the proposal."""
    schema = infer([text.encode()])
    assert (dialect, names) == (schema["dialect"], [field["name"] for field in schema["fields"]])
    assert validate([text.encode()], schema).valid


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("a,b,,\n1,2,,\n", ["columns 3, 4 have no name"]),
        ("a,b,a\n1,2,3\n", ["columns 1, 3 have the same name, 'a'"]),
        ("sep=;\na;b\n1;2\n", ["the header is in row 2; row 1 is skipped"]),
    ],
)
def test_labels_and_lines_that_need_attention_are_named(text: str, notes: list[str]) -> None:
    """With the positions of the columns."""
    assert notes == [note for note in propose([text.encode()]).notes if not note.startswith("the header is skipped")]


@pytest.mark.parametrize(
    ("encoding", "text", "declared"),
    [
        ("windows-1252", "id;name\n1;Müller\n2;Jürgen Groß\n3;5 €\n", "windows-1252"),
        ("latin-1", "id;name\n1;José\n2;Ana Muñoz\n", "windows-1252"),
        ("windows-1250", "id;name\n1;Łódź\n2;Wąchock\n3;Šárka\n", "windows-1250"),
        ("iso-8859-2", "id;name\n1;Łódź\n2;Dvořák\n", "iso-8859-2"),
        ("windows-1250", "id;jméno\n1;Dvořák\n2;Černý\n3;Růžička\n4;Vaněk\n", "windows-1250"),
        ("windows-1250", "id;név\n1;Győr\n2;Szűcs Gábor\n3;Gödöllő\n4;Török Ernő\n5;Kőszeg\n", "windows-1250"),
        ("windows-1254", "id;ad\n1;Yılmaz\n2;Çağrı Öztürk\n3;Şimşek\n4;Iğdır\n", "windows-1254"),
        ("windows-1257", "id;vardas\n1;Žukauskas\n2;Kėdainiai\n3;Kęstutis\n4;Panevėžys\n", "windows-1257"),
        ("windows-1255", "id;שם\n1;חיפה\n2;ירושלים\n3;באר שבע\n", "windows-1255"),
        ("cp874", "id;ชื่อ\n1;กรุงเทพ\n2;เชียงใหม่\n", "cp874"),
        ("windows-1252", "id;name\n1;Hélène\n2;José\n3;Jørgen\n4;Müller\n5;città\n", "windows-1252"),
        ("windows-1251", "id;имя\n1;Иван\n2;Москва и Петербург\n", "windows-1251"),
        ("koi8-r", "id;имя\n1;Иван\n2;Москва и Петербург\n", "koi8-r"),
        ("windows-1253", "id;όνομα\n1;Αθήνα\n2;Γιώργος\n", "windows-1253"),
        ("cp850", "id;name\n1;Müller\n2;Käse\n", "cp850"),
        ("mac-roman", "id;name\n1;Müller\n2;José\n", "mac-roman"),
        ("shift_jis", "id,名前\n1,山田太郎\n2,東京都\n", "shift_jis"),
        ("gb18030", "id,名称\n1,北京市\n2,上海市\n", "gb18030"),
        ("euc-kr", "id,이름\n1,서울특별시\n2,김철수\n", "euc-kr"),
        ("big5", "id,名稱\n1,臺北市\n2,高雄市\n", "big5"),
        ("utf-16", "a,b\n1,ü\n", "utf-16"),
        ("utf-16-le", "a,b\n1,ü\n", "utf-16-le"),
        ("utf-8-sig", "a,b\n1,ü\n", None),
    ],
)
def test_encoding_is_detected(encoding: str, text: str, declared: str | None) -> None:
    """The file is valid by the proposal, and the labels are decoded."""
    data = text.encode(encoding)
    schema = infer([data])
    assert declared == schema.get("dialect", {}).get("encoding")
    assert text.split("\n", maxsplit=1)[0].replace(";", ",").split(",") == [field["name"] for field in schema["fields"]]
    assert validate([data], schema).valid


def test_encoding_is_detected_in_linear_time() -> None:
    """A megabyte of letters of ASCII takes some milliseconds; a search from each of them would take hours."""
    assert "windows-1252" == detect_encoding([b"caf\xe9;" + b"a" * (1 << 20)], is_whole=True)


def test_incomplete_last_record_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample may end within a record, or within a character."""
    monkeypatch.setattr(sample, "SAMPLE_BLOCKS", 1)
    monkeypatch.setattr(sample, "BLOCK_BYTES", 100)
    data = b"day,amount,name\n" + "2024-01-01,12.50,ü\n".encode() * 20
    for source in (BytesIO(data), iter([data])):
        schema = infer(source)
        assert ["date", "number", "string"] == [field["type"] for field in schema["fields"]]
        assert all(field["constraints"]["required"] for field in schema["fields"])
        assert validate([data], schema).valid


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04 and more", "the file looks like a zip archive"),
        (b'"never closed', "the header cannot be read"),
        (b'"id,name"\n"1,a"\n"2,b"\n', "each row is in quotes as a whole"),
        (b"a,b\n1,2\n3\n", "no schema fits the file: row 3, line 3: "),
        (b"a,b\n1,x\0\n", "no schema fits the file: row 2, line 2: a NUL"),
        (b'a,b\n1,"x\n2,y\n', "no schema fits the file: row 2, line 2: "),
        ("ä,ö\nü,ß\n".encode() + b"\xff,x\n", "no schema fits the file: row 3, line 3: "),
    ],
)
def test_broken_file_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    """The proposal has the schema all the same, unless nothing could be read."""
    with pytest.raises(SampleUnusable, match="^" + reason.replace("(", r"\(")):
        infer([data])
