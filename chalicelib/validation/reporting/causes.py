"""What is wrong with a file, by column and code: each counted in full, with its first error as an example."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Self

from attrs import evolve, frozen

from chalicelib.validation.json_names import json_value
from chalicelib.validation.repair.changes import LayoutRepair
from chalicelib.validation.report import Excerpt, SharedKey, ValidationError, ValidationReport

if TYPE_CHECKING:
    from chalicelib.validation.repair.listed import Repairs

MAX_CAUSES = 200
"""How many causes are listed, those with the most errors: as JSON, in the filter of the page, and for engineers."""
_MOST_EXAMPLES = 5
"""How many errors of a cause are kept, of which one is shown."""
_MOST_WITH_EXAMPLES = 1_000
"""With more causes than these, only the first error of each is kept: thousands of columns would fill the memory."""

_Key = tuple[str | None, str]


@frozen(kw_only=True)
class ErrorCause:
    """All errors of one column and code. The other members but `count` are those of the first error."""

    code: str
    column: str | None
    """None where the column has no name, or where the errors concern whole rows."""
    count: int
    row: int | None
    line: int | None
    field: int | None
    message: str
    cell: str | None
    """The text of the cell, shortened; None if there is none, or if it is not known."""
    key: SharedKey | None = None
    """Which rows share the value, if these are errors of a key; None if they are not known."""
    suggestion: str | None = None
    """What to write in the cell; None if that is not certain."""
    choices: tuple[str, ...] = ()
    """What the cell may mean, if no suggestion is certain."""
    rule: str | None = None
    """The rule of the suggestion, or the one that corrects the file as a whole."""
    mended: int = 0
    """How many listed errors of the column the rule takes part in mending."""

    @classmethod
    def of(cls, error: ValidationError, count: int, cell: str | None = None, key: SharedKey | None = None) -> Self:
        """Return the cause of errors like this one."""
        return cls(
            code=error.code,
            column=error.column,
            count=count,
            row=error.row,
            line=error.line,
            field=error.field,
            message=sys.intern(error.message),  # most columns have the same
            cell=cell,
            key=key,
        )


class Examples:
    """The first errors of each column and code, with their cells."""

    def __init__(self) -> None:
        """Start without examples."""
        self._first: dict[_Key, list[ErrorCause]] = {}

    def take(self, error: ValidationError, excerpt: Excerpt | None, key: SharedKey | None = None) -> None:
        """Keep an error if it is one of the first of its column and code."""
        first = self._first.setdefault((error.column, error.code), [])
        most = _MOST_EXAMPLES if len(self._first) <= _MOST_WITH_EXAMPLES else 1
        if not first or (excerpt is not None and len(first) < most):
            first.append(ErrorCause.of(error, 0, _cell(error, excerpt), key))

    def causes(
        self,
        counts: Mapping[_Key, int],
        errors: Iterable[ValidationError],
        repairs: "Repairs | None" = None,
        layout: Sequence[LayoutRepair] = (),
    ) -> tuple[ErrorCause, ...]:
        """Return the causes of these counts, the most frequent first; `errors` are further examples.

        The example of a cause is its first error, or one of the next if that has a suggestion and the first has none.
        """
        for error in errors:
            self.take(error, None)
        ranked = sorted(counts.items(), key=lambda each: -each[1])[:MAX_CAUSES]
        return tuple(
            evolve(_best(self._first[key], repairs, layout), count=count) for key, count in ranked if key in self._first
        )


def _best(examples: Sequence[ErrorCause], repairs: "Repairs | None", layout: Sequence[LayoutRepair]) -> ErrorCause:
    chosen: ErrorCause | None = None
    for each in examples:
        if repairs is None or each.field is None or each.cell is None:
            continue
        suggestion = repairs.suggestion((each.field, each.cell))
        if suggestion.text is not None:
            of_column = repairs.columns[each.field].repairs
            mended = next((it.count for it in of_column if it.rule == suggestion.rule), 0)
            return evolve(each, suggestion=suggestion.text, rule=suggestion.rule, mended=mended)
        if suggestion.choices and chosen is None:
            chosen = evolve(each, choices=suggestion.choices)
    if chosen is not None:
        return chosen
    first = examples[0]
    return evolve(first, rule=next((it.rule for it in layout if it.corrects(first.code, first.column)), None))


def causes_json(report: ValidationReport, causes: Iterable[ErrorCause]) -> bytes:
    """Return the causes as JSON, an `ErrorCauses` to the codec."""
    content = {
        "causes": [json_value(cause) for cause in causes],
        "causeCount": len(report.counts),
        "errorCount": report.error_count,
        "counted": report.error_count,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _cell(error: ValidationError, excerpt: Excerpt | None) -> str | None:
    if excerpt is None or error.field not in excerpt.fields:
        return None
    return excerpt.cells[excerpt.fields.index(error.field)]
