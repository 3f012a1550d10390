"""The command `split`."""

import gzip
import json
from pathlib import Path

import pytest

from chalicelib.validation.cli.main import main

CONTENT = b"id,b\r\n1,a\r\nx,b\r\n3,c\r\n"


@pytest.fixture
def schema(tmp_path: Path) -> str:
    """The path of a schema."""
    path = tmp_path / "schema.json"
    path.write_text(json.dumps({"fields": [{"name": "id", "type": "integer"}, {"name": "b"}]}))
    return str(path)


@pytest.mark.parametrize("name", ["orders.csv", "orders.csv.gz"])
def test_split_writes_two_files(tmp_path: Path, schema: str, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """The directory is made; the exit code is that of the file's verdict."""
    file, output = tmp_path / name, tmp_path / "parts" / "new"
    file.write_bytes(gzip.compress(CONTENT) if name.endswith(".gz") else CONTENT)
    assert 1 == main(["split", str(file), "--schema", schema, "--output", str(output)])
    assert b"id,b\r\n1,a\r\n3,c\r\n" == (output / "accepted.csv").read_bytes()
    assert b"id,b\r\nx,b\r\n" == (output / "rejected.csv").read_bytes()
    assert f"{file}: invalid, 1 of 3 rows rejected" in capsys.readouterr().out
    accepted = str(output / "accepted.csv")
    assert 0 == main(["split", accepted, "--schema", schema, "--output", str(tmp_path / "again")])
    assert (output / "accepted.csv").read_bytes() == (tmp_path / "again" / "accepted.csv").read_bytes()


def test_file_with_another_header_is_not_split(tmp_path: Path, schema: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not known what its rows are; the error is printed."""
    file = tmp_path / "orders.csv"
    file.write_bytes(b"id,c\n1,a\n")
    assert 1 == main(["split", str(file), "--schema", schema, "--output", str(tmp_path / "parts")])
    assert "not split: incorrect-label" in capsys.readouterr().out
    assert not (tmp_path / "parts").exists()


def test_file_is_not_overwritten_by_a_part_of_it(
    tmp_path: Path, schema: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor is standard input read twice."""
    file = tmp_path / "accepted.csv"
    file.write_bytes(CONTENT)
    assert 2 == main(["split", str(file), "--schema", schema, "--output", str(tmp_path)])
    assert 2 == main(["split", "-", "--schema", schema, "--output", str(tmp_path)])
    assert CONTENT == file.read_bytes()
    assert "a part would be written over the file itself" in capsys.readouterr().err
