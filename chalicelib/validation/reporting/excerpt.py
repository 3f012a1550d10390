"""What is shown of a record: the cells around those that are wrong, cut to a bearable length."""

from collections.abc import Collection
from functools import lru_cache

from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import Excerpt, Fault, StrayQuote, UndecodableCell
from chalicelib.validation.sink import Names

MOST_CELLS = 12
"""Of a record that has more, the first cell is shown, and those that are wrong with their neighbours."""
CELL_CHARACTERS = 200
"""A cell that has more is cut."""

_UNDECODABLE = "\udcff".encode(errors="surrogatepass")
"""What stands for a byte that another encoding than UTF-8 does not have."""


def excerpt_of(record: Record | UnreadableRecord, names: Names, wrong: Collection[int]) -> Excerpt:
    """Return the cells of a record that show best that those at these 1-based positions are wrong."""
    if isinstance(record, UnreadableRecord):
        return Excerpt(beginning=_decoded(record.beginning))
    cells = record.cells
    fields = _chosen(max(len(cells), len(names)), tuple(wrong))
    # Not generators: this is done a hundred thousand times.
    return Excerpt(
        fields=fields,
        columns=tuple([names[at - 1] if at <= len(names) else None for at in fields]),
        cells=tuple([_text(cells[at - 1]) if at <= len(cells) else None for at in fields]),
    )


def shown_names(names: Names) -> Names:
    """Cut names as cells are."""
    return tuple(None if name is None else _cut(name) for name in names)


@lru_cache
def _chosen(width: int, wrong: tuple[int, ...]) -> tuple[int, ...]:
    """Choose positions: all if they are few."""
    if width <= MOST_CELLS:
        chosen = {*range(1, width + 1), *wrong}
    else:
        chosen = {1, *(near for at in wrong for near in (at - 1, at, at + 1) if 1 <= near <= max(width, at))}
    return tuple(sorted(chosen)[:MOST_CELLS])


def _text(cell: str | Fault) -> str:
    if isinstance(cell, str):
        return _cut(cell)
    match cell:
        case StrayQuote(text=str() as text):
            return _cut(text)
        case UndecodableCell(raw=raw):
            return _cut(_decoded(raw))
    return "\N{REPLACEMENT CHARACTER}"


def _decoded(raw: bytes) -> str:
    """Decode what can be decoded, and spell the other bytes."""
    return raw.replace(_UNDECODABLE, "\N{REPLACEMENT CHARACTER}".encode()).decode(errors="backslashreplace")


def _cut(text: str) -> str:
    shown = text if len(text) <= CELL_CHARACTERS else f"{text[: CELL_CHARACTERS - 1]}…"
    if shown.isascii():
        return shown
    return shown.encode(errors="replace").decode()  # half of a surrogate pair cannot be written
