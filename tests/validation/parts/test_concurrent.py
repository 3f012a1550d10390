"""Several processes return the report of one."""

import gzip
import io
import os
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from chalicelib.validation import processes, validate
from chalicelib.validation.reading.source import MIN_WHOLE_FILE_BYTES, whole_file
from tests.validation.parts import alone

ROOT = Path(__file__).parents[3]


def test_files_are_validated_by_forks_of_a_process_with_one_thread() -> None:
    """Each case in `alone` states a rule; the traceback names the one that is broken."""
    command = [sys.executable, "-m", alone.__name__]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


def test_a_process_with_several_threads_has_no_forks() -> None:
    """A lock that another thread holds would stay locked in a fork."""
    ended = Event()
    thread = Thread(target=ended.wait)
    thread.start()
    assert 1 == processes.usable(3)
    ended.set()
    thread.join()


@pytest.mark.parametrize(("quota", "count"), [("max 100000", 8), ("150000 100000", 2), ("1000 100000", 1), ("", 8)])
def test_the_quota_of_a_container_counts(
    quota: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processes beyond the quota would only take memory."""
    (tmp_path / "threads" / "1").mkdir(parents=True)
    (tmp_path / "cpu.max").write_text(quota)
    monkeypatch.setattr(processes, "_THREADS", tmp_path / "threads")
    monkeypatch.setattr(processes, "_QUOTA", tmp_path / "cpu.max")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    assert count == processes.usable()
    assert 3 == processes.usable(3)


def test_a_regular_file_at_its_beginning_is_read_in_parts(tmp_path: Path) -> None:
    """Other files are read as they come: what they decompress, or leave out, is not on the disk."""
    path, packed = tmp_path / "file.csv", tmp_path / "file.csv.gz"
    path.write_bytes(bytes(MIN_WHOLE_FILE_BYTES))
    packed.write_bytes(gzip.compress(os.urandom(MIN_WHOLE_FILE_BYTES)))
    with path.open("rb") as file, path.open("rb", buffering=0) as raw, gzip.open(packed) as unpacked:
        assert [file.fileno(), raw.fileno()] == [whole_file(file), whole_file(raw)]
        assert whole_file(unpacked) is None
        assert whole_file(io.BufferedReader(unpacked)) is None
        file.read(1)
        assert whole_file(file) is None
    with path.open("ab") as written:
        assert whole_file(written) is None
    assert whole_file(io.BytesIO(bytes(MIN_WHOLE_FILE_BYTES))) is None
    with Path("/dev/zero").open("rb") as device:
        assert whole_file(device) is None


@pytest.mark.parametrize("number", [0, -1])
def test_less_than_one_process_is_refused(number: int, tmp_path: Path) -> None:
    """None stands for one process a processor; 0 does not."""
    path = tmp_path / "file.csv"
    path.write_bytes(b"a\n" * MIN_WHOLE_FILE_BYTES)
    with pytest.raises(ValueError, match=f"^processes is {number}: use 1 or more"):
        validate(path, None, processes=number)
