"""Results as tables, readable in a terminal and in Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from tests.benchmarks.cases import CASES
from tests.benchmarks.contenders import ASSAY, CONTENDERS
from tests.benchmarks.data import MEGABYTE
from tests.benchmarks.hard_places import AGREES
from tests.benchmarks.results import Comparison, HardPlace, Loading, Package, Results, Series, Splitting, Weight

_HEAVIEST = 5
_NONE = "-"
_ASTRAY = "≠"
"""Marks a figure of a contender whose verdict differs."""


def table(labels: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format a table; columns whose label ends in a colon are aligned to the right."""
    cells = [[label.rstrip(":") for label in labels], *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    figures = [label.endswith(":") for label in labels]
    rule = ["-" * (width - 1) + (":" if right else "-") for width, right in zip(widths, figures, strict=True)]
    lines = [
        " | ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, figures, strict=True)
        )
        for row in [cells[0], rule, *cells[1:]]
    ]
    return "\n".join(f"| {line} |" for line in lines)


def circumstances(results: Results) -> str:
    """Return the date, the file size, the number of rounds and the machine."""
    rounds = "one round" if results.rounds == 1 else f"{results.rounds} rounds"
    return f"Measured on {results.date}, with files of {results.megabytes} MB, in {rounds}:\n{results.machine}."


def contenders(results: Results) -> str:
    """Return the table of contenders."""
    named = {each.contender for each in results.comparison.series} if results.comparison else set()
    rows = [
        (
            each.name,
            results.versions.get(each.distribution, "") if each.distribution else "",
            each.way + (f"; {each.most_megabytes} MB at most, being slow" if each.most_megabytes else ""),
        )
        for each in CONTENDERS.values()
        if each.name in named
    ]
    return table(["contender", "version", "what it does"], rows)


def overview(comparison: Comparison) -> str:
    """Return the table of speeds by contender and file."""
    found = {(each.contender, case): each for case in comparison.cases for each in comparison.of(case)}
    # The name has a size only if the contender was given no whole file.
    names = {each.contender: named(comparison, each) for each in sorted(found.values(), key=lambda each: each.bytes)}
    order = dict.fromkeys(name for name, _ in found)
    rows = [
        [names[name], *(_speed(comparison, found.get((name, case))) for case in comparison.cases)] for name in order
    ]
    return table(["MB/s", *(f"{case}:" for case in comparison.cases)], rows)


def case(comparison: Comparison, name: str) -> str:
    """Return the table of all measurements on one file."""
    rows = [_row(comparison, series) for series in comparison.of(name)]
    return table(["contender", "MB/s:", "time, Assay = 1:", "s:", "CPU s:", "RSS MB:", "same verdict?"], rows)


def cases(comparison: Comparison) -> str:
    """Return the tables of all files."""
    return "\n\n".join(f"### {name}\n\n{CASES[name].about}\n\n{case(comparison, name)}" for name in comparison.cases)


def hard_places(places: Sequence[HardPlace]) -> str:
    """Return the table of what each library makes of the difficult files."""
    peers = list(dict.fromkeys(peer for place in places for peer in place.outcomes))
    rows = [[place.difficulty, *(_emphasized(place.outcomes.get(peer, "")) for peer in peers)] for place in places]
    return table(["a file with", *peers], rows)


def growth(series: Sequence[Series]) -> str:
    """Return the table of time and memory by file size."""
    rows = [
        (each.contender, f"{each.bytes / MEGABYTE:,.0f}", *_figures(each))
        for each in sorted(series, key=lambda each: (each.contender, each.bytes))
    ]
    return table(["contender", "file MB:", "s:", "MB/s:", "RSS MB:"], rows)


def processes(series: Sequence[Series]) -> str:
    """Return the table of the times of one process and of two; the series on a file come in this order."""
    rows = [
        (
            one.case,
            f"{one.bytes / MEGABYTE:,.0f}",
            f"{one.seconds:.2f}",
            f"{two.seconds:.2f}",
            f"{one.seconds / two.seconds:.2f}",
        )
        for one, two in zip(series[::2], series[1::2], strict=True)
    ]
    return table(["file", "MB:", "1 process, s:", "2 processes, s:", "times as fast:"], rows)


def splitting(measured: Sequence[Splitting]) -> str:
    """Return the table of the processor time that splitting adds."""
    rows = [
        (
            each.case,
            f"{each.bytes / MEGABYTE:,.0f}",
            f"{each.seconds:.2f}",
            f"{each.split_seconds:.2f}",
            f"{each.speed:.2f}",
            f"{each.peak_bytes / MEGABYTE:,.0f}",
        )
        for each in measured
    ]
    return table(["file", "MB:", "validate, CPU s:", "and split, CPU s:", "speed, validate = 1:", "RSS MB:"], rows)


