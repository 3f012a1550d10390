"""The table of a trial's figures."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.chaos.referee import Failing
from tests.chaos.trial import Outcome

_FINDINGS_SHOWN: Final = 20


def table(outcome: Outcome) -> str:
    """Return all figures, and the referee's first findings."""
    rows = [*_rows(outcome)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"{name:{widths[0]}}  {value:>{widths[1]}}  {more}".rstrip() for name, value, more in rows]
    return "\n".join([*lines, *map(str, outcome.findings[:_FINDINGS_SHOWN])])


def _rows(outcome: Outcome) -> Iterator[tuple[str, str, str]]:
    uploads = outcome.plan.uploads
    yield "uploads", f"{len(uploads):,}", _by_kind(Counter(upload.kind for upload in uploads))
    yield "objects", f"{outcome.objects:,}", ""
    yield "executions", f"{outcome.executions:,}", ""
    yield "faults injected", f"{outcome.faults.total():,}", _by_kind(outcome.faults)
    yield "delivery faults", f"{outcome.delivery_faults.total():,}", _by_kind(outcome.delivery_faults)
    yield "failed invocations", f"{outcome.failures.total():,}", _by_kind(outcome.failures)
    yield "throttled invocations", f"{outcome.throttled:,}", ""
    yield "dead letters left", f"{outcome.dead_letters:,}", ""
    found = Counter(finding.failing for finding in outcome.findings)
    for failing in Failing:
        yield failing, f"{found[failing]:,}", ""
    seconds = f"{outcome.seconds:.1f}"
    uploading = f"{outcome.seconds_uploading:.1f} of them uploading"
    yield "seconds to quiescence", seconds, uploading if outcome.is_quiet else f"not quiet then; {uploading}"


def _by_kind(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in sorted(counts.items(), key=lambda each: -each[1]) if count)
