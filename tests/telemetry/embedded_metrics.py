"""The rules of CloudWatch's Embedded Metric Format for log lines.

CloudWatch silently treats a line that violates one as an ordinary log line.
"""

from collections.abc import Mapping
from typing import Any

_UNITS = {"Count", "Seconds", "Bytes", "Bytes/Second"}
_MAX_DIMENSIONS = 30
_MAX_METRICS = 100
_MAX_NAME = 1024

Series = tuple[str, tuple[tuple[str, str], ...]]
"""A metric's name, and its dimensions with their values."""


def extract(line: Mapping[str, Any]) -> dict[Series, tuple[float, str]]:
    """Return the metrics that CloudWatch reads from a line, with values and units; assert that the line is valid."""
    metadata = line["_aws"]
    assert set(metadata) == {"Timestamp", "CloudWatchMetrics"}
    assert type(metadata["Timestamp"]) is int
    assert metadata["Timestamp"] > 1_000_000_000_000, "in milliseconds"
    figures: dict[Series, tuple[float, str]] = {}
    for directive in metadata["CloudWatchMetrics"]:
        assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
        assert 1 <= len(directive["Namespace"]) <= _MAX_NAME
        assert 1 <= len(directive["Metrics"]) <= _MAX_METRICS
        for names in directive["Dimensions"]:
            for metric in directive["Metrics"]:
                series = (metric["Name"], _dimensions(line, names))
                assert series not in figures, "a figure would count twice"
                figures[series] = _figure(line, metric)
    return figures


def _dimensions(line: Mapping[str, Any], names: list[str]) -> tuple[tuple[str, str], ...]:
    assert len(names) <= _MAX_DIMENSIONS
    values = {name: line[name] for name in names}
    assert all(type(value) is str and 1 <= len(value) <= _MAX_NAME for value in values.values()), values
    return tuple(values.items())


def _figure(line: Mapping[str, Any], metric: Mapping[str, str]) -> tuple[float, str]:
    assert set(metric) == {"Name", "Unit"}
    assert metric["Unit"] in _UNITS
    value = line[metric["Name"]]
    assert type(value) in {int, float}, (metric, value)
    return value, metric["Unit"]
