"""`python -m chalicelib.validation`: the verdict on a terminal, without any AWS."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import current_thread, setprofile
from typing import Any

import pytest

from chalicelib.validation.__main__ import main

GOOD = "ID,Name,Email,Amount\n1,Ada,ada@example.com,9.50\n"
BAD = "id,name,email,amount\n1,Ada,ada@example.com,9.50\nx,,ada@example.com,1e5\n"


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Write a file and give its path."""

    def write(content: str, name: str = "file.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode())
        return str(path)

    return write


def test_a_valid_file_exits_with_0(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """One line: its name, the verdict, how many rows."""
    path = written(GOOD)
    assert 0 == main([path])
    assert (f"{path}: valid, 1 row\n", "") == capsys.readouterr()


def test_an_invalid_file_exits_with_1(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The errors stand below the verdict."""
    path = written(BAD)
    assert 1 == main([path])
    assert [
        f"{path}: invalid, 3 errors in 2 rows",
        "type-error 2, constraint-error 1",
        "",
        "row  line  field  column  code              message",
        "  3     3      1  id      type-error        expected an integer",
        "  3     3      2  name    constraint-error  expected a value",
        "  3     3      4  amount  type-error        expected a decimal number",
    ] == capsys.readouterr().out.splitlines()


def test_json_is_one_line_of_the_wire_contract(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Valid, errorCount, errors, rowCount, and the counts of all errors."""
    assert 1 == main([written(BAD), "--json", "--max-errors", "1"])
    output = capsys.readouterr().out
    assert 1 == output.count("\n")
    assert {
        "valid": False,
        "errorCount": 3,
        "errors": [
            {
                "row": 3,
                "line": 3,
                "column": "id",
                "field": 1,
                "code": "type-error",
                "message": "expected an integer",
            }
        ],
        "rowCount": 2,
        "countsByCode": {"type-error": 2, "constraint-error": 1},
        "countsByColumn": {"id": 1, "name": 1, "amount": 1},
    } == json.loads(output)


def test_json_of_a_valid_file(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The same shape without errors."""
    assert 0 == main(["--json", written(GOOD)])
    counts: dict[str, int] = {}
    expected = {"valid": True, "errorCount": 0, "errors": [], "rowCount": 1}
    assert {**expected, "countsByCode": counts, "countsByColumn": counts} == json.loads(capsys.readouterr().out)


def test_errors_that_are_not_listed_are_counted(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """With --max-errors the list is shorter, the count is not."""
    assert 1 == main([written(BAD), "--max-errors=1"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("invalid, 3 errors in 2 rows")
    assert "… and 2 more" == lines[-1]


def test_schema_is_chosen_by_name_or_by_path(written: Any) -> None:
    """A name is one of those that come with Assay; a slash or .json means a file."""
    schema = written('{"fields": [{"name": "a", "type": "integer"}]}', "schema.json")
    assert 0 == main([written(GOOD), "--schema", "default"])
    assert 1 == main([written(GOOD), "--schema", schema])
    assert 0 == main([written("a\n1\n"), "--schema", schema])
    assert 1 == main([written("a\nx\n"), "--schema", schema])


def test_a_path_needs_no_suffix(written: Any) -> None:
    """With a slash it is a file, whatever it is called."""
    assert 0 == main([written("a\n1\n"), "--schema", written('{"fields": [{"name": "a"}]}', "schema")])


def test_a_file_in_the_current_folder_may_be_the_schema(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a slash, .json tells."""
    path = Path(written('{"fields": [{"name": "a"}]}', "schema.json"))
    monkeypatch.chdir(path.parent)
    assert 0 == main([written("a\n1\n"), "--schema", "schema.json"])


def test_structure_may_be_checked_alone(written: Any) -> None:
    """Against no schema."""
    assert 0 == main([written("u,v\nx,y\n"), "--structure-only"])
    assert 1 == main([written("u,v\nx\n"), "--structure-only"])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--schema", "orders"], "there is no schema 'orders'; there are default"),
        (["--schema", "broken.json"], "the schema 'broken.json' is not JSON: "),
        (["--schema", "list.json"], "the schema 'list.json' is not a JSON object"),
        (["--schema", "wrong.json"], "$.fields[0].constraints.minimum: expected an integer"),
        (["--schema", "absent.json"], "No such file or directory"),
    ],
)
def test_a_schema_that_cannot_be_used_exits_with_2(
    written: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    reason: str,
) -> None:
    """That is no verdict on the file: nothing on standard output, the reason on standard error."""
    path = Path(written(GOOD))
    written("{", "broken.json")
    written("[]", "list.json")
    written('{"fields": [{"name": "a", "type": "integer", "constraints": {"minimum": "x"}}]}', "wrong.json")
    monkeypatch.chdir(path.parent)
    assert 2 == main(["file.csv", *arguments])
    output, complaint = capsys.readouterr()
    assert "" == output
    assert complaint.startswith("could not check file.csv: ")
    assert reason in complaint


@pytest.mark.parametrize("taken", ["report.jsonl", "report.html"])
def test_a_report_that_cannot_be_written_exits_with_2(
    written: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], taken: str
) -> None:
    """It is not the file that is to blame: the message names the part of the report, and what is in its way."""
    folder = tmp_path / "reports"
    (folder / taken).mkdir(parents=True)
    assert 2 == main([written(GOOD), "--report", str(folder / "report.html")])
    assert ("", f"could not write the report {folder / taken}: Is a directory\n") == capsys.readouterr()
    absent = tmp_path / "absent"
    assert 2 == main([written(GOOD), "--report", str(absent / "report.html")])
    told = f"could not write the report {absent / 'report.jsonl'}: No such file or directory\n"
    assert ("", told) == capsys.readouterr()


@pytest.mark.parametrize("rows", [1, 10_000], ids=["at-the-end", "meanwhile"])
@pytest.mark.parametrize("taken", ["report.jsonl", "report.html"])
def test_a_report_for_which_there_is_no_room_exits_with_2(
    written: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], taken: str, rows: int
) -> None:
    """A full disk says so when something is written, or only when all is: then, too, the message names the report."""
    full = tmp_path / taken
    full.symlink_to("/dev/full")
    path = written("id,name,email,amount\n" + "x,Ada,ada@example.com,1\n" * rows)
    assert 2 == main([path, "--report", str(tmp_path / "report.html")])
    assert ("", f"could not write the report {full}: No space left on device\n") == capsys.readouterr()


