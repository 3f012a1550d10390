"""The cells of a record that a report shows: those with errors and their neighbours, truncated."""

from collections.abc import Collection
from functools import lru_cache

from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import Excerpt, Fault, StrayQuote, UndecodableCell
from chalicelib.validation.sink import Names

MAX_CELLS = 12
"""Of a wider record, the first cell is shown, and the cells with errors and their neighbours."""
CELL_CHARACTERS = 200
"""Longer cells are truncated."""

_UNDECODABLE = "\udcff".encode(errors="surrogatepass")
"""The bytes that replace one that the file's encoding does not define."""


def excerpt_of(record: Record | UnreadableRecord, names: Names, wrong: Collection[int]) -> Excerpt:
    """Return the cells of a record that show best that those at these 1-based positions are wrong."""
    if isinstance(record, UnreadableRecord):
        return Excerpt(beginning=_decoded(record.beginning))
    fields = chosen(max(len(record.cells), len(names)), tuple(wrong))
    # Up to 100,000 excerpts are made of a file, so this avoids generators and repeated work.
    return Excerpt(
        fields=fields,
        columns=tuple([names[at - 1] if at <= len(names) else None for at in fields]),
        cells=shown_cells(record, fields),
    )


def shown_cells(record: Record, fields: Collection[int]) -> tuple[str | None, ...]:
    """Return the cells at these 1-based positions, truncated; None where the record has no such cell."""
    cells = record.cells
    last = len(cells)
    return tuple([_text(cells[at - 1]) if at <= last else None for at in fields])


def shown_names(names: Names) -> Names:
    """Truncate names as cells are."""
    return tuple(None if name is None else _truncate(name) for name in names)


@lru_cache(maxsize=4096)
def chosen(width: int, wrong: tuple[int, ...]) -> tuple[int, ...]:
    """Return the positions to show: all of them if there are few."""
    if width <= MAX_CELLS:
        chosen = {*range(1, width + 1), *wrong}
    else:
        chosen = {1, *(near for at in wrong for near in (at - 1, at, at + 1) if 1 <= near <= max(width, at))}
    return tuple(sorted(chosen)[:MAX_CELLS])


def _text(cell: str | Fault) -> str:
    match cell:
        case str():
            return cell if len(cell) <= CELL_CHARACTERS and cell.isascii() else _truncate(cell)
        case StrayQuote(text=str() as text):
            return _truncate(text)
        case UndecodableCell(raw=raw):
            return _truncate(_decoded(raw))
    return "\N{REPLACEMENT CHARACTER}"


def _decoded(raw: bytes) -> str:
    """Decode UTF-8, and write other bytes as escapes."""
    return raw.replace(_UNDECODABLE, "\N{REPLACEMENT CHARACTER}".encode()).decode(errors="backslashreplace")


def _truncate(text: str) -> str:
    shown = text if len(text) <= CELL_CHARACTERS else f"{text[: CELL_CHARACTERS - 1]}…"
    if shown.isascii():
        return shown
    return shown.encode(errors="replace").decode()  # a lone surrogate cannot be encoded
