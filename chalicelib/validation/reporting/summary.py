"""The summary of a report: the verdict, where the errors are, and what to do about them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from chalicelib.validation.cli.terminal import counted
from chalicelib.validation.report import ValidationReport
from chalicelib.validation.reporting.advice import advice
from chalicelib.validation.reporting.markup import shown
from chalicelib.validation.reporting.subject import Subject

MOST_BARS = 20
"""Of more columns than that, those with the most errors are drawn."""
_HUES = 6
"""So many codes have a colour of their own."""

_Counts = Mapping[tuple[str | None, str], int]


def summary(report: ValidationReport, subject: Subject) -> str:
    """Write the first part of the page."""
    parts = [_header(report, subject), "<main>\n"]
    if not report.valid:
        codes = [code for code, _ in Counter(report.counts_by_code).most_common()]
        parts += [_chart(report.counts, codes), _advice(report.counts_by_code, codes)]
    return "".join(parts)


def _header(report: ValidationReport, subject: Subject) -> str:
    rows = counted(report.row_count, "row")
    verdict = "Valid" if report.valid else counted(report.error_count, "error")
    moment = f"{subject.checked_at:%d %B %Y, %H:%M %Z}".lstrip("0")
    facts = {"Checked": moment, "Schema": subject.schema, "Rows": f"{report.row_count:,}"}
    listed = "".join(f"<div><dt>{name}<dd>{shown(fact)}</div>" for name, fact in facts.items())
    lead = f"<strong class={'valid' if report.valid else 'invalid'}>{verdict}</strong> in {rows}"
    if report.valid:
        lead = f"<strong class=valid>{verdict}</strong>: nothing is wrong with its {rows}"
    return (
        f"<header>\n<p class=kind>Report on a file</p>\n<h1><bdi>{shown(subject.name)}</bdi></h1>\n"
        f"<p class=verdict>{lead}.</p>\n<dl class=facts>{listed}</dl>\n</header>\n"
    )


def _chart(counts: _Counts, codes: Sequence[str]) -> str:
    """Draw a bar for each column, divided by code."""
    columns: dict[str | None, Counter[str]] = {}
    for (column, code), count in counts.items():
        columns.setdefault(column, Counter())[code] += count
    ranked = sorted(columns.items(), key=lambda each: -each[1].total())
    longest = ranked[0][1].total()
    rows = "".join(_bar(column, numbers, codes, longest) for column, numbers in ranked[:MOST_BARS])
    return (
        "<section aria-labelledby=where>\n<h2 id=where>Where they are</h2>\n<table class=chart>\n"
        f"<thead><tr><th scope=col>Column<th scope=col>Kinds of errors<th scope=col>Errors</thead>\n{rows}</table>\n"
        f"{_more(len(ranked) - MOST_BARS)}</section>\n"
    )


def _more(columns: int) -> str:
    return f"<p class=bound>There are errors in {counted(columns, 'more column')}.</p>\n" if columns > 0 else ""


def _bar(column: str | None, numbers: Mapping[str, int], codes: Sequence[str], longest: int) -> str:
    total = sum(numbers.values())
    name = "<em>without a column</em>" if column is None else f"<bdi>{shown(column)}</bdi>"
    parts = "".join(_parts(numbers, codes, longest))
    words = ", ".join(f"{code}\N{NO-BREAK SPACE}{numbers[code]:,}" for code in codes if numbers.get(code))
    return (
        f"<tr><th scope=row>{name}<td><svg width='100%' height='14' aria-hidden='true'>{parts}</svg>"
        f"<small>{words}</small><td>{total:,}\n"
    )


def _parts(numbers: Mapping[str, int], codes: Sequence[str], longest: int) -> Iterator[str]:
    start = 0.0
    for rank, code in enumerate(codes):
        if count := numbers.get(code):
            width = 100 * count / longest
            yield f"<rect class=h{min(rank, _HUES)} x='{start:.3f}%' width='{width:.3f}%' height='14'></rect>"
            start += width


def _advice(counts: Mapping[str, int], codes: Sequence[str]) -> str:
    """Say what to do about each code, which tells the chart's colours too."""
    rows = "".join(
        f"<tr><th scope=row><svg width='12' height='12' aria-hidden='true'>"
        f"<rect class=h{min(rank, _HUES)} width='12' height='12'></rect></svg><code>{shown(code)}</code>"
        f"<td>{shown(advice(code))}<td>{counts[code]:,}\n"
        for rank, code in enumerate(codes)
    )
    return (
        "<section aria-labelledby=what>\n<h2 id=what>What to do</h2>\n<table class=advice>\n"
        "<thead><tr><th scope=col>Error<th scope=col>What helps<th scope=col>Errors</thead>\n"
        f"{rows}</table>\n</section>\n"
    )
