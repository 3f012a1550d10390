"""Traces: what a daemon of X-Ray is told."""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.telemetry import logs

SAMPLED = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:1"

LogLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A socket in the daemon's place, which the environment names."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(5)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"127.0.0.1:{listening.getsockname()[1]}")
        yield listening


def invoke() -> None:
    """Have an invocation note what it was about."""
    with logs.invocation("upload_status", "request-1"):
        logs.note(uploadId="42", execution="42-abc", outcome="VALIDATED", schema="people")


def test_trace_can_be_found_by_what_the_invocation_was_about(
    daemon: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subsegment of Lambda's own segment, with the upload, its execution and the outcome."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    invoke()
    header, told = daemon.recv(65_507).decode().split("\n")
    assert {"format": "json", "version": 1} == json.loads(header)
    subsegment = json.loads(told)
    assert 0 <= subsegment.pop("end_time") - subsegment.pop("start_time") < 60
    assert len(bytes.fromhex(subsegment.pop("id"))) == 8
    assert subsegment == {
        "name": "assay",
        "type": "subsegment",
        "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
        "parent_id": "53995c3f42cd8ad8",
        "annotations": {"uploadId": "42", "execution": "42-abc", "outcome": "VALIDATED"},
    }


def test_trace_can_be_found_by_each_of_many_uploads(daemon: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    """An annotation has one value: a subsegment for each."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    with logs.invocation("csv_orchestrator", "request-1"):
        logs.note_upload("42", "42-abc")
        logs.note_upload("43", "43-def")
    subsegments = [json.loads(daemon.recv(65_507).decode().split("\n")[1]) for _ in range(2)]
    assert [
        {"uploadId": "42", "execution": "42-abc", "outcome": "done"},
        {"uploadId": "43", "execution": "43-def", "outcome": "done"},
    ] == [subsegment["annotations"] for subsegment in subsegments]
    assert len({subsegment["id"] for subsegment in subsegments}) == 2


@pytest.mark.parametrize("trace", ["", SAMPLED.replace("Sampled=1", "Sampled=0"), "Sampled=1", "no header"])
def test_what_is_not_traced_is_not_annotated(
    trace: str, daemon: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda says which invocations are."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    invoke()
    daemon.settimeout(0)
    with pytest.raises(BlockingIOError):
        daemon.recv(1)


@pytest.mark.parametrize("address", ["", "nowhere", "127.0.0.1:0", "127.0.0.1:99999"])
def test_daemon_that_cannot_be_reached_costs_nothing(
    address: str, monkeypatch: pytest.MonkeyPatch, log_lines: LogLines
) -> None:
    """The invocation ends as it would have."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", address)
    invoke()
    (line,) = log_lines()
    assert line["outcome"] == "VALIDATED"
