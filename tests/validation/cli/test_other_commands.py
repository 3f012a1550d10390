"""The commands `infer`, `schema` and `completion`, and the version."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chalicelib.validation.cli.main import main


def test_infer_proposes_a_schema_that_the_file_is_valid_by(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Printed as JSON that --schema accepts."""
    file, schema = tmp_path / "sample.csv", tmp_path / "schema.json"
    file.write_text("id,when\n1,2024-02-29\n2,\n")
    assert main(["--infer", str(file)]) == 0
    schema.write_text(capsys.readouterr().out)
    assert main([str(file), "--schema", str(schema)]) == 0


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