def test_a_file_that_cannot_be_read_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not there, or is a folder."""
    missing = tmp_path / "missing.csv"
    assert 2 == main([str(missing), "--json"])
    assert ("", f"could not check {missing}: No such file or directory\n") == capsys.readouterr()
    assert 2 == main([str(tmp_path)])
    assert ("", f"could not check {tmp_path}: Is a directory\n") == capsys.readouterr()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["a", "b"],
        ["a", "--max-errors", "-1"],
        ["a", "--max-errors", "x"],
        ["a", "--threads", "0"],
        ["a", "--threads", "-1"],
        ["a", "--threads", "x"],
        ["a", "--schema"],
        ["a", "--what"],
    ],
)
def test_arguments_that_make_no_sense_exit_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The usage stands on standard error."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert 2 == caught.value.code
    assert "usage: python -m chalicelib.validation" in capsys.readouterr().err


def test_an_option_that_is_no_number_is_told_what_would_be_one(capsys: pytest.CaptureFixture[str]) -> None:
    """From which on."""
    with pytest.raises(SystemExit):
        main(["a", "--threads", "0"])
    assert capsys.readouterr().err.endswith("argument --threads: expected a number, 1 or more\n")


@pytest.fixture
def scanning() -> Iterator[set[str]]:
    """The names of the threads that are started to scan."""
    names: set[str] = set()

    def note(*_: object) -> None:
        if current_thread().name.startswith("scan"):
            names.add(current_thread().name)

    setprofile(note)
    yield names
    setprofile(None)


@pytest.mark.parametrize(("threads", "most"), [("1", 0), ("3", 3)])
def test_the_number_of_threads_may_be_chosen(written: Any, scanning: set[str], threads: str, most: int) -> None:
    """One needs no help; the verdict is the same with any."""
    rows = "1,Ada,ada@example.com,9.50\n" * 100_000
    assert 0 == main([written(GOOD + rows), "--threads", threads])
    assert 1 == main([written(GOOD + rows + "x\n"), "--threads", threads])
    assert len(scanning) <= most


@pytest.mark.parametrize(("content", "code"), [(GOOD, 0), (BAD, 1)])
def test_the_process_exits_with_the_verdict(written: Any, content: str, code: int) -> None:
    """What a shell script goes by."""
    command = [sys.executable, "-m", "chalicelib.validation", written(content)]
    root = Path(__file__).parents[3]
    assert code == subprocess.run(command, cwd=root, check=False, capture_output=True).returncode  # noqa: S603


def test_infer_proposes_a_schema_that_the_file_meets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON that can be saved and used at once."""
    file, schema = tmp_path / "sample.csv", tmp_path / "schema.json"
    file.write_text("id,when\n1,2024-02-29\n2,\n")
    assert main(["--infer", str(file)]) == 0
    schema.write_text(capsys.readouterr().out)
    assert main([str(file), "--schema", str(schema)]) == 0


