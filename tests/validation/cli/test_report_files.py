"""The report that `assay validate` writes beside its verdict."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.validation.cli.main import main
from tests.validation.cli.samples import BAD, GOOD


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
