"""The top of a report: the verdict, and what is wrong, cause by cause, each with what to do."""

from collections.abc import Iterator, Sequence

from chalicelib import words
from chalicelib.validation.repair.changes import WORKBOOK
from chalicelib.validation.report import ErrorCode, ValidationReport
from chalicelib.validation.reporting.agreement import Agreement
from chalicelib.validation.reporting.causes import ErrorCause
from chalicelib.validation.reporting.localized import localized
from chalicelib.validation.reporting.markup import as_html
from chalicelib.validation.reporting.subject import ReportSubject
from chalicelib.validation.reporting.wording import column_letters

REPEATED = frozenset({ErrorCode.UNIQUE_ERROR, ErrorCode.PRIMARY_KEY})
"""The codes of rows that repeat a key, which the page can delete."""
MAX_SHOWN = 50
"""How many causes the page has, those with the most errors."""


def header(report: ValidationReport, subject: ReportSubject) -> str:
    """Return the verdict, the file and what was not checked."""
    rows = ("verdict.inRows", {"rows": ("count.row", {"count": report.row_count})}) if report.row_count else ""
    errors = ("count.error", {"count": report.error_count})
    if report.tolerated and report.error_count:
        counted = {"rejected": f"{report.rejected_rows:,}", "rows": ("count.row", {"count": report.row_count})}
        verdict = localized("verdict.tolerated", "strong", "class=valid", **counted)
    elif report.valid:
        verdict = localized("report.valid", "strong", "class=valid", inRows=rows)
    else:
        verdict = localized("report.invalid", "strong", "class=invalid", errors=errors, inRows=rows)
    moment = f"{subject.checked_at:%d %B %Y, %H:%M %Z}".lstrip("0")
    facts = {"checked": moment, "schema": subject.schema, "rows": f"{report.row_count:,}"}
    listed = "".join(
        f"<div>{localized(f'report.{name}', 'dt')}<dd>{as_html(fact)}</dd></div>" for name, fact in facts.items()
    )
    unchecked = "".join(
        localized("upload.unchecked", "p", "class=bound", sentence=sentence) + "\n" for sentence in report.unchecked
    )
    return (
        f"<header>\n{localized('report.print', 'button', 'id=print type=button hidden')}\n"
        f"{localized('report.kind', 'p', 'class=kind')}\n<h1><bdi>{as_html(subject.name)}</bdi></h1>\n"
        f"<p class=verdict>{verdict}</p>\n<dl class=facts>{listed}</dl>\n{unchecked}</header>\n"
    )


def cause_list(report: ValidationReport, causes: Sequence[ErrorCause], agreement: Agreement | None) -> str:
    """Return the section that says what is wrong, and what to do about it."""
    examples = {column.name: column.examples for column in agreement.columns} if agreement else {}
    shown = causes[:MAX_SHOWN]
    items = "".join(_cause(cause, report.error_count, examples.get(str(cause.column), ())) for cause in shown)
    more = len(report.counts) - len(shown)
    rest = localized("causes.more", "p", "class=bound", count=more) if more > 0 else ""
    return (
        f"<section aria-labelledby=what>\n{localized('causes.title', 'h2', 'id=what')}\n"
        f"<ol class=causes>\n{items}</ol>\n{rest}</section>\n"
    )


def _cause(cause: ErrorCause, total: int, good: Sequence[str]) -> str:
    share = cause.count / total
    percent = f"<p class=share data-share={share:.6f}>{words.text('causes.share', share=_percent(share))}</p>"
    return (
        f"<li><h3>{_title(cause)}</h3>{percent if cause.count < total else ''}{''.join(_example(cause, good))}"
        f"{_todo(cause)}<p class=message lang=en>{as_html(cause.message)}</p></li>\n"
    )


def _title(cause: ErrorCause) -> str:
    if cause.rule == "column-order" and cause.code == ErrorCode.INCORRECT_LABEL:
        return localized("codes.incorrect-label.order")
    column = "" if cause.column is None or cause.row is None else f"<bdi>{as_html(cause.column)}</bdi>: "
    whole = f"codes.{cause.code}.whole"
    what = whole if cause.row is None and whole in words.texts() else f"codes.{known(cause.code)}.what"
    return f"{column}{localized(what, count=cause.count)}"


def _example(cause: ErrorCause, good: Sequence[str]) -> Iterator[str]:
    if cause.row is None:
        return
    place = localized("causes.row", row=cause.row)
    letter = "" if cause.field is None else f", {column_letters(cause.field)}"
    yield f"<p class=example><small>{place}{letter}</small>"
    if cause.cell is not None:
        yield f" <code class=before>{as_html(cause.cell) or localized('causes.empty', 'em')}</code>"
    if cause.suggestion is not None:
        yield f" → <code class=after>{as_html(cause.suggestion)}</code> {_rule(cause)}"
    elif cause.choices:
        meant = f" {localized('causes.or', 'small')} ".join(
            f"<code class=after>{as_html(it)}</code>" for it in cause.choices
        )
        yield f" → {meant}"
    elif cause.key and cause.code != ErrorCode.FOREIGN_KEY:
        yield f" {localized('keys.firstIs', 'small', row=cause.key.rows[0])}"
    elif good and cause.cell is not None and not cause.code.endswith("-label"):
        yield f" {localized('causes.good', 'small')} <code class=after>{as_html(good[0])}</code>"
    yield "</p>"


def _todo(cause: ErrorCause) -> str:
    """Return what to do: on the page of the upload or by the command if that is possible, and by hand."""
    todo = f"codes.{known(cause.code)}.todo"
    way = _way(cause)
    if way is None:
        return localized(todo, "p", "class=todo")
    return localized(way, "p", "class=todo", title=("repair.title", {})) + localized(
        "causes.byHand", "p", todo=(todo, {})
    )


def _way(cause: ErrorCause) -> str | None:
    if cause.suggestion is not None:
        return "report.byRule"
    if cause.choices:
        return "report.byChoice"
    if cause.rule is not None:
        return "report.byPage" if cause.rule == WORKBOOK else "report.byLayout"
    return "report.byDrop" if cause.key and cause.code in REPEATED else None


def _rule(cause: ErrorCause) -> str:
    """Return what the rule of the suggestion does, and in how many cells."""
    rule = f"rules.{cause.rule}"
    what: object = (rule, {}) if rule in words.texts() else str(cause.rule)
    return localized("causes.rule", "small", rule=what, cells=("count.cell", {"count": cause.mended}))


def known(code: str) -> str:
    """Return the code, or `other` if `words` has no text for it."""
    return code if f"codes.{code}.what" in words.texts() else "other"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else "< 1%"  # noqa: PLR2004 - one percent