def test_a_gzip_file_is_checked_as_what_is_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its name; a schema is proposed from one, too."""
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(BAD.encode()))
    assert 1 == main([str(path)])
    assert "invalid, 3 errors in 2 rows" in capsys.readouterr().out
    assert 0 == main(["--infer", str(path)])
    assert ["id", "name", "email", "amount"] == [
        field["name"] for field in json.loads(capsys.readouterr().out)["fields"]
    ]


def test_a_schema_is_not_proposed_from_what_is_no_gzip_file(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong with it is said."""
    assert 2 == main(["--infer", written(GOOD, "file.csv.gz")])
    assert "the file is not compressed by gzip" in capsys.readouterr().err


def test_a_file_may_have_as_many_bytes_as_one_says(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """And any number if one says nothing."""
    path = written(GOOD)
    assert 0 == main([path, "--max-bytes", str(len(GOOD))])
    assert 1 == main([path, "--max-bytes", str(len(GOOD) - 1)])
    assert "oversized-file" in capsys.readouterr().out


def test_a_report_is_a_page_and_a_list_of_errors_beside_it(written: Any, tmp_path: Path) -> None:
    """All errors, though fewer are printed; a valid file has a page too."""
    page = tmp_path / "report.html"
    assert 1 == main([written(BAD), "--report", str(page), "--max-errors", "1"])
    assert all(text in page.read_text() for text in ("file.csv", "3 errors", "<mark>1e5</mark>"))
    rows = [json.loads(line)["field"] for line in (tmp_path / "report.jsonl").read_text().splitlines()]
    assert [1, 2, 4] == rows
    assert 0 == main([written(GOOD), "--report", str(page)])
    assert ("Valid" in page.read_text(), (tmp_path / "report.jsonl").read_text()) == (True, "")


@pytest.mark.parametrize(("file", "page"), [("a.html", "a.html"), ("a.jsonl", "a.html")])
def test_a_report_is_never_written_over_the_file(
    written: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, page: str
) -> None:
    """Whatever it is called."""
    path = written(GOOD, file)
    assert 2 == main([path, "--report", str(tmp_path / page)])
    assert "it would be written over the file itself" in capsys.readouterr().err
    assert GOOD == Path(path).read_text()


def test_a_report_has_a_name_that_a_browser_knows(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Anything else is a slip of the pen."""
    with pytest.raises(SystemExit):
        main([written(GOOD), "--report", "report.csv"])
    assert "expected a name that ends in .html" in capsys.readouterr().err
