"""One record on the page: what is wrong with it, and what it contains."""

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from chalicelib.validation.report import Excerpt, ValidationError
from chalicelib.validation.reporting.letters import letters
from chalicelib.validation.reporting.markup import shown, shown_in_lines

_GAP = "<div class=gap><dt>…<dd>…</div>"
"""Stands for cells that are not shown."""


def entry(errors: Sequence[ValidationError], excerpt: Excerpt | None, width: int, kinds: Sequence[str]) -> str:
    """Write what is wrong in one place of the file as an item of the list; `kinds` is what the filters look at.

    The excerpt is of a record of so many cells.
    """
    first = errors[0]
    wrong = {error.field for error in errors if error.field is not None}
    body = "".join(_offence(error) for error in errors) + _record(excerpt, width, wrong)
    return f'<li data-k="{" ".join(dict.fromkeys(kinds))}">{_place(first)}<div>{body}</div></li>\n'


def _place(error: ValidationError) -> str:
    if error.row is None:
        return "<h3>The file</h3>"
    return f"<h3>Row {error.row:,}<small>line {error.line:,}</small></h3>"


def _offence(error: ValidationError) -> str:
    # The column of a file as a whole is none.
    column = "" if error.column is None or error.row is None else f"<b><bdi>{shown(error.column)}</bdi></b> "
    letter = "" if error.field is None else f"<small>column {letters(error.field)}</small> "
    return f"<p>{column}{letter}<span>{shown(error.message)}</span> <code>{shown(error.code)}</code></p>"


def _record(excerpt: Excerpt | None, width: int, wrong: Collection[int]) -> str:
    if excerpt is None:
        return ""
    if excerpt.beginning is not None:
        return f"<pre>{shown_in_lines(excerpt.beginning)}</pre>"
    if not any(excerpt.cells) and not wrong:
        return ""
    rest = _GAP if excerpt.fields[-1] < width else ""
    return f"<dl>{''.join(_cells(excerpt, wrong))}{rest}</dl>"


def _cells(excerpt: Excerpt, wrong: Collection[int]) -> Iterator[str]:
    previous = 0
    for field, column, cell in zip(excerpt.fields, excerpt.columns, excerpt.cells, strict=True):
        if field != previous + 1:
            yield _GAP
        previous = field
        if field in wrong:
            yield f"<div class=wrong><dt>{_label(field, column)}<dd><mark>{_wrong(cell)}</mark></div>"
        else:
            yield f"<div><dt>{_label(field, column)}<dd>{shown(cell or '')}</div>"


@lru_cache  # those of one file are the same in every record
def _label(field: int, column: str | None) -> str:
    return f"<small>{letters(field)}</small>" + ("" if column is None else f" <bdi>{shown(column)}</bdi>")


def _wrong(cell: str | None) -> str:
    """Write the text of a cell that is wrong; where there is none, that may be what is wrong."""
    if cell is None:
        return "<em>missing</em>"
    return shown(cell) or "<em>empty</em>"
