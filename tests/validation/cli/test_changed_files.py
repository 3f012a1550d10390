"""A file that changes between two readings is refused: what is made of it would be of two files."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chalicelib.validation.cli import main as command
from chalicelib.validation.cli import repair, split
from chalicelib.validation.cli.outcome import ExitCode

DATA = b"id,name,email,amount\n1,Ada,ada@example.com,1\n" + b"2,Bob,bob@example.com,'2\n" * 100


@pytest.mark.parametrize("change", ["is shortened", "grows", "is replaced"])
@pytest.mark.parametrize(
    ("module", "first_reading", "arguments"),
    [
        (repair, "plan_repairs", ["repair", "--output", "written/copy.csv"]),
        (split, "validate", ["split", "--output", "written"]),
        (command, "validate", ["validate", "--marked", "written/rows.csv"]),
        (command, "validate", ["validate", "--report", "written/report.html"]),
    ],
)
def test_file_that_changes_between_two_readings_is_refused(  # noqa: PLR0913 - three fixtures of pytest
    *,
    module: Any,
    first_reading: str,
    arguments: Sequence[str],
    change: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing is written, and the message says what to do."""
    monkeypatch.chdir(tmp_path)
    Path("written").mkdir()
    file, other = Path("orders.csv"), Path("other.csv")
    file.write_bytes(DATA)
    read = getattr(module, first_reading)

    def read_and_change(*positional: Any, **named: Any) -> Any:
        result = read(*positional, **named)
        match change:
            case "is shortened":
                os.truncate(file, DATA.rindex(b"2,Bob"))
            case "grows":
                file.write_bytes(DATA * 2)
            case "is replaced":
                other.write_bytes(DATA)
                other.replace(file)
        return result

    monkeypatch.setattr(module, first_reading, read_and_change)
    name, *options = arguments
    assert ExitCode.NOT_CHECKED == command.main([name, "orders.csv", *options])
    assert [] == list(Path("written").iterdir())
    assert "orders.csv: the file changed while it was read: try again when it is complete" in capsys.readouterr().err
