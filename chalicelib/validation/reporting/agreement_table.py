"""What was agreed, as a section of the page of a report."""

from base64 import b64encode
from collections.abc import Iterable, Iterator

from chalicelib import words
from chalicelib.validation.reporting.agreed_words import Phrase, conditions, holds
from chalicelib.validation.reporting.agreement import AgreedColumn, Agreement
from chalicelib.validation.reporting.files.template import XLSX, template_workbook
from chalicelib.validation.reporting.localized import localized
from chalicelib.validation.reporting.markup import as_html


def agreement_table(agreement: Agreement, languages: Iterable[str] = words.LANGUAGES) -> Iterator[str]:
    """Yield the section with the table, row by row, and the templates as links that contain them.

    A workbook has comments: there is one in each of the languages.
    """
    headings = ("column", "holds", "examples", "required", "allowed")
    head = "".join(localized(f"agreed.{name}", "th", "scope=col") for name in headings)
    yield (
        f"<section aria-labelledby=agreed>\n{localized('agreed.title', 'h2', 'id=agreed')}\n"
        f"{localized('agreed.lead', 'p', name=agreement.name)}\n<div class=wide><table class=agreed>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>"
    )
    for column in agreement.columns:
        yield f"<tr>{''.join(_cells(column))}</tr>\n"
    yield f"</tbody></table></div>\n<p class=bound>{' '.join(_rules(agreement))}</p>\n"
    yield f"<p>{localized('agreed.templates')}"
    for link in _templates(agreement, languages):
        yield f" {link}"
    yield "</p>\n</section>\n"


def _cells(column: AgreedColumn) -> Iterator[str]:
    about = "".join(f"<small>{as_html(text)}</small>" for text in (column.title, column.description) if text)
    yield f"<th scope=row><bdi>{as_html(column.name)}</bdi>{about}</th>"
    limits = "".join(f"<small>{_element(each)}</small>" for each in conditions(column))
    yield f"<td>{_element(holds(column))}{limits}</td>"
    yield f"<td>{_label('examples')}{_listed(column.examples)}</td>"
    yield f"<td>{_label('required')}{localized('agreed.yes' if column.required else 'agreed.no')}</td>"
    more = column.allowed_count - len(column.allowed)
    rest = f" {localized('agreed.more', count=more)}" if more else ""
    yield f"<td>{_label('allowed')}{_listed(column.allowed)}{rest}</td>"


def _label(name: str) -> str:
    """Return the name of a cell, which is shown where the table has no room for its head."""
    return localized(f"agreed.{name}", "small", "class=label")


def _element(phrase: Phrase) -> str:
    key, values = phrase
    return localized(key, **values)


def _rules(agreement: Agreement) -> Iterator[str]:
    yield localized("agreed.anyOrder" if agreement.any_order else "agreed.order")
    if agreement.allows_more:
        yield localized("agreed.moreColumns")
    if agreement.allows_fewer:
        yield localized("agreed.fewerColumns")
    for names in agreement.keys:
        yield localized("agreed.key", count=len(names), columns=", ".join(names))
    yield localized("agreed.encoding", encoding=agreement.encoding)


def _templates(agreement: Agreement, languages: Iterable[str]) -> Iterator[str]:
    """Iterate over the links; the script of the page shows those in the reader's language."""
    yield _link(agreement, "csv", "text/csv", agreement.template())
    for language in languages:
        attributes = f"data-l={language}{'' if language == words.ENGLISH else ' hidden'} "
        yield _link(agreement, "xlsx", XLSX, template_workbook(agreement, language), attributes)


def _link(agreement: Agreement, form: str, media_type: str, content: bytes, attributes: str = "") -> str:
    address = f"data:{media_type};base64,{b64encode(content).decode()}"
    name = f"{as_html(agreement.name)}.{form}"
    return f"<a {attributes}download='{name}' href='{address}'>{localized(f'templates.{form}')}</a>"


def _listed(texts: tuple[str, ...]) -> str:
    return ", ".join(f"<code>{as_html(text)}</code>" for text in texts)
