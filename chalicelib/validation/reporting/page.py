"""The page of a report: one HTML file that loads nothing from elsewhere."""

from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import ValidationError, ValidationReport
from chalicelib.validation.reporting.entry import entry
from chalicelib.validation.reporting.excerpt import CELL_CHARACTERS, excerpt_of
from chalicelib.validation.reporting.markup import as_html
from chalicelib.validation.reporting.subject import ReportSubject
from chalicelib.validation.reporting.summary import summary
from chalicelib.validation.reporting.wording import counted
from chalicelib.validation.sink import Names

MAX_ERRORS = 10_000
"""The most errors on the page."""
MAX_CHARACTERS = 8_000_000
"""No error is added once the list has this number of characters."""

_FOOTER = (
    f"<footer><p>Cells of more than {CELL_CHARACTERS} characters are cut off. "
    "This page contains data of the file: share it with the same care.</p></footer>\n"
)
_HERE = Path(__file__).parent


class Page:
    """Collects the first errors of a file, record by record, and renders them."""

    def __init__(self) -> None:
        """Start without errors."""
        self._entries: list[tuple[int, str]] = []
        self._characters = 0
        self._errors: list[ValidationError] = []
        self._record: Record | UnreadableRecord | None = None
        self._names: Names = ()
        self._shown = 0
        self._columns: dict[str | None, int] = {}
        self._codes: dict[str, int] = {}

    def take(self, error: ValidationError, record: Record | UnreadableRecord | None, names: Names) -> None:
        """Add an error, beside those of the same record, unless the page is full."""
        if self._shown >= MAX_ERRORS or self._characters >= MAX_CHARACTERS:
            return
        if record is None or record is not self._record:
            self.end_record()
        self._record, self._names = record, names
        self._errors.append(error)
        self._shown += 1

    def end_record(self) -> None:
        """Render the errors of the current record."""
        if self._errors:
            wrong = {error.field for error in self._errors if error.field is not None}
            excerpt = excerpt_of(self._record, self._names, wrong) if self._record else None
            width = len(self._record.cells) if isinstance(self._record, Record) else 0
            written = entry(self._errors, excerpt, width, [self._kind(error) for error in self._errors])
            self._entries.append((self._errors[0].row or 0, written))
            self._characters += len(written)
        self._errors = []

    def html(self, report: ValidationReport, subject: ReportSubject, written: int) -> str:
        """Return the page; `written` is the number of JSON lines."""
        self.end_record()
        return "".join(self._parts(report, subject, written))

    def _kind(self, error: ValidationError) -> str:
        """Return the column and the code of an error as numbers, for the filters."""
        column = self._columns.setdefault(error.column, len(self._columns))
        return f"{column}.{self._codes.setdefault(error.code, len(self._codes))}"

    def _parts(self, report: ValidationReport, subject: ReportSubject, written: int) -> Iterator[str]:
        style, script = _asset("page.css"), _asset("page.js")
        yield _head(report, subject, style, script)
        yield summary(report, subject)
        if not report.valid:
            yield from self._list(report, subject, written)
        yield "</main>\n"
        if not report.valid:
            yield f"{_FOOTER}<script>{script}</script>\n"
        yield "</body>\n</html>\n"

    def _list(self, report: ValidationReport, subject: ReportSubject, written: int) -> Iterator[str]:
        yield "<section aria-labelledby=each>\n<h2 id=each>Each error</h2>\n"
        if self._shown < report.error_count:
            yield f"<p class=bound>{_bound(self._shown, written, report.error_count, subject.listing)}</p>\n"
        yield self._filters()
        yield "<ol id=records>\n"
        yield from (text for _, text in sorted(self._entries, key=lambda each: each[0]))
        yield "</ol>\n</section>\n"

    def _filters(self) -> str:
        """Return the controls, which the script makes visible."""
        columns = {("without a column" if name is None else name): at for name, at in self._columns.items()}
        return (
            "<form id=filters hidden>"
            f"<label>Column <select name=column>{_options('all columns', columns)}</select></label>"
            f"<label>Error <select name=code>{_options('all errors', self._codes)}</select></label>"
            "<p><output aria-live=polite></output>"
            "<button type=button value=-1>Previous</button><button type=button value=1>Next</button></p>"
            "</form>\n"
        )


def _options(every: str, numbers: dict[str, int]) -> str:
    named = sorted(numbers.items(), key=lambda each: each[0].casefold())
    return f"<option value=''>{every}" + "".join(f"<option value={at}>{as_html(name)}" for name, at in named)


def _bound(on_page: int, written: int, total: int, listing: str) -> str:
    here = f"These are the first {on_page:,} of {total:,} errors. Errors of keys are found last."
    rest = f" The file {as_html(listing)} beside this page has the first {written:,}." if written > on_page else ""
    return f"{here}{rest} The counts above include all errors."


def _head(report: ValidationReport, subject: ReportSubject, style: str, script: str) -> str:
    verdict = "valid" if report.valid else counted(report.error_count, "error")
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
