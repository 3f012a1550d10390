"""How a sample is laid out: its delimiter and quotes, the lines above its header, and its labels."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from chalicelib.validation.inference.header import DELIMITERS, Layout, lay_out
from chalicelib.validation.inference.parsed_sample import ParsedSample, cells_of, parse_sample, width_of
from chalicelib.validation.inference.sample import Sample
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.file_format import detect_double_line_ends
from chalicelib.validation.reading.records import Record
from chalicelib.validation.reading.source import in_utf8
from chalicelib.validation.report import Fault

_RARE_DELIMITERS = ("~", "^", ":", "\x1f", " ")
_SPACED: Mapping[str, Any] = MappingProxyType({"skipInitialSpace": True})
_VARIANTS: Sequence[Mapping[str, Any]] = (
    {},
    {"escapeChar": "\\", "doubleQuote": False},
    {"quoteChar": None},
    {"quoteChar": "'"},
    _SPACED,
)
"""Ways to quote; the first one with the fewest faults is taken."""


def detect_layout(sample: Sample) -> Layout:
    """Return the layout of a sample; raises SampleUnusable if there is no header or record to go by."""
    declared: dict[str, Any] = {} if sample.encoding == "utf-8" else {"encoding": sample.encoding}
    if detect_double_line_ends(sample.blocks[0], Dialect()):
        declared["skipBlankRows"] = True
    first_line = _first_line(sample)
    excel = first_line[:4].lower() == "sep=" and len(first_line) == len("sep=;")
    delimiters = (first_line[4],) if excel else DELIMITERS
    usual = [parse_sample(sample, _declared(delimiter) | declared) for delimiter in delimiters]
    best = max(usual, key=lambda parsed: parsed.rank)
    if best.width == 1 and not excel:
        rare = [parse_sample(sample, _declared(delimiter) | declared) for delimiter in _RARE_DELIMITERS]
        uniform = [parsed for parsed in rare if parsed.width > 1 and parsed.share == 1 and len(parsed.records) > 1]
        best = max(uniform or usual, key=lambda parsed: parsed.rank)
    if _has_comments(best):
        best = parse_sample(sample, {**best.dialect, "commentChar": "#"})
    variants = [parse_sample(sample, {**best.dialect, **variant}) for variant in _variants(best)]
    quoting = [parsed for parsed in variants if "quoteChar" not in parsed.dialect or not _has_quoted_cells(parsed)]
    best = min(
        quoting, key=lambda parsed: parsed.faults + sum(width_of(each) != parsed.width for each in parsed.records)
    )
    return lay_out(best, titles=1 if excel else 0)


def _has_comments(parsed: ParsedSample) -> bool:
    """Return whether records of another width begin with a number sign, and none of the usual width."""
    marked = {
        width_of(each) == parsed.width for each in parsed.records if str(next(iter(cells_of(each)), "")).startswith("#")
    }
    return marked == {False}


def _has_quoted_cells(parsed: ParsedSample) -> bool:
    """Return whether a cell begins with a quotation mark: then that is how the file quotes, well or badly."""
    return any(isinstance(cell, str) and cell.startswith('"') for each in parsed.records for cell in cells_of(each))


def _declared(delimiter: str) -> dict[str, Any]:
    return {} if delimiter == "," else {"delimiter": delimiter}


def _variants(parsed: ParsedSample) -> Iterator[Mapping[str, Any]]:
    spaced = _SPACED if _has_spaced_labels(parsed) else {}
    return ({**spaced, **variant} for variant in _VARIANTS)


def _has_spaced_labels(parsed: ParsedSample) -> bool:
    """Return whether a space follows each delimiter of the first record."""
    first = next(iter(parsed.records), None)
    if not isinstance(first, Record) or len(first.cells) < 2 or parsed.dialect.get("delimiter") == " ":  # noqa: PLR2004
        return False
    return all(isinstance(cell, Fault) or cell.startswith(" ") for cell in first.cells[1:])


def _first_line(sample: Sample) -> str:
    text = b"".join(in_utf8(iter([sample.blocks[0][:8192]]), sample.encoding)).decode(errors="replace")
    return next(iter(text.lstrip("\ufeff").splitlines()), "")
