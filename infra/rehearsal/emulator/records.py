"""Records that AWS writes, such as logs and traces, kept in ministack's CloudWatch Logs."""

import json
import time
from typing import Any, Final

from infra.rehearsal.emulator.patching import ministack

TRACES: Final = "emulator/traces"
"""The log group for traces: ministack has no X-Ray."""


def append(group: str, stream: str, *records: Any) -> None:
    """Append records, as JSON, to a stream in a log group; the group for traces is created if it is missing."""
    logs = ministack("services.cloudwatch_logs")
    if group == TRACES and group not in logs._log_groups:  # noqa: SLF001 - there is no other way in
        logs._create_log_group({"logGroupName": group})  # noqa: SLF001 - the same
    streams = logs._log_groups[group]["streams"]  # noqa: SLF001 - the same
    if stream not in streams:
        logs._create_log_stream({"logGroupName": group, "logStreamName": stream})  # noqa: SLF001 - the same
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": json.dumps(record), "ingestionTime": now} for record in records]
    logs._append_log_events(streams[stream], events)  # noqa: SLF001 - the same
