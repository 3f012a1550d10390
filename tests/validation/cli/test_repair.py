"""The command `repair`."""

import gzip
import json
import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.validation.cli.main import main
from chalicelib.validation.cli.outcome import ExitCode

FIELDS = [
    {"name": "id", "type": "integer"},
    {"name": "name", "type": "string"},
    {"name": "total", "type": "number"},
    {"name": "day", "type": "date"},
]
Repair = Callable[..., tuple[int, bytes]]


@pytest.fixture
def repair(tmp_path: Path) -> Repair:
    """Run the command on data, and return its exit code and the copy."""

    def run(data: bytes, *arguments: str, fields: Any = FIELDS, dialect: Any = None) -> tuple[int, bytes]:
        source, schema, output = tmp_path / "a.csv", tmp_path / "s.json", tmp_path / "b.csv"
        source.write_bytes(data)
        schema.write_text(json.dumps({"fields": fields, **({"dialect": dialect} if dialect else {})}))
        code = main(["repair", str(source), "--schema", str(schema), "--output", str(output), *arguments])
        assert data == source.read_bytes()
        return code, output.read_bytes() if output.exists() else b""

    return run


def test_file_is_mended_as_a_whole_and_in_its_cells(repair: Repair, capsys: pytest.CaptureFixture[str]) -> None:
    """Encoding, first line, delimiter, order of columns, empty rows, numbers and dates; quotes and line ends stay."""
    data = (
        "sep=;\r\nID;total;name;day\r\n"
        '1;1.299,00;"M\u00fcller, K\u00f6ln";13.02.2024\r\n'
        '2;"12,5";Stra\u00dfe;01.02.2024\r\n;;;\r\n'
        '3;1,299;"a;b";02.02.2024\r\n'
    ).encode("windows-1252")
    mended = (
        "id,name,total,day\r\n"
        '1,"M\u00fcller, K\u00f6ln",1299.00,2024-02-13\r\n'
        '2,Stra\u00dfe,"12.5",2024-02-01\r\n'
        '3,"a;b",1.299,2024-02-02\r\n'
    ).encode()
    assert (ExitCode.VALID, mended) == repair(data)
    printed = capsys.readouterr().out
    assert "  the file: delimiter, ';' -> ','\n" in printed
    assert "  total: decimal-comma, 3 cells, such as 1.299,00 -> 1299.00\n" in printed


def test_two_words_show_the_encoding(repair: Repair, capsys: pytest.CaptureFixture[str]) -> None:
    """Also if their letters beyond ASCII are adjacent."""
    text = "id;name;total;day\n1;Müller;1.5;\n2;Núñez;2.5;\n"
    assert (ExitCode.VALID, text.replace(";", ",").encode()) == repair(text.encode("windows-1252"))
    assert "  the file: encoding, 'windows-1252' -> 'utf-8'\n" in capsys.readouterr().out


def test_broken_characters_of_utf_8_show_no_encoding(repair: Repair) -> None:
    """A file with characters of UTF-8 is not decoded by another encoding."""
    data = "id,name,total,day\n1,Müller,,\n2,Köln,,\n".encode() + b"3,N\xfa\xf1ez,,\n4,Gr\xf6\xdfe,,\n"
    assert (ExitCode.INVALID, data) == repair(data)


@pytest.mark.parametrize(
    ("dialect", "data"),
    [
        (None, b'\xef\xbb\xbfid,name,total,day\r\n1, x ,1.5,2024-01-01\n"2","y""\n",2,\r3,z,3,'),
        ({"delimiter": ";", "encoding": "windows-1252"}, b"id;name;total;day\n1;\xfc\x81;1.5;2024-01-01"),
        ({"encoding": "utf-16"}, "id,name,total,day\n1,\u00fc,1.5,\n".encode("utf-16")),
        ({"commentChar": "#", "skipInitialSpace": True}, b'#1,5\nid, name,total,day\n# x\n1, a, "1.5",\n'),
        ({"quoteChar": "'", "escapeChar": "\\", "doubleQuote": False}, b"id,name,total,day\n1,'\\'',1,\n"),
    ],
)
def test_right_cells_stay_byte_by_byte(repair: Repair, dialect: Any, data: bytes) -> None:
    """Quotes, spaces, line ends, byte order marks, comments and bytes that the encoding does not define."""
    assert data == repair(data, dialect=dialect)[1]


