"""What the command line reads: files, schemas and dialects."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chalicelib.validation.cli.main import main
from tests.validation.cli.samples import BAD, GOOD, ROOT


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


def test_a_file_that_cannot_be_read_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is missing, or is a directory."""
    missing = tmp_path / "missing.csv"
    assert 2 == main([str(missing), "--json"])
    assert ("", f"could not check {missing}: No such file or directory\n") == capsys.readouterr()
    assert 2 == main([str(tmp_path)])
    assert ("", f"could not check {tmp_path}: Is a directory\n") == capsys.readouterr()


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
