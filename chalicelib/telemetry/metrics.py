"""Which fields of a canonical line are metrics.

CloudWatch reads them from the log in Embedded Metric Format, so that no invocation waits for another request. Every
metric belongs to one function, and its first dimension is that function's full name, with the stage.

AWS charges for each combination of dimensions, so only fields with few values are dimensions. A schema is one only if
it exists, whatever name uploads ask for.
"""

import time
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from attrs import frozen

NAMESPACE: Final = "Assay"


@frozen
class Metric:
    """A field that CloudWatch reads from a function's lines, and its unit."""

    name: str
    unit: str = "Count"
    by: tuple[str, ...] = ()
    """Further dimensions. The metric exists both with and without them."""


_VERDICT: Final = (
    Metric("verdicts", by=("schema", "outcome")),
    Metric("rows", by=("schema",)),
    Metric("bytes", "Bytes", by=("schema",)),
    Metric("errors", by=("schema",)),
    Metric("rejectedRows", by=("schema",)),
    Metric("acceptedRows", by=("schema",)),
)
"""The metrics of each function that returns verdicts."""
METRICS: Final[Mapping[str, tuple[Metric, ...]]] = MappingProxyType(
    {
        "api_handler": (Metric("registered"), Metric("faults")),
        "csv_orchestrator": (Metric("started"), Metric("rejected")),
        "csv_validator": (*_VERDICT, Metric("bytesPerSecond", "Bytes/Second")),
        "part_validator": (),
        "seam_checker": (Metric("repeatedParts"),),
        "part_merger": (*_VERDICT, Metric("parts")),
        "part_splitter": (),
        "split_joiner": (),
        "row_loader": (
            Metric("loadedRows", by=("schema",)),
            Metric("loads", by=("schema",)),
        ),
        "upload_status": (
            Metric("verdicts", by=("outcome",)),
            Metric("systemFailures"),
            Metric("secondsToVerdict", "Seconds"),
            Metric("unpublishedVerdicts"),
        ),
        "execution_settler": (Metric("restarted"), Metric("settled"), Metric("unpublishedVerdicts")),
        "upload_sweep": (
            Metric("found"),
            Metric("started"),
            Metric("restarted"),
            Metric("settled"),
            Metric("failed"),
            Metric("unpublishedVerdicts"),
        ),
        "migrate": (),
        "token_authorizer": (),
    }
)
"""The metrics of each function, by its name in Chalice. Counts of errors by code are metrics of csv_validator and
part_merger, too."""


def embedded(line: Mapping[str, Any], error_codes: Iterable[str]) -> dict[str, Any]:
    """Return the EMF metadata of a canonical line, in which these codes are counts of errors; empty without metrics."""
    metrics = [metric for metric in METRICS[_function(line["function"])] if metric.name in line]
    metrics += [Metric(code) for code in sorted(error_codes)]
    if not metrics:
        return {}
    directives = [
        _directive(line, by, [metric for metric in metrics if metric.by == by])
        for by in dict.fromkeys(metric.by for metric in metrics)
    ]
    return {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": directives}}


def _function(name: str) -> str:
    """Return Chalice's name of a function in AWS, which ends in it; only the HTTP API's function has none there."""
    own = name.rpartition("-")[2]
    return own if own in METRICS else "api_handler"


def _directive(line: Mapping[str, Any], by: tuple[str, ...], metrics: list[Metric]) -> dict[str, Any]:
    """Declare metrics of the same dimensions; further dimensions are left out if the line lacks a value for one."""
    dimensions = [["function"]]
    if by and all(isinstance(line.get(name), str) for name in by):
        dimensions.append(["function", *by])
    return {
        "Namespace": NAMESPACE,
        "Dimensions": dimensions,
        "Metrics": [{"Name": metric.name, "Unit": metric.unit} for metric in metrics],
    }