def test_errors_that_no_rule_mends_stay(repair: Repair, capsys: pytest.CaptureFixture[str]) -> None:
    """What may be read in several ways is offered, and not done."""
    data = b'id,name,total,day\n1,a,"1,299",\n2,b,x,\n'
    assert (ExitCode.INVALID, data) == repair(data)
    printed = capsys.readouterr().out
    assert "--rules decimal-comma:decimal would change 1 cell, such as 1,299 -> 1.299" in printed
    assert "invalid, 2 errors in 2 rows, by schema" in printed


@pytest.mark.parametrize("dialect", [[], ["--dialect", '{"delimiter": ";"}']])
def test_command_that_lists_what_is_left_is_printed(
    repair: Repair, capsys: pytest.CaptureFixture[str], dialect: list[str]
) -> None:
    """It can be copied into a shell, and finds the same errors; a valid copy needs none."""
    delimiter = ";" if dialect else ","
    header, row = (delimiter.join(each) for each in (("id", "name", "total", "day"), ("1", "a", "x", "")))
    assert ExitCode.INVALID == repair(f"{header}\n{row}\n".encode(), *dialect)[0]
    _, listing = capsys.readouterr().out.split("  list them with: assay ")
    assert ExitCode.INVALID == main(shlex.split(listing))
    assert "type-error" in capsys.readouterr().out
    assert ExitCode.VALID == repair(f"{header}\n".encode(), *dialect)[0]
    assert "list them with" not in capsys.readouterr().out


@pytest.mark.parametrize(("rule", "total"), [("decimal-comma:decimal", b"1.299"), ("all,grouping:grouping", b"1299")])
def test_person_chooses_a_reading(repair: Repair, rule: str, total: bytes) -> None:
    """By the variant of a rule."""
    data = b'id,name,total,day\n1,a,"1,299",\n'
    assert (ExitCode.VALID, data.replace(b"1,299", total)) == repair(data, "--rules", rule)


def test_only_the_rules_that_are_named_are_applied(repair: Repair) -> None:
    """Cells that need another one stay as they are."""
    data, dialect = b"id;name;total;day\n1;a;7_000;\n2;b;1,5;\n", {"delimiter": ";"}
    assert data.replace(b"1,5", b"1.5") == repair(data, "--rules", "decimal-comma", dialect=dialect)[1]
    assert data.replace(b"7_000", b"7000") == repair(data, "--rules", "grouping,midnight", dialect=dialect)[1]


def test_cell_far_below_refuses_a_change(repair: Repair) -> None:
    """Beside numbers with a point, `1,299` may be either; `12,5` cannot."""
    rows = [f"{row};a;{'12,5' if row % 2 else '1,299'};" for row in range(10_000)]
    data = "\n".join(["id;name;total;day", *rows, "7;b;12.75;", ""]).encode()
    _, mended = repair(data, dialect={"delimiter": ";"})
    assert data.replace(b"12,5", b"12.5") == mended


def test_columns_with_data_are_not_left_out(repair: Repair) -> None:
    """A column without a label is left out only if it is empty in every row."""
    empty = b"id,name,total,day,\n1,a,1.5,,\n"
    assert (ExitCode.VALID, b"id,name,total,day\n1,a,1.5,\n") == repair(empty)
    filled = b"id,name,total,day,\n1,a,1.5,,\n2,b,1.5,,x\n"
    assert (ExitCode.INVALID, filled) == repair(filled)


