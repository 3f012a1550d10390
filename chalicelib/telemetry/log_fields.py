"""The fields of log lines. docs/operations.md says what each of them means."""

from typing import TypedDict


class LogFields(TypedDict, total=False):
    """The fields of a log line, besides level, message, counts of errors by code, and EMF's `_aws`."""

    # Every canonical line.
    function: str
    request: str
    outcome: str | int
    milliseconds: float

    # What the invocation was about.
    uploadId: str
    execution: str | None
    actor: str
    schema: str
    unknownSchema: str | None
    report: str | None
    status: str
    bucket: str
    key: str

    # What went wrong.
    error: str
    reason: str
    trace: list[str]

    # Figures, most of which are metrics.
    registered: int
    faults: int
    verdicts: int
    rows: int
    errors: int
    rejectedRows: int
    acceptedRows: int
    bytes: int
    bytesPerSecond: int
    systemFailures: int
    secondsToVerdict: float
    unpublishedVerdicts: int
    loadedRows: int
    loads: int
    table: str
    parts: int
    part: int
    share: int
    shares: int
    keyRound: int
    repeatedParts: int

    # Of an invocation with several uploads: how many of them had which outcome.
    started: int
    restarted: int
    settled: int
    found: int
    sound: int
    ignored: int
    rejected: int
    failed: int
