"""The header of a file beside the one that was agreed, as a table on the page of a report."""

from collections.abc import Iterator

from chalicelib.validation.repair.changes import Header, HeaderColumn
from chalicelib.validation.reporting.localized import localized
from chalicelib.validation.reporting.markup import as_html
from chalicelib.validation.reporting.wording import column_letters


def header_table(header: Header) -> str:
    """Return the section with the two headers, column by column; nothing if they cannot be compared."""
    if not header.columns:
        return ""
    head = "".join(localized(f"header.{name}", "th", "scope=col") for name in ("agreed", "found", "difference"))
    rows = "".join(_row(column) for column in header.columns)
    is_cut = len(header.columns) < max(len(header.found), len(header.expected))
    return (
        f"<section aria-labelledby=header>\n{localized('header.title', 'h2', 'id=header')}\n"
        f"<table class=headers><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>\n"
        f"{localized('header.cut', 'p', 'class=bound') if is_cut else ''}</section>\n"
    )


def _row(column: HeaderColumn) -> str:
    difference = localized(f"header.{column.difference}", "b") if column.difference else localized("header.same")
    return f"<tr{' class=wrong' if column.difference else ''}>{''.join(_labels(column))}<td>{difference}</td></tr>\n"


def _labels(column: HeaderColumn) -> Iterator[str]:
    name = "" if column.expected is None else f"<bdi>{as_html(column.expected)}</bdi>"
    yield f"<td>{_letter(column.expected_field)}{name or localized('header.none', 'em')}</td>"
    if column.field is None:
        yield f"<td>{localized('header.none', 'em')}</td>"
    elif column.found is None:
        yield f"<td>{_letter(column.field)}{localized('header.unreadable', 'em')}</td>"
    else:
        label = f"<bdi>{as_html(column.found)}</bdi>" if column.found else localized("header.empty", "em")
        yield f"<td>{_letter(column.field)}{label}</td>"


def _letter(field: int | None) -> str:
    return "" if field is None else f"<small>{column_letters(field)}</small> "
