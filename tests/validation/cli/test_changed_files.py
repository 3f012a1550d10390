"""A file that changes between two readings is refused: what is made of it would be of two files."""

import gzip
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from chalicelib.validation.cli import main as command
from chalicelib.validation.cli import repair, split
from chalicelib.validation.cli.outcome import ExitCode

DATA = b"id,name,email,amount\n1,Ada,ada@example.com,1\n" + b"2,Bob,bob@example.com,'2\n" * 100
REORDERED = b"name,id,email,amount\nAda,1,ada@example.com,1\n" + b"Bob,2,bob@example.com,'2\n" * 100
Use = tuple[Any, str, Sequence[str]]
REPAIR: Use = (repair, "plan_repairs", ("repair", "--output", "written/copy.csv"))
SPLIT: Use = (split, "validate", ("split", "--output", "written"))
MARKED: Use = (command, "validate", ("validate", "--marked", "written/rows.csv"))
REPORT: Use = (command, "validate", ("validate", "--report", "written/report.html"))


def replace(file: Path) -> None:
    """Put another file with the same contents in its place."""
    other = file.with_suffix(".new")
    other.write_bytes(file.read_bytes())
    other.replace(file)


CHANGES: Mapping[str, Callable[[Path], object]] = MappingProxyType(
    {
        "is shortened": lambda file: os.truncate(file, file.stat().st_size * 2 // 3),
        "grows": lambda file: file.write_bytes(file.read_bytes() * 2),
        "gets another header": lambda file: file.write_bytes(b"name\nAda\n"),
        "is replaced": replace,
        "is deleted": Path.unlink,
    }
)
Run = Callable[..., ExitCode]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on a file that changes after its first reading, which is a function of a module."""
    monkeypatch.chdir(tmp_path)
    Path("written").mkdir()

    def run(module: Any, first_reading: str, arguments: Sequence[str], file: Path, change: str) -> ExitCode:
        read = getattr(module, first_reading)

        def read_and_change(*positional: Any, **named: Any) -> Any:
            result = read(*positional, **named)
            CHANGES[change](file)
            return result

        monkeypatch.setattr(module, first_reading, read_and_change)
        name, *options = arguments
        return ExitCode(command.main([name, str(file), *options]))

    return run


@pytest.mark.parametrize("name", ["orders.csv", "orders.csv.gz"])
@pytest.mark.parametrize(
    ("use", "change"),
    [
        *((use, change) for use in (REPAIR, MARKED, REPORT) for change in CHANGES),
        *((SPLIT, change) for change in ("is shortened", "grows", "gets another header")),
    ],
)
def test_file_that_changes_between_two_readings_is_refused(
    use: Use, change: str, name: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written, and the message says what to do, whatever the second reading met."""
    file = Path(name)
    data = REORDERED if use == REPAIR else DATA
    file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    assert ExitCode.NOT_CHECKED == run(*use, file, change)
    assert [] == list(Path("written").iterdir())
    assert f"{name}: the file changed while it was read: try again when it is complete" in capsys.readouterr().err


@pytest.mark.parametrize("change", ["is replaced", "is deleted"])
def test_open_file_that_is_replaced_is_split(change: str, run: Run) -> None:
    """Both readings are of the file that was opened."""
    file = Path("orders.csv")
    file.write_bytes(DATA)
    assert ExitCode.INVALID == run(*SPLIT, file, change)
    assert 2 == len(list(Path("written").iterdir()))
