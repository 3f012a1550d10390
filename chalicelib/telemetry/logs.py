"""Structured logs: one JSON object a line, and one canonical line an invocation.

The canonical line tells what an invocation was about and how it ended. Whoever learns something worth telling on the
way adds it with `note`; what of it is a metric, `metrics` says. An invocation that sees to many uploads has a line for
each of these besides, so that all that is logged of an upload is found by its id. Never a cell's content: logs outlive
files and are read by more people.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from attrs import define, field

from chalicelib.errors import AssayError, AttemptOver, Unforeseen
from chalicelib.telemetry import metrics, traces

_log = logging.getLogger("assay")


@define
class _Invocation:
    """What there is to tell of an invocation."""

    line: dict[str, Any]
    uploads: list[dict[str, Any]] = field(factory=list)
    """What it saw to, one by one."""


_present: ContextVar[_Invocation | None] = ContextVar("present", default=None)


def configure() -> None:
    """Send Assay's log lines to standard error, as they are, whoever else listens; safe to call again."""
    if not any(isinstance(handler, _StandardError) for handler in _log.handlers):
        handler = _StandardError()
        handler.setFormatter(_JsonFormatter())
        _log.addHandler(handler)
        _log.setLevel(logging.INFO)
        _log.propagate = False


def note(**fields: object) -> None:
    """Add fields to the canonical line of the invocation that is under way, if one is."""
    if invocation := _present.get():
        invocation.line.update(fields)


def count(name: str) -> None:
    """Count something in the canonical line of the invocation that is under way, if one is."""
    if invocation := _present.get():
        invocation.line[name] = invocation.line.get(name, 0) + 1


def note_upload(upload_id: str, execution: str) -> None:
    """Add an upload that the invocation saw to, one of many perhaps, and the execution that this was about."""
    if invocation := _present.get():
        invocation.uploads.append({"uploadId": upload_id, "execution": execution})


def warn(message: str, **fields: object) -> None:
    """Log something that somebody may want to look into, with its particulars."""
    _log.warning(message, extra={"fields": fields})


@contextmanager
def invocation(function: str, request_id: str) -> Iterator[None]:
    """Log the canonical line of an invocation when it ends, however it ends.

    What leaves it is ours: an error that is not becomes Unforeseen, with its trace, and nothing is chained. Whoever
    prints the traceback or hands the message on would repeat what others said, and that may quote a cell.
    """
    line: dict[str, Any] = {"function": function, "request": request_id}
    told = _Invocation(line)
    token = _present.set(told)
    began, started = time.time(), time.perf_counter()
    try:
        yield
    except AssayError as error:
        outcome = "late" if isinstance(error, AttemptOver) else "failed"
        line.update(outcome=outcome, error=type(error).__name__, reason=str(error))
        raise error from None
    except Exception as error:  # noqa: BLE001 - the edge
        kind = type(error).__name__
        line.update(outcome="failed", error=kind)
        raise Unforeseen(f"a bug: {kind}; the log has the trace").with_traceback(error.__traceback__) from None
    else:
        line.setdefault("outcome", "done")
    finally:
        seconds = time.perf_counter() - started
        line["milliseconds"] = round(seconds * 1000, 1)
        _present.reset(token)
        _tell(told, began=began, ended=began + seconds)


def _tell(invocation: _Invocation, *, began: float, ended: float) -> None:
    """Log the canonical line, and annotate the trace; with the upload in both if there is one.

    A line has room for one id, and so has an annotation: of several uploads each has its own.
    """
    line, uploads = invocation.line, invocation.uploads
    if len(uploads) == 1:
        line |= uploads[0]
    else:
        for upload in uploads:
            _log.info("upload", extra={"fields": {"function": line["function"], "request": line["request"], **upload}})
    for upload in uploads or [{}]:
        traces.annotate(line | upload, began=began, ended=ended)
    line |= metrics.embedded(line)
    level = logging.ERROR if line.get("outcome") == "failed" else logging.INFO
    _log.log(level, "invocation", extra={"fields": line})


class _JsonFormatter(logging.Formatter):
    """Writes a record and its fields as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname, "message": record.getMessage(), **getattr(record, "fields", {})}
        if record.exc_info and record.exc_info[0]:
            # Where it happened, not what it says: that may quote a cell.
            line |= {"error": record.exc_info[0].__name__, "trace": traceback.format_tb(record.exc_info[2])}
        # Half a surrogate pair, which a key in a payload may be, is no UTF-8; its escape is JSON.
        return json.dumps(line, ensure_ascii=False, default=str).encode(errors="backslashreplace").decode()


class _StandardError(logging.StreamHandler[Any]):
    """Writes to whatever standard error is at the time, not when Assay was imported."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)