@pytest.mark.parametrize(
    ("beginning", "message"),
    [
        (b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml", "an Excel workbook (.xlsx); save it as CSV"),
        (b"%PDF-1.7\n", "a PDF document; save it as CSV"),
        (gzip.compress(b"id\n1\n", mtime=0), "a gzip archive; give it a name that ends in .csv.gz, or save it as CSV"),
    ],
)
def test_file_that_is_not_csv_is_refused(
    repair: Repair, capsys: pytest.CaptureFixture[str], beginning: bytes, message: str
) -> None:
    """With the validator's message, and without a copy."""
    assert (ExitCode.NOT_CHECKED, b"") == repair(beginning)
    printed = capsys.readouterr()
    assert ("", True) == (printed.out, printed.err.endswith(f"FILE: the file looks like {message}\n"))


def test_compressed_files_are_read_and_written(tmp_path: Path) -> None:
    """By the ends of their names."""
    (tmp_path / "s.json").write_text(json.dumps({"fields": FIELDS[:1]}))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"id\n'7\n"))
    code = main(
        ["repair", str(tmp_path / "a.csv.gz"), "--schema", str(tmp_path / "s.json"), "--output", str(tmp_path / "b.gz")]
    )
    assert (ExitCode.VALID, b"id\n7\n") == (code, gzip.decompress((tmp_path / "b.gz").read_bytes()))


def test_file_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither by its own name nor by another one; if the repair fails, an earlier copy stays."""
    source, link, schema = tmp_path / "a.csv", tmp_path / "l.csv", tmp_path / "s.json"
    source.write_bytes(b"id\n'7\n")
    link.hardlink_to(source)
    schema.write_text(json.dumps({"fields": FIELDS[:1]}))
    for output in (source, link):
        code = main(["repair", str(source), "--schema", str(schema), "--output", str(output)])
        assert (ExitCode.NOT_CHECKED, b"id\n'7\n") == (code, source.read_bytes())
    assert "it would be written over the file itself" in capsys.readouterr().err
    code = main(["repair", str(tmp_path / "none.csv"), "--schema", str(schema), "--output", str(source)])
    assert (ExitCode.NOT_CHECKED, b"id\n'7\n") == (code, source.read_bytes())
    assert ["a.csv", "l.csv", "s.json"] == sorted(path.name for path in tmp_path.iterdir())


def test_unknown_rule_is_refused(repair: Repair, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt name must not look as if there were nothing to mend."""
    with pytest.raises(SystemExit):
        repair(b"id\n", "--rules", "decimal-coma")
    assert "no such rule: decimal-coma; there are encoding," in capsys.readouterr().err


@pytest.mark.parametrize("marked", ["rows.csv", "rows.xlsx"])
def test_errors_and_rows_are_written_beside_the_verdict(tmp_path: Path, marked: str) -> None:
    """The table of the errors, and the whole file with a column of its errors."""
    if marked.endswith(".xlsx") and "CI" not in os.environ:
        pytest.importorskip("xlsxwriter")
    (tmp_path / "s.json").write_text(json.dumps({"fields": FIELDS[:1]}))
    (tmp_path / "a.csv").write_bytes(b"id\n'7\n8\n")
    errors, rows = tmp_path / "errors.csv", tmp_path / marked
    arguments = [str(tmp_path / "a.csv"), "--schema", str(tmp_path / "s.json")]
    assert ExitCode.INVALID == main([*arguments, "--errors", str(errors), "--marked", str(rows)])
    assert b"2,2,id,A," in errors.read_bytes()
    assert rows.read_bytes().startswith(b"PK" if marked.endswith(".xlsx") else b"\xef\xbb\xbfid,errors,row")


def test_rows_of_standard_input_cannot_be_marked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It cannot be read twice."""
    assert ExitCode.NOT_CHECKED == main(["-", "--marked", str(tmp_path / "rows.csv")])
    assert "--marked: standard input cannot be read twice" in capsys.readouterr().err
