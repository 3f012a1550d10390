"""The page docs/benchmarks.md: results replace what is between its markers, and the rest stays."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.benchmarks import prose
from tests.benchmarks.chart import chart
from tests.benchmarks.contenders import ASSAY, CONTENDERS
from tests.benchmarks.environment import ROOT
from tests.benchmarks.results import Results

PAGE: Final = ROOT / "docs" / "benchmarks.md"
CHART: Final = ROOT / "docs" / "benchmarks.svg"
_PART: Final = re.compile(r"(?<=<!-- measured: )(\w+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)


class PageIncomplete(Exception):
    """The page needs a result that was not measured; the message names it."""


def write(results: Results, page: Path = PAGE, drawing: Path = CHART) -> None:
    """Write results into the page, and draw the chart beside it."""
    contents = parts(results)
    if results.comparison:
        drawing.write_text(chart(results.comparison, results.megabytes))
    page.write_text(renewed(page.read_text(), contents))


def parts(results: Results) -> Mapping[str, str]:
    """Return the content for each marker by its name."""
    if not (
        results.comparison
        and results.hard_places
        and results.growth
        and results.processes
        and results.splitting
        and results.loading
        and results.package
    ):
        raise PageIncomplete("the page has all results or none: measure them with --write")
    for series in (*results.comparison.series, *results.growth, *results.processes):
        if CONTENDERS[series.contender].peer == ASSAY.peer and series.trouble:
            raise PageIncomplete(f"{series.contender} has no verdict on {series.case}: {series.trouble}")
    return {
        "circumstances": prose.circumstances(results),
        "contenders": prose.contenders(results),
        "overview": prose.overview(results.comparison),
        "cases": prose.cases(results.comparison),
        "hard_places": prose.hard_places(results.hard_places),
        "growth": prose.growth(results.growth),
        "processes": prose.processes(results.processes),
        "splitting": prose.splitting(results.splitting),
        "loading": prose.loading(results.loading),
        "package": prose.package(results.package),
        "peers": prose.peers(results.package),
        "imports": prose.imports(results.package),
    }


def renewed(text: str, contents: Mapping[str, str]) -> str:
    """Replace what is between the markers."""
    return _PART.sub(lambda found: f"{found[1]}{found[2]}{contents[found[1]]}\n", text)
