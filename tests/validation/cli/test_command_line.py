"""The command line: `assay`, and `python -m chalicelib.validation`."""

import json
import subprocess
import sys
from typing import Any

import pytest

from chalicelib.validation.cli.main import main
from tests.validation.cli.samples import BAD, GOOD, ROOT


def test_a_valid_file_exits_with_0(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """One line: the file, the verdict, the number of rows, the schema."""
    path = written(GOOD)
    assert 0 == main([path])
    assert (f"{path}: valid, 1 row, by schema default\n", "") == capsys.readouterr()


def test_an_invalid_file_exits_with_1(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The errors are listed below the verdict."""
    path = written(BAD)
    assert 1 == main([path])
    assert [
        f"{path}: invalid, 3 errors in 2 rows, by schema default",
        "type-error 2, constraint-error 1",
        "",
        "row  line  column  letter  code              message",
        "  3     3  id      A       type-error        expected an integer, as in 42",
        "  3     3  name    B       constraint-error  expected a value; the cell is empty",
        (
            "  3     3  amount  D       type-error        expected a decimal number, as in 12.5; "
            "write it without an exponent"
        ),
    ] == capsys.readouterr().out.splitlines()


def test_json_is_one_line_of_the_wire_contract(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The file, its schema, the verdict, the listed errors, and the counts of all errors."""
    path = written(BAD)
    assert 1 == main([path, "--json", "--max-errors", "1"])
    output = capsys.readouterr().out
    assert 1 == output.count("\n")
    assert {
        "file": path,
        "schema": "default",
        "valid": False,
        "errorCount": 3,
        "errors": [
            {
                "row": 3,
                "line": 3,
                "column": "id",
                "field": 1,
                "code": "type-error",
                "message": "expected an integer, as in 42",
            }
        ],
        "rowCount": 2,
        "countsByCode": {"type-error": 2, "constraint-error": 1},
        "countsByColumn": {"id": 1, "name": 1, "amount": 1},
        "unchecked": [],
    } == json.loads(output)


def test_json_of_a_valid_file(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The same shape without errors."""
    path = written(GOOD)
    assert 0 == main(["--json", path])
    counts: dict[str, int] = {}
    expected = {"file": path, "schema": "default", "valid": True, "errorCount": 0, "errors": [], "rowCount": 1}
    expected["unchecked"] = []
    assert {**expected, "countsByCode": counts, "countsByColumn": counts} == json.loads(capsys.readouterr().out)


def test_errors_that_are_not_listed_are_counted(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """--max-errors shortens the list, but not the count."""
    assert 1 == main([written(BAD), "--max-errors=1"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("invalid, 3 errors in 2 rows, by schema default")
    assert "… and 2 more" == lines[-1]


def test_help_states_how_many_errors_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """The default of --max-errors."""
    with pytest.raises(SystemExit):
        main(["validate", "--help"])
    assert "list at most N errors; by default 100" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["a", "b", "--report", "c.html"],
        ["validate"],
        ["a", "--format", "xml"],
        ["a", "--max-errors", "-1"],
        ["a", "--max-errors", "x"],
        ["a", "--processes", "0"],
        ["a", "--processes", "-1"],
        ["a", "--processes", "x"],
        ["a", "--schema"],
        ["a", "--what"],
    ],
)
def test_invalid_arguments_exit_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The usage is on standard error."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert 2 == caught.value.code
    assert "usage: assay" in capsys.readouterr().err


def test_an_option_that_is_not_a_number_names_the_minimum(capsys: pytest.CaptureFixture[str]) -> None:
    """The message states what is expected."""
    with pytest.raises(SystemExit):
        main(["a", "--processes", "0"])
    assert capsys.readouterr().err.endswith("argument --processes: expected a number, 1 or more\n")


@pytest.mark.parametrize(("content", "code"), [(GOOD, 0), (BAD, 1)])
def test_the_process_exits_with_the_verdict(written: Any, content: str, code: int) -> None:
    """Shell scripts depend on the exit code of the process."""
    command = [sys.executable, "-m", "chalicelib.validation", written(content)]
    assert code == subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode  # noqa: S603


def test_closed_output_ends_quietly(written: Any) -> None:
    """The exit code is 141, as of other programs that write into `head`; 1 would mean that the file is invalid."""
    path = written("id,name,email,amount\n" + "x,,,\n" * 20_000)
    command = f"{sys.executable} -m chalicelib.validation {path} --max-errors 50000 2>&1; echo $? >&2"
    done = subprocess.run(["bash", "-c", f"({command}) | head -1"], cwd=ROOT, check=False, capture_output=True)  # noqa: S603, S607
    assert b"141\n" == done.stderr
    assert 1 == done.stdout.count(b"\n")


def test_several_files_have_the_worst_exit_code(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """2 is worse than 1, and 1 than 0; each file has its verdict."""
    good, bad = written(GOOD, "good.csv"), written(BAD, "bad.csv")
    assert 1 == main(["validate", good, bad, good])
    assert 2 == main(["validate", "absent.csv", bad])
    output, complaint = capsys.readouterr()
    assert [2, 2] == [output.count(f"{good}: valid"), output.count(f"{bad}: invalid")]
    assert "could not check absent.csv: No such file or directory\n" == complaint


def test_a_likely_misspelling_in_the_schema_is_a_warning(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Once for all files; a verdict says nothing about a key that was not checked."""
    schema = written('{"fields": [{"name": "id"}], "primarykey": ["id"]}', "schema.json")
    files = [written("id\n1\n1\n", f"{name}.csv") for name in ("first", "second")]
    assert 0 == main([*files, "--schema", schema])
    warning = f"warning: the schema {schema}: $.primarykey: the property is ignored; primaryKey may be meant\n"
    assert warning == capsys.readouterr().err
