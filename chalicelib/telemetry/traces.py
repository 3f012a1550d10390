"""X-Ray's traces, in which an upload can be found by its id.

Lambda makes a segment for each invocation that is sampled. What it was about goes into a subsegment, for only those can
have annotations: one datagram to the daemon beside the function, which answers nothing and is waited for by nobody.
"""

import json
import os
import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

_ANNOTATED: Final = ("uploadId", "execution", "outcome")
"""The fields of a canonical line by which traces can be searched."""
_LONGEST: Final = 1000
"""Characters that X-Ray keeps of an annotation."""
_HEADER: Final = '{"format": "json", "version": 1}\n'


def annotate(line: Mapping[str, Any], *, began: float, ended: float) -> None:
    """Annotate the trace of the invocation that a canonical line is about; times are in seconds since the epoch.

    Does nothing where there is no trace, and never fails.
    """
    header = dict(part.split("=", 1) for part in os.environ.get("_X_AMZN_TRACE_ID", "").split(";") if "=" in part)
    host, _, port = os.environ.get("AWS_XRAY_DAEMON_ADDRESS", "").rpartition(":")
    if header.get("Sampled") != "1" or not {"Root", "Parent"} <= header.keys() or not port.isdecimal():
        return
    subsegment = {
        "name": "assay",
        "id": secrets.token_hex(8),
        "type": "subsegment",
        "trace_id": header["Root"],
        "parent_id": header["Parent"],
        "start_time": began,
        "end_time": ended,
        "annotations": {name: str(line[name])[:_LONGEST] for name in _ANNOTATED if line.get(name)},
    }
    # The daemon may be gone: a trace is not worth an invocation.
    with suppress(OSError, OverflowError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.settimeout(0)
        daemon.sendto((_HEADER + json.dumps(subsegment)).encode(), (host, int(port)))
