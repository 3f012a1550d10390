"""One measurement, in a process of its own: `python -m tests.benchmarks.measure CONTENDER CASE FILE`."""

import json
import resource
import sys
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

from attrs import asdict, frozen

from tests.benchmarks.cases import CASES
from tests.benchmarks.contenders import CONTENDERS
from tests.benchmarks.verdict import Verdict

_STATUS: Final = Path("/proc/self/status")


@frozen(kw_only=True)
class Measurement:
    """How long one process took to import what it needs, and to check one file."""

    import_seconds: float
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    """The peak resident memory of the process; of several, the sum of their peaks."""
    verdict: Verdict


def measure(contender: str, case: str, path: Path) -> Measurement:
    """Measure in this process."""
    began = perf_counter()
    check = CONTENDERS[contender].load()
    imported, cpu = perf_counter(), process_time()
    threads = CONTENDERS[contender].threads
    verdict = check(path, CASES[case], threads)
    ended, cpu_ended = perf_counter(), process_time()
    forks = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Measurement(
        import_seconds=imported - began,
        seconds=ended - imported,
        cpu_seconds=cpu_ended - cpu + forks.ru_utime + forks.ru_stime,
        peak_bytes=peak_bytes() + (threads - 1) * _in_bytes(forks.ru_maxrss),
        verdict=verdict,
    )


def peak_bytes() -> int:
    """Return the peak resident memory of this process."""
    # On Linux, ru_maxrss starts with the parent's value, because it survives execve.
    if _STATUS.exists():
        (peak,) = [line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(peak.split()[1]) * 1024
    return _in_bytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _in_bytes(max_rss: int) -> int:
    return max_rss if sys.platform == "darwin" else max_rss * 1024


if __name__ == "__main__":
    _contender, _case, _path = sys.argv[1:]
    json.dump(asdict(measure(_contender, _case, Path(_path))), sys.stdout)
