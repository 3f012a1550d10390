"""The formats of verdicts."""

import csv
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from chalicelib.validation.cli.main import main

SCHEMA = '{"fields": [{"name": "=id", "type": "integer"}, {"name": "b"}]}'


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    """A valid file, an invalid one, and a missing one."""
    (tmp_path / "good.csv").write_text("=id,b\n1,x\n")
    (tmp_path / "bad.csv").write_text("=id,b\nx,\n2\n")
    (tmp_path / "schema.json").write_text(SCHEMA)
    files = [str(tmp_path / f"{name}.csv") for name in ("good", "bad", "absent")]
    return [*files, "--schema", str(tmp_path / "schema.json")]


def printed(capsys: pytest.CaptureFixture[str], arguments: list[str], form: str) -> str:
    """Return what is printed on standard output; the missing file makes the exit code 2."""
    assert 2 == main([*arguments, "--format", form])
    return capsys.readouterr().out


def test_json_is_a_line_for_each_file(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the schema that it was checked against."""
    verdicts = [json.loads(line) for line in printed(capsys, arguments, "json").splitlines()]
    assert [(arguments[0], True, 0), (arguments[1], False, 2)] == [
        (each["file"], each["valid"], each["errorCount"]) for each in verdicts
    ]
    assert {arguments[-1]} == {each["schema"] for each in verdicts}


def test_text_names_the_rows_that_the_schema_tolerates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file is valid, and not all of its rows are."""
    schema = {**json.loads(SCHEMA), "assay": {"tolerance": {"rows": 1}}}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    (tmp_path / "file.csv").write_text("=id,b\n1,x\ny,x\n")
    assert 0 == main([str(tmp_path / "file.csv"), "--schema", str(tmp_path / "schema.json")])
    assert "file.csv: valid, 1 of 2 rows rejected, by schema" in capsys.readouterr().out


def test_csv_is_a_record_for_each_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A spreadsheet runs no formula that a label contains."""
    header, *records = csv.reader(printed(capsys, arguments, "csv").splitlines())
    assert ["file", "schema", "row", "line", "field", "column", "code", "message"] == header
    assert [["2", "2", "1", "'=id", "type-error"], ["3", "3", "2", "b", "missing-cell"]] == [
        each[2:7] for each in records
    ]
    assert {arguments[1]} == {each[0] for each in records}


def test_junit_has_a_case_for_each_file(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid file is a failure, and one that could not be checked is an error."""
    suite = ET.fromstring(printed(capsys, arguments, "junit"))  # noqa: S314 - it is our own
    assert ("3", "1", "1") == (suite.get("tests"), suite.get("failures"), suite.get("errors"))
    assert [[], ["failure"], ["error"]] == [[child.tag for child in case] for case in suite]
    assert "row 2, =id: expected an integer, as in 42" in (suite[1][0].text or "")


def test_sarif_has_a_result_for_each_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """At the line of the file; a file that could not be checked is a notification."""
    log = json.loads(printed(capsys, arguments, "sarif"))
    (run,) = log["runs"]
    assert ("2.1.0", False) == (log["version"], run["invocations"][0]["executionSuccessful"])
    places = [each["locations"][0]["physicalLocation"] for each in run["results"]]
    assert [2, 3] == [place["region"]["startLine"] for place in places]
    assert {arguments[1]} == {place["artifactLocation"]["uri"] for place in places}
    assert {each["ruleId"] for each in run["results"]} <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}


def test_github_annotates_lines(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing in a file ends a workflow command, or begins one; each verdict names the schema."""
    good, bad, absent, _, schema = arguments
    lines = printed(capsys, arguments, "github").splitlines()
    assert [
        f"::notice file={good}::valid, 1 row, by schema {schema}",
        f"::error file={bad},line=2,title=type-error::row 2, =id: expected an integer, as in 42",
        f"::error file={bad},line=3,title=missing-cell::row 3, b: the row ends before this column",
        f"::notice file={bad}::invalid, 2 errors in 2 rows, by schema {schema}",
    ] == lines[:4]
    assert [True] == [line.startswith(f"::error file={absent}::could not check") for line in lines[4:]]


def test_label_cannot_forge_a_workflow_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Line breaks in a label are replaced."""
    (tmp_path / "a.csv").write_text('"a\n::error::x",b\n1\n')
    assert 1 == main([str(tmp_path / "a.csv"), "--structure-only", "--format", "github"])
    assert ["::error", "::notice"] == [line.partition(" ")[0] for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("form", ["text", "json", "junit", "sarif", "github"])
def test_what_is_not_checked_is_said_once(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In every format but csv, which has a record for each error and nothing else."""
    schema = '{"fields": [{"name": "a", "constraints": {"enum_multiple": []}}]}'
    (tmp_path / "a.csv").write_text("a\n1\n")
    (tmp_path / "s.json").write_text(schema)
    assert 0 == main([str(tmp_path / "a.csv"), "--schema", str(tmp_path / "s.json"), "--format", form])
    out = capsys.readouterr().out
    assert 1 == out.count("$.fields[0].constraints.enum_multiple: Table Schema has no such constraint")
    assert (form != "json") == out.count("not checked: ")
