"""Rules as data: what a rule does to the cells of a column, so that Python and JavaScript apply it alike.

All expressions are in the common part of Python's and JavaScript's syntax, the latter with the flag `u`. `when`,
`unless`, `valid` and `keep` match whole cells. `find` is searched for, everywhere in the cell; a `$` outside of a class
is the end of the text. In `by`, `$1` to `$9` are groups, and nothing else is special.

`tests/validation/repair/cases.json` has cases that both languages must agree on.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from attrs import field, frozen

from chalicelib.validation.report import ErrorCode


@frozen(kw_only=True)
class Substitution:
    """Replaces each match of an expression in a cell."""

    find: str
    by: str


@frozen(kw_only=True)
class Change:
    """What a rule does to the cells of one shape."""

    when: str = ""
    """The shape: a cell is changed only if it matches. Without one, only the texts in `values` are changed."""
    replace: tuple[Substitution, ...] = ()
    """Made one after the other."""
    values: Mapping[str, str] = field(factory=dict)
    """Texts, and what takes their place."""
    unless: str | None = None
    """If any cell of the column matches, this change is not made in the column at all."""
    valid_too: bool = False
    """Whether valid cells are changed as well: they are of the same shape and mean something else than they should."""


@frozen(kw_only=True)
class Example:
    """A cell of the file, before and after."""

    before: str
    after: str


@frozen(kw_only=True)
class Repair:
    """A rule that mends cells of one column."""

    rule: str
    """Its name, such as `decimal-comma`."""
    variant: str | None = None
    """Which of several readings, if the column does not prove one. At most one variant of a rule may be applied."""
    certain: bool = True
    """Whether the column proves it. If not, it is offered, and applied only if a person chooses it."""
    field: int
    """The 1-based position of the column."""
    column: str | None
    count: int
    """How many of the listed errors it takes part in mending. One cell may need several rules."""
    exact: bool = True
    """Whether the report lists all errors of the column, so that the count is that of the file."""
    example: Example
    changes: tuple[Change, ...]
    valid: str | None
    """Every result must match it: it matches valid cells alone.

    None if there is no such expression. Then `values` has whole cells, already checked, and their results.
    """
    keep: str | None
    """Matches at least all valid cells: those that match it stay. None if and only if `valid` is."""


WORKBOOK = "workbook"
"""The rule that makes CSV of a workbook, which the page alone has."""
_OF_LABELS = frozenset(code for code in ErrorCode if code.endswith("-label"))
_CORRECTED: Mapping[str, Collection[str]] = MappingProxyType(
    {
        "encoding": (ErrorCode.ENCODING_ERROR,),
        WORKBOOK: (ErrorCode.FORMAT_ERROR,),
        **dict.fromkeys(("separator-line", "title-rows", "delimiter"), _OF_LABELS | {ErrorCode.FORMAT_ERROR}),
        **dict.fromkeys(("column-order", "empty-columns", "label-spelling"), _OF_LABELS),
        "empty-rows": (ErrorCode.BLANK_ROW,),
        "empty-cells": (),  # only some of the cells that are too many are empty
    }
)
"""The codes of the errors that a rule corrects."""


@frozen(kw_only=True)
class LayoutRepair:
    """A rule that mends the file as a whole, before any cell."""

    rule: str
    """Its name, such as `delimiter`."""
    found: str | None = None
    """What the file has: its delimiter, or its encoding."""
    expected: str | None = None
    """What it should have."""
    rows: int = 0
    """How many rows above the header are left out."""
    columns: tuple[int, ...] = ()
    """The 1-based positions of the file's columns in the order that they should have; those missing are left out."""
    labels: tuple[str, ...] = ()
    """The labels that the header should have, in that order."""

    def corrects(self, code: str, column: str | None) -> bool:
        """Return whether an error of the file or of its header goes away with this rule."""
        if self.labels and code == ErrorCode.MISSING_LABEL:
            return column in self.labels
        if self.labels and code == ErrorCode.EXTRA_LABEL:
            return column not in self.labels
        return code in _CORRECTED[self.rule]


@frozen(kw_only=True)
class HeaderColumn:
    """One agreed column beside that of the file, or one of them alone."""

    expected: str | None
    """The name in the schema; None if there is no such field."""
    expected_field: int | None
    """The 1-based position of the field; None if there is none, or if columns may be in any order."""
    found: str | None
    """The label in the file; None if the file lacks the column, or if the label cannot be read."""
    field: int | None
    """The 1-based position of the column in the file; None if the file lacks it."""
    difference: str | None
    """`name`, `place`, `missing`, `extra` or `duplicate`; None if the column is right."""


