"""The command line: `assay`, and `python -m chalicelib.validation`."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chalicelib.validation.cli.main import main

ROOT = Path(__file__).parents[3]
GOOD = "ID,Name,Email,Amount\n1,Ada,ada@example.com,9.50\n"
BAD = "id,name,email,amount\n1,Ada,ada@example.com,9.50\nx,,ada@example.com,1e5\n"


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Write a file and return its path."""

    def write(content: str, name: str = "file.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode())
        return str(path)

    return write


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


def test_schema_is_chosen_by_name_or_by_path(written: Any) -> None:
    """A name is one of those that come with Assay; a slash or .json means a file."""
    schema = written('{"fields": [{"name": "a", "type": "integer"}]}', "schema.json")
    assert 0 == main([written(GOOD), "--schema", "default"])
    assert 1 == main([written(GOOD), "--schema", schema])
    assert 0 == main([written("a\n1\n"), "--schema", schema])
    assert 1 == main([written("a\nx\n"), "--schema", schema])


def test_a_path_needs_no_suffix(written: Any) -> None:
    """A name with a slash is a file."""
    assert 0 == main([written("a\n1\n"), "--schema", written('{"fields": [{"name": "a"}]}', "schema")])


def test_a_file_in_the_current_folder_may_be_the_schema(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that ends in .json is a file."""
    path = Path(written('{"fields": [{"name": "a"}]}', "schema.json"))
    monkeypatch.chdir(path.parent)
    assert 0 == main([written("a\n1\n"), "--schema", "schema.json"])


def test_structure_may_be_checked_alone(written: Any) -> None:
    """Without a schema, only the structure is checked."""
    assert 0 == main([written("u,v\nx,y\n"), "--structure-only"])
    assert 1 == main([written("u,v\nx\n"), "--structure-only"])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--schema", "orders"], "there is no schema 'orders'; there are default"),
        (["--schema", "broken.json"], "the schema 'broken.json' is not JSON: "),
        (["--schema", "list.json"], "the schema 'list.json' is not a JSON object"),
        (
            ["--schema", "wrong.json"],
            "the schema 'wrong.json' is invalid: $.fields[0].constraints.minimum: expected an integer, as in 42",
        ),
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
    """There is no verdict: the reason is on standard error, and standard output is empty."""
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
    """The message names the part of the report, and why it cannot be written."""
    folder = tmp_path / "reports"
    (folder / taken).mkdir(parents=True)
    assert 2 == main([written(GOOD), "--report", str(folder / "report.html")])
    assert ("", f"could not write the report {folder / taken}: Is a directory\n") == capsys.readouterr()
    absent = tmp_path / "absent"
    assert 2 == main([written(GOOD), "--report", str(absent / "report.html")])
    message = f"could not write the report {absent / 'report.jsonl'}: No such file or directory\n"
    assert ("", message) == capsys.readouterr()


@pytest.mark.parametrize("rows", [1, 10_000], ids=["at-the-end", "meanwhile"])
@pytest.mark.parametrize("taken", ["report.jsonl", "report.html"])
def test_a_report_on_a_full_disk_exits_with_2(
    written: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], taken: str, rows: int
) -> None:
    """The error occurs while errors are written, or when the file is closed; the message names the report."""
    full = tmp_path / taken
    full.symlink_to("/dev/full")
    path = written("id,name,email,amount\n" + "x,Ada,ada@example.com,1\n" * rows)
    assert 2 == main([path, "--report", str(tmp_path / "report.html")])
    assert ("", f"could not write the report {full}: No space left on device\n") == capsys.readouterr()


def test_a_file_that_cannot_be_read_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is missing, or is a directory."""
    missing = tmp_path / "missing.csv"
    assert 2 == main([str(missing), "--json"])
    assert ("", f"could not check {missing}: No such file or directory\n") == capsys.readouterr()
    assert 2 == main([str(tmp_path)])
    assert ("", f"could not check {tmp_path}: Is a directory\n") == capsys.readouterr()


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


def test_infer_proposes_a_schema_that_the_file_is_valid_by(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Printed as JSON that --schema accepts."""
    file, schema = tmp_path / "sample.csv", tmp_path / "schema.json"
    file.write_text("id,when\n1,2024-02-29\n2,\n")
    assert main(["--infer", str(file)]) == 0
    schema.write_text(capsys.readouterr().out)
    assert main([str(file), "--schema", str(schema)]) == 0


def test_a_gzip_file_is_decompressed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If its name ends in .gz, for --infer as well."""
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(BAD.encode()))
    assert 1 == main([str(path)])
    assert "invalid, 3 errors in 2 rows" in capsys.readouterr().out
    assert 0 == main(["--infer", str(path)])
    assert ["id", "name", "email", "amount"] == [
        field["name"] for field in json.loads(capsys.readouterr().out)["fields"]
    ]


def test_infer_refuses_a_broken_gzip_file(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The reason is on standard error."""
    assert 2 == main(["--infer", written(GOOD, "file.csv.gz")])
    assert "the file is not compressed by gzip" in capsys.readouterr().err


def test_max_bytes_limits_the_size_of_a_file(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Without it, any size is accepted."""
    path = written(GOOD)
    assert 0 == main([path, "--max-bytes", str(len(GOOD))])
    assert 1 == main([path, "--max-bytes", str(len(GOOD) - 1)])
    assert "oversized-file" in capsys.readouterr().out


def test_a_report_is_a_page_and_a_list_of_errors_beside_it(written: Any, tmp_path: Path) -> None:
    """The list has all errors, although fewer are printed; a valid file has a page, too."""
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
    """Neither as the page nor as the list."""
    path = written(GOOD, file)
    assert 2 == main([path, "--report", str(tmp_path / page)])
    assert "it would be written over the file itself" in capsys.readouterr().err
    assert GOOD == Path(path).read_text()


def test_the_name_of_a_report_ends_in_html(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Other names are refused."""
    with pytest.raises(SystemExit):
        main([written(GOOD), "--report", "report.csv"])
    assert "expected a name that ends in .html" in capsys.readouterr().err


def test_report_that_fails_leaves_the_old_one(written: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both files are written beside the old ones, which are replaced at the end."""
    page, listing = tmp_path / "report.html", tmp_path / "report.jsonl"
    assert 1 == main([written(BAD), "--report", str(page)])
    before = page.read_bytes(), listing.read_bytes()
    assert 2 == main([written(GOOD), "--report", str(page), "--schema", "absent"])
    assert before == (page.read_bytes(), listing.read_bytes())
    assert 2 == main([str(tmp_path / "absent.csv"), "--report", str(page)])
    assert before == (page.read_bytes(), listing.read_bytes())
    assert {"file.csv", "report.html", "report.jsonl"} == {path.name for path in tmp_path.iterdir()}
    assert "there is no schema 'absent'" in capsys.readouterr().err


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


def test_pattern_stands_for_the_files_that_match(
    written: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the shell does not expand it; one without a match is a missing file."""
    written(GOOD, "a1.csv")
    written(GOOD, "a2.csv")
    assert 0 == main([str(tmp_path / "a*.csv")])
    assert 2 == capsys.readouterr().out.count(": valid")
    assert 2 == main([str(tmp_path / "b*.csv")])


@pytest.mark.parametrize(("content", "code"), [(GOOD, 0), (BAD, 1)])
def test_standard_input_is_a_file(content: str, code: int) -> None:
    """The name `-` stands for standard input."""
    command = [sys.executable, "-m", "chalicelib.validation", "validate", "-"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, input=content.encode())  # noqa: S603
    assert (code, True) == (done.returncode, done.stdout.startswith(b"-: "))


def test_dialect_is_json_or_a_file(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """It replaces the schema's own; a wrong one is no verdict."""
    path = written(GOOD.lower().replace(",", ";"))
    assert 1 == main([path])
    assert 0 == main([path, "--dialect", '{"delimiter": ";"}'])
    assert 0 == main([path, "--dialect", written('{"delimiter": ";"}', "dialect.json")])
    capsys.readouterr()
    assert 2 == main([path, "--dialect", '{"delimiter": ""}'])
    assert "the dialect '--dialect' is invalid: $dialect.delimiter: " in capsys.readouterr().err
    broken = written("{", "broken.json")
    assert 2 == main([path, "--dialect", broken])
    assert f"the dialect {broken!r} is not JSON: " in capsys.readouterr().err


def test_schema_is_checked_alone(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """0 valid, 1 invalid with the path of what is wrong, 2 if it cannot be read."""
    assert 0 == main(["schema", "default"])
    assert "default: valid, 4 fields\n" == capsys.readouterr().out
    assert 1 == main(["schema", written('{"fields": [{"name": "a", "type": "text"}]}', "schema.json")])
    assert "invalid: $.fields[0].type: " in capsys.readouterr().out
    assert 2 == main(["schema", "absent.json"])


def test_infer_explains_its_proposal(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error; a file that no schema fits has a proposal, too, and exits with 1."""
    assert 0 == main(["infer", written("a,a\n1,2\n")])
    assert "columns 1, 2 have the same name" in capsys.readouterr().err
    assert 1 == main(["infer", written("a,b\n1,2\n3\n")])
    output, explanation = capsys.readouterr()
    assert ["a", "b"] == [field["name"] for field in json.loads(output)["fields"]]
    assert "no schema fits this file: row 3, line 3: " in explanation
    assert 2 == main(["infer", "absent.csv"])


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """With the name of the command."""
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert 0 == caught.value.code
    assert capsys.readouterr().out.startswith("assay ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_has_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And the options of each."""
    assert 0 == main(["completion", shell])
    output = capsys.readouterr().out
    assert all(word in output for word in ("validate", "infer", "schema", "completion", "structure-only"))


def test_bash_completes_commands_and_options(capsys: pytest.CaptureFixture[str]) -> None:
    """As bash itself sees the script."""
    main(["completion", "bash"])
    program = capsys.readouterr().out + (
        "\nCOMP_WORDS=(assay va); COMP_CWORD=1; _assay; echo ${COMPREPLY[@]}"
        "\nCOMP_WORDS=(assay validate --struct); COMP_CWORD=2; _assay; echo ${COMPREPLY[@]}"
    )
    done = subprocess.run(["bash", "-c", program], check=True, capture_output=True, cwd="/")  # noqa: S603, S607
    assert b"validate var\n--structure-only\n".replace(b" var", b"") == done.stdout.replace(b" var", b"")
