"""Traces: what the X-Ray daemon receives."""

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
    """A socket in place of the daemon, at the address in the environment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(5)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"127.0.0.1:{listening.getsockname()[1]}")
        yield listening


def invoke() -> None:
    """Log an invocation with an upload."""
    with logs.invocation("upload_status", "request-1"):
        logs.add_fields(uploadId="42", execution="42-abc", outcome="VALIDATED", schema="people")


def test_trace_is_annotated_with_the_upload(daemon: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a subsegment of Lambda's segment, with the execution and the outcome."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    invoke()
    header, sent = daemon.recv(65_507).decode().split("\n")
    assert {"format": "json", "version": 1} == json.loads(header)
    subsegment = json.loads(sent)
    assert 0 <= subsegment.pop("end_time") - subsegment.pop("start_time") < 60
    assert len(bytes.fromhex(subsegment.pop("id"))) == 8
    assert subsegment == {
        "name": "assay",
        "type": "subsegment",
        "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
        "parent_id": "53995c3f42cd8ad8",
        "annotations": {"uploadId": "42", "execution": "42-abc", "outcome": "VALIDATED"},
    }


def test_trace_is_annotated_with_each_of_several_uploads(
    daemon: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An annotation has one value, so there is a subsegment for each upload."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    with logs.invocation("csv_orchestrator", "request-1"):
        logs.add_upload("42", "42-abc")
        logs.add_upload("43", "43-def")
    subsegments = [json.loads(daemon.recv(65_507).decode().split("\n")[1]) for _ in range(2)]
    assert [
        {"uploadId": "42", "execution": "42-abc", "outcome": "done"},
        {"uploadId": "43", "execution": "43-def", "outcome": "done"},
    ] == [subsegment["annotations"] for subsegment in subsegments]
    assert len({subsegment["id"] for subsegment in subsegments}) == 2


@pytest.mark.parametrize("trace", ["", SAMPLED.replace("Sampled=1", "Sampled=0"), "Sampled=1", "no header"])
def test_unsampled_invocation_is_not_annotated(
    trace: str, daemon: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trace header says whether an invocation is sampled."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    invoke()
    daemon.settimeout(0)
    with pytest.raises(BlockingIOError):
        daemon.recv(1)


@pytest.mark.parametrize("address", ["", "nowhere", "127.0.0.1:0", "127.0.0.1:99999"])
def test_unreachable_daemon_fails_no_invocation(
    address: str, monkeypatch: pytest.MonkeyPatch, log_lines: LogLines
) -> None:
    """The canonical line has its usual outcome."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", address)
    invoke()
    (line,) = log_lines()
    assert line["outcome"] == "VALIDATED"
