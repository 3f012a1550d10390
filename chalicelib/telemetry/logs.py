"""Structured logs: one JSON object a line, and one canonical line an invocation.

The canonical line says what an invocation was about and how it ended. Code on the way adds to it with `add_fields`;
`log_fields` lists the fields, and `metrics` says which of them are metrics. An invocation that handles several uploads
logs one line for each of them besides, so that every upload is found by its id. No line contains a cell's content: logs
outlive files, and more people read them.
"""

import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Unpack

from attrs import define, field

from chalicelib.errors import AssayError, AttemptOver, Unforeseen
from chalicelib.telemetry import metrics, traces
from chalicelib.telemetry.log_fields import LogFields

_log = logging.getLogger("assay")


@define
class _Invocation:
    """What is known of an invocation so far."""

    line: dict[str, Any]
    uploads: list[LogFields] = field(factory=list)
    error_codes: set[str] = field(factory=set)


_current: ContextVar[_Invocation | None] = ContextVar("current", default=None)


def configure() -> None:
    """Write Assay's log lines, whatever other handlers there are; can be called again."""
    if not any(isinstance(handler, _LogStream) for handler in _log.handlers):
        handler = _LogStream()
        handler.setFormatter(_JsonFormatter())
        _log.addHandler(handler)
        _log.setLevel(logging.INFO)
        _log.propagate = False


def add_fields(**fields: Unpack[LogFields]) -> None:
    """Add fields to the canonical line of the current invocation, if there is one."""
    if invocation := _current.get():
        invocation.line.update(fields)


def add_counts(counts: Mapping[str, int]) -> None:
    """Add how many of an invocation's uploads had which outcome; each is a field of `LogFields`."""
    if invocation := _current.get():
        invocation.line.update(counts)


def add_error_counts(counts: Mapping[str, int]) -> None:
    """Add the number of a file's errors by code. Each is a metric, so the codes are a fixed vocabulary."""
    if invocation := _current.get():
        invocation.line.update(counts)
        invocation.error_codes.update(counts)


def add_upload(upload_id: str, execution: str) -> None:
    """Add one of the uploads that the current invocation handles, and the execution that this concerns."""
    if invocation := _current.get():
        invocation.uploads.append({"uploadId": upload_id, "execution": execution})


def add_error(error: Exception) -> None:
    """Add the class of an error, and its message if it is one of Assay's: those of others may quote a cell."""
    add_fields(error=type(error).__name__)
    if isinstance(error, AssayError):
        add_fields(reason=str(error))


def add_failure(error: Exception) -> None:
    """Add that the invocation failed with this error."""
    add_fields(outcome="failed")
    add_error(error)


def increment(name: str) -> None:
    """Add one to a count of the canonical line."""
    if invocation := _current.get():
        invocation.line[name] = invocation.line.get(name, 0) + 1


def warn(message: str, error: AssayError | None = None, /, **fields: Unpack[LogFields]) -> None:
    """Log something that may need attention, and the error that caused it."""
    if error:
        fields |= {"error": type(error).__name__, "reason": str(error)}
    _log.warning(message, extra={"fields": fields})


@contextmanager
def invocation(function: str, request_id: str) -> Iterator[None]:
    """Log the canonical line of an invocation when it ends, with or without an exception.

    An exception that is not Assay's becomes Unforeseen, with its traceback but neither message nor cause: both would
    be printed by Lambda, and may quote a cell.
    """
    current = _Invocation({"function": function, "request": request_id})
    token = _current.set(current)
    began, started = time.time(), time.perf_counter()
    try:
        yield
    except AttemptOver as error:
        add_fields(outcome="late")
        add_error(error)
        raise error from None
    except AssayError as error:
        add_failure(error)
        raise error from None
    except Exception as error:  # noqa: BLE001 - the edge
        add_failure(error)
        message = f"a bug: {type(error).__name__}; the log has the trace"
        raise Unforeseen(message).with_traceback(error.__traceback__) from None
    else:
        current.line.setdefault("outcome", "done")
    finally:
        seconds = time.perf_counter() - started
        current.line["milliseconds"] = round(seconds * 1000, 1)
        _current.reset(token)
        _log_invocation(current, began=began, ended=began + seconds)


def _log_invocation(invocation: _Invocation, *, began: float, ended: float) -> None:
    """Log the canonical line and annotate the trace.

    Both have room for one upload id. Of several uploads, each gets a line and an annotation of its own.
    """
    line, uploads = invocation.line, invocation.uploads
    if len(uploads) == 1:
        line |= uploads[0]
    else:
        for upload in uploads:
            _log.info("upload", extra={"fields": {"function": line["function"], "request": line["request"], **upload}})
    for upload in uploads or [LogFields()]:
        traces.annotate(line | upload, began=began, ended=ended)
    line |= metrics.embedded(line, invocation.error_codes)
    level = logging.ERROR if line.get("outcome") == "failed" else logging.INFO
    _log.log(level, "invocation", extra={"fields": line})


class _JsonFormatter(logging.Formatter):
    """Writes a record and its fields as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname, "message": record.getMessage(), **getattr(record, "fields", {})}
        if record.exc_info and record.exc_info[0]:
            # Without the exception's message, which may quote a cell.
            line |= {"error": record.exc_info[0].__name__, "trace": traceback.format_tb(record.exc_info[2])}
        # A key may contain half a surrogate pair, which UTF-8 cannot encode; JSON's escape can.
        return json.dumps(line, ensure_ascii=False, default=str).encode(errors="backslashreplace").decode()


class _LogStream(logging.StreamHandler[Any]):
    """Writes to standard output on Lambda, where CloudWatch looks for metrics, and to standard error elsewhere.

    The stream is that of the moment when the line is written, not when Assay was imported.
    """

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stdout if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else sys.stderr
        super().emit(record)
