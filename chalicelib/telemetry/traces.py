"""Annotations by which X-Ray finds the traces of an upload.

Lambda makes a segment for each sampled invocation. Functions can annotate subsegments only, so the fields go into one:
one UDP datagram to the X-Ray daemon beside the function, which sends no answer.
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
_MAX_LENGTH: Final = 1000
"""The longest value of an annotation, in characters; X-Ray keeps no more."""
_HEADER: Final = '{"format": "json", "version": 1}\n'


def annotate(line: Mapping[str, Any], *, began: float, ended: float) -> None:
    """Annotate the trace of an invocation with fields of its canonical line; times are in seconds since the epoch.

    Does nothing without a trace, and never fails.
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
        "annotations": {name: str(line[name])[:_MAX_LENGTH] for name in _ANNOTATED if line.get(name)},
    }
    # The daemon may not be there. A lost trace must not fail the invocation.
    with suppress(OSError, OverflowError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.settimeout(0)
        daemon.sendto((_HEADER + json.dumps(subsegment)).encode(), (host, int(port)))
