"""Which fields of a canonical line are metrics.

CloudWatch reads them out of the log, for the line says which they are (Embedded Metric Format), so that no invocation
waits for another request. Every metric comes from one function, whose name, stage and all, is its first dimension.

Each combination of values is a metric of its own, and paid for: only what has few values is a dimension. Schemas are
those that exist, whatever uploads ask for, and the codes of errors are a fixed vocabulary.
"""

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from attrs import frozen

from chalicelib.validation.report import ErrorCode

NAMESPACE: Final = "Assay"

CODES: Final = tuple(code.value for code in ErrorCode if code is not ErrorCode.SYSTEM_ERROR)
"""The codes of errors that a validator finds; each is the name of a metric, too."""


@frozen
class Metric:
    """A field of a function's lines that CloudWatch is to read, and its unit there."""

    name: str
    unit: str = "Count"
    by: tuple[str, ...] = ()
    """Further fields by which it is told apart, besides being there for the function as a whole."""


METRICS: Final[Mapping[str, tuple[Metric, ...]]] = MappingProxyType(
    {
        "api_handler": (Metric("registered"), Metric("faults")),
        "csv_orchestrator": (Metric("started"), Metric("rejected")),
        "csv_validator": (
            Metric("verdicts", by=("schema", "outcome")),
            Metric("rows", by=("schema",)),
            Metric("bytes", "Bytes", by=("schema",)),
            Metric("errors", by=("schema",)),
            Metric("bytesPerSecond", "Bytes/Second"),
            *(Metric(code) for code in CODES),
        ),
        "upload_status": (
            Metric("verdicts", by=("outcome",)),
            Metric("systemFailures"),
            Metric("secondsToVerdict", "Seconds"),
            Metric("untold"),
        ),
        "execution_settler": (Metric("restarted"), Metric("settled"), Metric("untold")),
        "upload_sweep": (
            Metric("found"),
            Metric("started"),
            Metric("restarted"),
            Metric("settled"),
            Metric("failed"),
            Metric("untold"),
        ),
        "migrate": (),
    }
)
"""The metrics by the function that tells them, as Chalice knows it."""


def embedded(line: Mapping[str, Any]) -> dict[str, Any]:
    """Give what makes CloudWatch read a canonical line's metrics; nothing if it has none."""
    metrics = [metric for metric in METRICS[_function(line["function"])] if metric.name in line]
    if not metrics:
        return {}
    directives = [
        _directive(line, by, [metric for metric in metrics if metric.by == by])
        for by in dict.fromkeys(metric.by for metric in metrics)
    ]
    return {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": directives}}


def _function(name: str) -> str:
    """Give the function of a name in AWS: it ends in the function's own, but that of the HTTP API's has none in it."""
    own = name.rpartition("-")[2]
    return own if own in METRICS else "api_handler"


def _directive(line: Mapping[str, Any], by: tuple[str, ...], metrics: list[Metric]) -> dict[str, Any]:
    """Declare metrics of the same dimensions; those whose value the line does not have are left out."""
    dimensions = [["function"]]
    if by and all(isinstance(line.get(name), str) for name in by):
        dimensions.append(["function", *by])
    return {
        "Namespace": NAMESPACE,
        "Dimensions": dimensions,
        "Metrics": [{"Name": metric.name, "Unit": metric.unit} for metric in metrics],
    }