@frozen(kw_only=True)
class Header:
    """The labels of a header in error, beside those that the schema expects."""

    found: tuple[str | None, ...]
    """In the order of the file; None where a label cannot be read."""
    expected: tuple[str, ...]
    columns: tuple[HeaderColumn, ...] = ()
    """Both side by side, in the order of the schema; only those that differ if there are many.

    Empty if the file's labels cannot be compared: its delimiter is another one, or its header stands further down.
    """


@frozen(kw_only=True)
class FileRepairs:
    """What would mend a file, as `repairs.json` of a full report has it."""

    repairs: tuple[Repair, ...] = ()
    """By column, and in each column in the order in which they are applied."""
    layout: tuple[LayoutRepair, ...] = ()
    """What concerns the whole file, in the order in which it is to be mended."""
    header: Header | None = None
    """Unless the header is right, or could not be read."""


Mended = tuple[str, tuple[str, ...]]
"""A text, and the names of the rules that made it."""


class Mender:
    """Applies the repairs of one column to its cells.

    They are applied in order, each to what the one before left. If the result is not valid, the cell stays as it is.
    """

    def __init__(
        self, repairs: Iterable[Repair], seen: Iterable[str] = (), *, accepts: Callable[[str], object] | None = None
    ) -> None:
        """Apply these repairs of one column, but no change that a cell in `seen` forbids by its `unless`.

        `accepts` says which cells are valid, in place of the column's expression.
        """
        self._repairs = tuple(repairs)
        cells = tuple(seen)
        first = next(iter(self._repairs), None)
        self._is_valid = accepts or (_whole(first.valid) if first and first.valid is not None else None)
        self._stays = accepts or (_whole(first.keep) if first and first.keep is not None else None)
        made = [(repair.rule, change) for repair in self._repairs for change in repair.changes]
        allowed = [(rule, change) for rule, change in made if not _is_forbidden(change, cells)]
        self._steps = [(rule, change.valid_too, _applied(change)) for rule, change in allowed]

    def mend(self, cell: str) -> Mended | None:
        """Return what takes the place of a cell; None if it stays."""
        stays = self._stays is not None and self._stays(cell)
        text, rules = cell, list[str]()
        for rule, valid_too, apply in self._steps:
            if stays and not valid_too:
                continue
            changed = apply(text if self._is_valid else cell)
            if changed is not None and changed != text:
                text = changed
                rules.append(rule)
        if text == cell or (self._is_valid is not None and not self._is_valid(text)):
            return None
        return text, tuple(dict.fromkeys(rules))


def forbids(repairs: Iterable[Repair]) -> tuple[tuple[Change, Callable[[str], object]], ...]:
    """Return the changes that a cell of the column may forbid, each with a function that says whether it does."""
    changes = (change for each in repairs for change in each.changes)
    return tuple((change, _whole(change.unless)) for change in changes if change.unless is not None)


def _is_forbidden(change: Change, cells: Sequence[str]) -> bool:
    return change.unless is not None and any(map(_whole(change.unless), cells))


def _applied(change: Change) -> Callable[[str], str | None]:
    """Return a function that changes a text; it returns None if the change does not concern the text."""
    values = change.values
    if not change.when:
        return values.get
    matches = _whole(change.when)
    replace = [(_compiled(each.find), _template(each.by)) for each in change.replace]

    def apply(text: str) -> str | None:
        if not matches(text):
            return None
        for find, by in replace:
            text = find.sub(by, text)
        return values.get(text, text)

    return apply


@lru_cache(maxsize=512)
def _whole(expression: str) -> Callable[[str], object]:
    return re.compile(expression).fullmatch


@lru_cache(maxsize=512)
def _compiled(find: str) -> re.Pattern[str]:
    # Python's own $ also matches before a line break at the end.
    return re.compile(re.sub(r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|\$", lambda it: it[1] or r"\Z", find))


@lru_cache(maxsize=512)
def _template(by: str) -> str:
    return re.sub(r"\$([1-9])|\\", lambda it: rf"\g<{it[1]}>" if it[1] else r"\\", by)
