"""The summary of a report: the verdict, where the errors are, and what to do about them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from chalicelib.validation.report import ValidationReport
from chalicelib.validation.reporting.advice import advice
from chalicelib.validation.reporting.markup import as_html
from chalicelib.validation.reporting.subject import ReportSubject
from chalicelib.validation.reporting.wording import counted

MAX_BARS = 20
"""The chart has the columns with the most errors, up to this number."""
_HUES = 6
"""The number of codes with their own colour."""

_Counts = Mapping[tuple[str | None, str], int]


def summary(report: ValidationReport, subject: ReportSubject) -> str:
    """Return the first part of the page."""
    parts = [_header(report, subject), "<main>\n"]
    if not report.valid:
        codes = [code for code, _ in Counter(report.counts_by_code).most_common()]
        parts += [_chart(report.counts, codes), _advice(report.counts_by_code, codes)]
    return "".join(parts)


def _header(report: ValidationReport, subject: ReportSubject) -> str:
    rows = counted(report.row_count, "row")
    verdict = "Valid" if report.valid else counted(report.error_count, "error")
    moment = f"{subject.checked_at:%d %B %Y, %H:%M %Z}".lstrip("0")
    facts = {"Checked": moment, "Schema": subject.schema, "Rows": f"{report.row_count:,}"}
    listed = "".join(f"<div><dt>{name}<dd>{as_html(fact)}</div>" for name, fact in facts.items())
    lead = f"<strong class={'valid' if report.valid else 'invalid'}>{verdict}</strong> in {rows}"
    if report.valid:
        lead = f"<strong class=valid>{verdict}</strong>: no errors in {rows}"
    unchecked = "".join(f"<p class=bound>Not checked: {as_html(sentence)}</p>\n" for sentence in report.unchecked)
    return (
        f"<header>\n<p class=kind>Report on a file</p>\n<h1><bdi>{as_html(subject.name)}</bdi></h1>\n"
        f"<p class=verdict>{lead}.</p>\n<dl class=facts>{listed}</dl>\n{unchecked}</header>\n"
    )


def _chart(counts: _Counts, codes: Sequence[str]) -> str:
    """Return a chart with a bar for each column, divided by code."""
    columns: dict[str | None, Counter[str]] = {}
    for (column, code), count in counts.items():
        columns.setdefault(column, Counter())[code] += count
    ranked = sorted(columns.items(), key=lambda each: -each[1].total())
    longest = ranked[0][1].total()
    rows = "".join(_bar(column, numbers, codes, longest) for column, numbers in ranked[:MAX_BARS])
    return (
        "<section aria-labelledby=where>\n<h2 id=where>Where the errors are</h2>\n<table class=chart>\n"
        f"<thead><tr><th scope=col>Column<th scope=col>Kinds of errors<th scope=col>Errors</thead>\n{rows}</table>\n"
        f"{_more(len(ranked) - MAX_BARS)}</section>\n"
    )


def _more(columns: int) -> str:
    return f"<p class=bound>{counted(columns, 'more column')} with errors.</p>\n" if columns > 0 else ""


def _bar(column: str | None, numbers: Mapping[str, int], codes: Sequence[str], longest: int) -> str:
    total = sum(numbers.values())
    name = "<em>without a column</em>" if column is None else f"<bdi>{as_html(column)}</bdi>"
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
    """Return what to do about each code; the table is also the legend of the chart."""
    rows = "".join(
        f"<tr><th scope=row><svg width='12' height='12' aria-hidden='true'>"
        f"<rect class=h{min(rank, _HUES)} width='12' height='12'></rect></svg><code>{as_html(code)}</code>"
        f"<td>{as_html(advice(code))}<td>{counts[code]:,}\n"
        for rank, code in enumerate(codes)
    )
    return (
        "<section aria-labelledby=what>\n<h2 id=what>What to do</h2>\n<table class=advice>\n"
        "<thead><tr><th scope=col>Error<th scope=col>What to do<th scope=col>Errors</thead>\n"
        f"{rows}</table>\n</section>\n"
    )
