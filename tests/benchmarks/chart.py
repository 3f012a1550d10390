"""The chart, as SVG: a panel for each file, a bar for each contender, all on one scale."""

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from tests.benchmarks.contenders import ASSAY, CONTENDERS
from tests.benchmarks.prose import named, rounded
from tests.benchmarks.results import Comparison, Series

_SVG: Final = "http://www.w3.org/2000/svg"
_PANELS_A_ROW: Final = 3
_PANEL_WIDTH: Final = 320
_BAR_STARTS: Final = 140
_LONGEST_BAR: Final = 130
_BAR_HEIGHT: Final = 11
_BAR_STEP: Final = 17
_TITLE_HEIGHT: Final = 26
_MARGIN: Final = 20
_HEAD: Final = 64

_STYLE: Final = """
    text { font: 12px system-ui, sans-serif; }
    .title { font-size: 16px; font-weight: 600; }
    .panel { font-weight: 600; }
    .name { text-anchor: end; }
    .paper { fill: #ffffff; }
    text { fill: #1f2328; }
    .faint { fill: #59636e; }
    .assay { fill: #0969da; stroke: #0969da; }
    .peer { fill: #818b98; stroke: #818b98; }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117; }
      text { fill: #e6edf3; }
      .faint { fill: #9198a1; }
      .assay { fill: #4493f8; stroke: #4493f8; }
      .peer { fill: #767e89; stroke: #767e89; }
    }
    .astray { fill: none; stroke-dasharray: 3 2; }
"""
"""Light and dark, with a background of its own, to be readable on any page; some renderers lack CSS variables."""


def chart(comparison: Comparison, megabytes: int) -> str:
    """Draw the speed of each contender; a contender whose verdict differs from Assay's has an empty bar."""
    cases = comparison.cases
    fastest = max(each.megabytes_a_second for case in cases for each in comparison.of(case) if each.measurements)
    bars = max(len(comparison.of(case)) for case in cases)
    panel_height = _TITLE_HEIGHT + bars * _BAR_STEP + _MARGIN
    width = _MARGIN + _PANELS_A_ROW * _PANEL_WIDTH
    height = _HEAD + -(-len(cases) // _PANELS_A_ROW) * panel_height
    lines = [
        f'<svg xmlns="{_SVG}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title description">',
        f'<title id="title">How fast CSV files of {megabytes} MB are checked</title>',
        f'<desc id="description">{escape(_description(comparison))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{height}" rx="6"/>',
        f'<text class="title" x="{_MARGIN}" y="28">Megabytes a second, checking files of {megabytes} MB</text>',
        f'<text class="faint" x="{_MARGIN}" y="48">More is better. Empty and dashed: not the verdict of Assay.</text>',
    ]
    for number, case in enumerate(cases):
        row, column = divmod(number, _PANELS_A_ROW)
        x, y = _MARGIN + column * _PANEL_WIDTH, _HEAD + row * panel_height
        lines += [f'<g transform="translate({x} {y})">', *_panel(comparison, case, fastest), "</g>"]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _description(comparison: Comparison) -> str:
    """Return the chart's alternative text."""
    return " ".join(
        f"{case}: " + "; ".join(f"{each.contender}: {_figure(each)}" for each in comparison.of(case)) + "."
        for case in comparison.cases
    )


def _panel(comparison: Comparison, case: str, fastest: float) -> Iterator[str]:
    yield f'<text class="panel" x="{_BAR_STARTS}" y="14">{escape(case)}</text>'
    for number, series in enumerate(comparison.of(case)):
        yield from _bar(comparison, series, fastest, _TITLE_HEIGHT + number * _BAR_STEP)


def _classes(comparison: Comparison, series: Series) -> str:
    owner = "assay" if CONTENDERS[series.contender].peer == ASSAY.peer else "peer"
    return f"{owner} astray" if comparison.difference(series) else owner


def _bar(comparison: Comparison, series: Series, fastest: float, y: float) -> Iterator[str]:
    length = _LONGEST_BAR * series.megabytes_a_second / fastest if series.measurements else 0
    text_y = y + _BAR_HEIGHT - 1
    yield f'<text class="name" x="{_BAR_STARTS - 8}" y="{text_y}">{escape(named(comparison, series))}</text>'
    yield (
        f'<rect class="{_classes(comparison, series)}" x="{_BAR_STARTS}" y="{y}" width="{max(length, 1):.1f}" '
        f'height="{_BAR_HEIGHT}"/>'
    )
    yield f'<text class="faint" x="{_BAR_STARTS + length + 6:.1f}" y="{text_y}">{escape(_figure(series))}</text>'


def _figure(series: Series) -> str:
    return rounded(series.megabytes_a_second) if series.measurements else series.trouble.partition(":")[0]
