"""The measurement counts and times each part of an upload."""

from pathlib import Path

from infra.local.lambdas.worker_processes import WorkerProcesses
from tests.load.__main__ import report
from tests.load.measure import OURS, POSTGRESQL, WORKERS, measure


def test_every_upload_is_measured_from_put_to_verdict(tmp_path: Path) -> None:
    """Times are in order; each function ran once for each upload, throttled or not, and every part used CPU time."""
    log = tmp_path / "log"

    measured = measure(3, WorkerProcesses(concurrency=2, log=log), log=log, seconds_limit=60, concurrency=1)

    assert len(measured.passages) == 3
    for passage in measured.passages:
        assert passage.put < passage.stored < passage.decided
        assert passage.put < passage.taken_up < passage.decided
    names = ("csv_orchestrator", "csv_validator", "upload_status")
    assert {f"assay-local-{name}": 3 for name in names} == {
        name: times.invocations for name, times in measured.functions.items()
    }
    assert {OURS, WORKERS, POSTGRESQL} == {name for name, seconds in measured.cpu.items() if seconds > 0}
    assert 0 == measured.system_failures
    assert measured.throttled > 0
    assert report(measured).startswith("3 uploads at once in ")