def loading(measured: Sequence[Loading]) -> str:
    """Return the table of the speed of loading."""
    rows = [
        (
            each.case,
            f"{each.bytes / MEGABYTE:,.0f}",
            f"{each.rows:,}",
            rounded(each.bytes / MEGABYTE / each.seconds),
            rounded(each.bytes / MEGABYTE / each.copy_seconds),
            f"{each.ratio:.2f}",
            f"{each.peak_bytes / MEGABYTE:,.0f}",
        )
        for each in measured
    ]
    labels = ["file", "MB:", "rows:", "Assay, MB/s:", r"`psql \copy`, MB/s:", "speed, psql = 1:", "RSS MB:"]
    return table(labels, rows)


def package(measured: Package) -> str:
    """Return the table of the deployment package's parts."""
    total = Weight.of_all("all of them", measured.requirements)
    rest = Weight.of_all("the others", measured.requirements[_HEAVIEST:])
    weights = [*measured.requirements[:_HEAVIEST], rest, total, measured.application]
    return table(["requirement", "zipped MB:", "MB:"], map(_weighed, weights))


def peers(measured: Package) -> str:
    """Return the table of the package's size with each other library."""
    return table(["peer, and what it needs", "zipped MB:", "MB:"], map(_weighed, measured.peers))


def imports(measured: Package) -> str:
    """Return the table of import times."""
    rows = [(f"`{each.statement}`", f"{each.seconds * 1000:.0f}") for each in measured.imports]
    return table(["statement", "ms:"], rows)


def all_of(results: Results) -> Iterator[str]:
    """Yield every table for which there are results."""
    yield circumstances(results)
    if results.comparison:
        yield cases(results.comparison)
        yield overview(results.comparison)
    if results.hard_places:
        yield hard_places(results.hard_places)
    if results.growth:
        yield growth(results.growth)
    if results.processes:
        yield processes(results.processes)
    if results.splitting:
        yield splitting(results.splitting)
    if results.loading:
        yield loading(results.loading)
    if results.package:
        yield from (package(results.package), peers(results.package), imports(results.package))


def named(comparison: Comparison, series: Series) -> str:
    """Return a contender's name, with the size if it was given only a piece of the file."""
    whole = max(each.bytes for each in comparison.of(series.case))
    is_piece = round(series.bytes / MEGABYTE) < round(whole / MEGABYTE)
    return f"{series.contender} ({series.bytes / MEGABYTE:.0f} MB)" if is_piece else series.contender


def rounded(value: float) -> str:
    """Format a figure with at least two digits."""
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _speed(comparison: Comparison, series: Series | None) -> str:
    if series is None or not series.measurements:
        return _NONE
    return rounded(series.megabytes_a_second) + (f" {_ASTRAY}" if comparison.difference(series) else "")


def _row(comparison: Comparison, series: Series) -> Sequence[str]:
    shown = named(comparison, series)
    if not series.measurements:
        return (shown, _NONE, _NONE, _NONE, _NONE, _NONE, series.trouble)
    reference = next((each for each in comparison.of(series.case) if each.contender == ASSAY.name), None)
    if reference is None or not reference.measurements:
        ratio = _NONE
    else:
        ratio = f"{reference.megabytes_a_second / series.megabytes_a_second:.2f}"
    return (
        shown,
        rounded(series.megabytes_a_second),
        ratio,
        f"{series.seconds:.2f}",
        f"{series.cpu_seconds:.2f}",
        f"{series.peak_megabytes:.0f}",
        "; ".join(filter(None, [_agreement(comparison, series), series.trouble])),
    )


def _agreement(comparison: Comparison, series: Series) -> str:
    difference = comparison.difference(series)
    if difference is None:
        return "unknown"
    return f"no: {difference}" if difference else "yes"


def _figures(series: Series) -> Sequence[str]:
    if not series.measurements:
        return (series.trouble, _NONE, _NONE)
    return f"{series.seconds:.2f}", rounded(series.megabytes_a_second), f"{series.peak_megabytes:.0f}"


def _emphasized(outcome: str) -> str:
    return outcome if outcome == AGREES else f"**{outcome}**"


def _weighed(weight: Weight) -> Sequence[str]:
    return weight.name, f"{weight.zipped_bytes / MEGABYTE:.2f}", f"{weight.bytes / MEGABYTE:.2f}"
