"""The page of a report: one HTML file that loads nothing from elsewhere."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from chalicelib import words
from chalicelib.validation.excerpt import CELL_CHARACTERS, excerpt_of
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.repair.changes import Header
from chalicelib.validation.report import SharedKey, ValidationError, ValidationReport
from chalicelib.validation.reporting.agreement_table import agreement_table
from chalicelib.validation.reporting.causes import MAX_CAUSES, ErrorCause
from chalicelib.validation.reporting.entry import entry
from chalicelib.validation.reporting.header_table import header_table
from chalicelib.validation.reporting.localized import localized, texts_as_json
from chalicelib.validation.reporting.markup import as_html
from chalicelib.validation.reporting.neighbours import Neighbours
from chalicelib.validation.reporting.subject import ReportSubject
from chalicelib.validation.reporting.summary import cause_list, header, known
from chalicelib.validation.sink import Names

MAX_ERRORS = 10_000
"""The most errors on the page."""
MAX_CHARACTERS = 8_000_000
"""No error is added once the list has this number of characters."""

_HERE = Path(__file__).parent


class Page:
    """Collects the first errors of a file, record by record, and renders them."""

    def __init__(self, neighbours: Neighbours) -> None:
        """Start without errors."""
        self._neighbours = neighbours
        self._entries: list[tuple[int, bytes]] = []
        self._characters = 0
        self._errors: list[tuple[ValidationError, SharedKey | None]] = []
        self._record: Record | UnreadableRecord | None = None
        self._names: Names = ()
        self._shown = 0
        self._kinds: dict[tuple[str | None, str], int] = {}

    def take(
        self,
        error: ValidationError,
        record: Record | UnreadableRecord | None,
        names: Names,
        key: SharedKey | None = None,
    ) -> None:
        """Add an error, beside those of the same record, unless the page is full."""
        if self._shown >= MAX_ERRORS or self._characters >= MAX_CHARACTERS:
            return
        if record is None or record is not self._record:
            self.end_record()
        self._record, self._names = record, names
        self._errors.append((error, key))
        self._shown += 1
        if self._shown == MAX_ERRORS:
            self.end_record()

    def end_record(self) -> None:
        """Render the errors of the current record."""
        if self._errors:
            wrong = {error.field for error, _ in self._errors if error.field is not None}
            excerpt = excerpt_of(self._record, self._names, wrong) if self._record else None
            width = len(self._record.cells) if isinstance(self._record, Record) else 0
            kinds = [self._kind(error) for error, _ in self._errors]
            row = self._errors[0][0].row
            near = self._neighbours.of(row, excerpt.fields) if excerpt and row else ()
            written = entry(self._errors, excerpt, width, kinds, near)
            self._entries.append((row or 0, written.encode()))
            self._characters += len(written)
        self._errors, self._record = [], None

    def html(
        self,
        report: ValidationReport,
        subject: ReportSubject,
        causes: Sequence[ErrorCause],
        written: int,
        header_in_error: Header | None,
    ) -> Iterator[bytes]:
        """Iterate over the page in UTF-8, once all errors were added; `written` is the number of JSON lines."""
        self.end_record()
        has_errors = report.error_count > 0
        style, script = _asset("page.css"), _asset("page.js")
        begun = _head(report, subject, style, script) + header(report, subject) + "<main>\n"
        if has_errors:
            begun += cause_list(report, causes, subject.agreement)
            begun += header_table(header_in_error) if header_in_error else ""
            begun += self._list_head(report, subject, written)
        yield begun.encode()
        if has_errors:
            yield from (entry for _, entry in sorted(self._entries, key=lambda each: each[0]))
            yield b"</ol>\n</section>\n"
        # A valid file needs no workbook, which takes longer than the rest of its page.
        languages = words.LANGUAGES if has_errors else ()
        agreed = agreement_table(subject.agreement, languages) if subject.agreement else ()
        yield from (piece.encode() for piece in agreed)
        codes = _codes(report) if has_errors else ""
        footer = localized("report.footer", "p", characters=CELL_CHARACTERS)
        yield (
            f"{codes}</main>\n<footer>{footer}</footer>\n"
            f"<script type='application/json' id=words>{texts_as_json()}</script>\n<script>{script}</script>\n"
            "</body>\n</html>\n"
        ).encode()

    def _kind(self, error: ValidationError) -> str:
        """Return the column and the code of an error as a number, for the filter."""
        return str(self._kinds.setdefault((error.column, error.code), len(self._kinds)))

    def _list_head(self, report: ValidationReport, subject: ReportSubject, written: int) -> str:
        bounded = ""
        if self._shown < report.error_count:
            bound = localized("report.bound", shown=self._shown, total=report.error_count)
            listing = localized("report.listing", file=subject.listing, listed=written) if written > self._shown else ""
            bounded = f"<p class=bound>{bound} {listing}</p>\n"
        heading = localized("report.each", "h2", "id=each")
        filters = self._filter(report)
        return f"<section aria-labelledby=each>\n{heading}\n{bounded}{filters}<ol id=records>\n"

    def _filter(self, report: ValidationReport) -> str:
        """Return the controls, which the script makes visible: the causes with the most errors can be chosen."""
        ranked = sorted(self._kinds, key=lambda kind: -report.counts.get(kind, 0))[:MAX_CAUSES]
        options = "".join(
            localized(
                "report.option",
                "option",
                f"value={self._kinds[column, code]}",
                column=("report.noColumn", {}) if column is None else column,
                what=(f"codes.{known(code)}.what", {"count": report.counts.get((column, code), 0)}),
            )
            for column, code in ranked
        )
        return (
            f"<form id=filters hidden><label>{localized('report.error')} "
            f"<select name=cause>{localized('report.allErrors', 'option', 'value')}{options}</select></label>"
            f"<p><output aria-live=polite></output>{localized('report.previous', 'button', 'type=button value=-1')}"
            f"{localized('report.next', 'button', 'type=button value=1')}</p></form>\n"
        )


def _codes(report: ValidationReport) -> str:
    """Return the counts by column and code, for engineers."""
    ranked = sorted(report.counts.items(), key=lambda each: -each[1])
    rows = "".join(
        f"<tr><td><code>{as_html(code)}</code></td>"
        f"<td>{localized('engineers.noColumn') if column is None else as_html(column)}</td><td>{count:,}</td></tr>\n"
        for (column, code), count in ranked[:MAX_CAUSES]
    )
    more = len(ranked) - MAX_CAUSES
    head = "".join(localized(f"engineers.{name}", "th", "scope=col") for name in ("code", "column", "count"))
    return (
        f"<details><summary>{localized('engineers.title', 'h2')}</summary>\n<table><thead><tr>{head}</tr></thead>\n"
        f"<tbody>{rows}</tbody></table>\n{localized('causes.more', 'p', count=more) if more > 0 else ''}</details>\n"
    )


def _head(report: ValidationReport, subject: ReportSubject, style: str, script: str) -> str:
    verdict = words.text("status.VALIDATED") if report.valid else words.text("count.error", count=report.error_count)
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{as_html(subject.name)}: {verdict}</title>\n<style>{style}</style>\n</head>\n<body>\n"
    )


def _digest(text: str) -> str:
    """Return the source expression of a style or script for the content security policy."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


@cache
def _asset(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
