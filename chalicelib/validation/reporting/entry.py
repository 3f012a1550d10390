"""One record on the page: its errors and its cells."""

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from chalicelib.validation.report import ErrorCode, Excerpt, NeighbouringRow, SharedKey, ValidationError
from chalicelib.validation.reporting.localized import localized
from chalicelib.validation.reporting.markup import as_html, as_html_lines
from chalicelib.validation.reporting.wording import column_letters

_GAP = "<div class=gap><dt>…<dd>…</div>"
"""Marks cells that are not shown."""


def entry(
    errors: Sequence[tuple[ValidationError, SharedKey | None]],
    excerpt: Excerpt | None,
    width: int,
    kinds: Sequence[str],
    neighbours: Sequence[NeighbouringRow] = (),
) -> str:
    """Return the list item of one record; `kinds` are the causes that the filter compares.

    `width` is the number of cells in the whole record, of which the excerpt may show fewer.
    """
    first = errors[0][0]
    wrong = {error.field for error, _ in errors if error.field is not None}
    said_errors = (_error(error) + (_key(error, key) if key else "") for error, key in errors)
    around = _around(first.row, excerpt, neighbours, wrong) if excerpt and neighbours and first.row else ""
    body = "".join(said_errors) + _record(excerpt, width, wrong) + around
    return f'<li data-k="{" ".join(dict.fromkeys(kinds))}">{_heading(first)}<div>{body}</div></li>\n'


def _heading(error: ValidationError) -> str:
    if error.row is None:
        return localized("report.file", "h3")
    line = localized("report.line", "small", line=error.line) if error.line != error.row else ""
    # Up to 10,000 of these are written: the same as `localized` would write.
    return f"<h3><span data-t=report.row data-v='{{\"row\":{error.row}}}'>Row {error.row:,}</span>{line}</h3>"


def _error(error: ValidationError) -> str:
    # An error of the whole file has the column `file`, which is not a column.
    column = "" if error.column is None or error.row is None else f"<b><bdi>{as_html(error.column)}</bdi></b> "
    letter = "" if error.field is None else f"{_letter(error.field)} "
    return f"<p class=error>{column}{letter}{_message(error)}</p>"


def _key(error: ValidationError, key: SharedKey) -> str:
    """Return the value of a key, and the rows that have it."""
    is_reference = error.code == ErrorCode.FOREIGN_KEY
    rows = ", ".join(f"{row:,}" for row in key.rows)
    more = key.row_count - len(key.rows)
    rest = f" {localized('keys.more', count=more)}" if more > 0 else ""
    values = zip(key.columns, key.values, strict=True)
    facts = [
        (
            localized("keys.value", "dt"),
            ", ".join(f"{as_html(name or '')}: <code>{as_html(cell)}</code>" for name, cell in values),
        ),
        *([] if is_reference else [(localized("keys.first", "dt"), f"{key.rows[0]:,}")]),
        (localized("keys.referring" if is_reference else "keys.all", "dt"), rows + rest),
    ]
    return f"<dl class=key>{''.join(f'<div>{term}<dd>{fact}</div>' for term, fact in facts)}</dl>"


@lru_cache
def _letter(field: int) -> str:
    return localized("report.letter", "small", letter=column_letters(field))


def _message(error: ValidationError) -> str:
    """Return the message, which is English, marked with its code, by which the script finds it in another language."""
    return f"<span class=message lang=en data-c={as_html(error.code)}>{as_html(error.message)}</span>"


def _record(excerpt: Excerpt | None, width: int, wrong: Collection[int]) -> str:
    if excerpt is None:
        return ""
    if excerpt.beginning is not None:
        return f"<pre>{as_html_lines(excerpt.beginning)}</pre>"
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
            yield f"<div><dt>{_label(field, column)}<dd>{as_html(cell or '')}</div>"


def _around(row: int, excerpt: Excerpt, neighbours: Sequence[NeighbouringRow], wrong: Collection[int]) -> str:
    """Return the row between its neighbours, as in a spreadsheet."""
    rows = sorted([(row, excerpt.cells), *((each.row, each.cells) for each in neighbours)])
    labels = zip(excerpt.fields, excerpt.columns, strict=True)
    head = "".join(f"<th scope=col>{_label(at, column)}</th>" for at, column in labels)
    body = ""
    for number, cells in rows:
        marked = wrong if number == row else ()
        shown = (
            f"<td{' class=wrong' if at in marked else ''}>{as_html(cell or '')}</td>"
            for at, cell in zip(excerpt.fields, cells, strict=True)
        )
        body += f"<tr{' class=this' if number == row else ''}><th scope=row>{number:,}</th>{''.join(shown)}</tr>"
    return (
        f"<details class=around>{localized('around.title', 'summary')}<div class=wide tabindex=0><table><thead><tr>"
        f"{localized('report.rowHeading', 'th', 'scope=col')}{head}</tr></thead><tbody>{body}</tbody></table></div>"
        "</details>"
    )


@lru_cache  # all records of a file have the same labels
def _label(field: int, column: str | None) -> str:
    return f"<small>{column_letters(field)}</small>" + ("" if column is None else f" <bdi>{as_html(column)}</bdi>")


def _wrong(cell: str | None) -> str:
    """Return the text of a cell with an error, or that it is missing or empty."""
    if cell is None:
        return localized("report.missing", "em")
    return as_html(cell) or localized("report.empty", "em")
