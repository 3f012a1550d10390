"""The header of a file beside the one that was agreed, column by column."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from attrs import frozen

from chalicelib.validation.checking.label_matching import LabelMatch, is_needed, match_labels
from chalicelib.validation.checking.label_text import loose
from chalicelib.validation.excerpt import shown_names
from chalicelib.validation.repair.changes import HeaderColumn, LayoutRepair
from chalicelib.validation.schema.table_schema import Schema
from chalicelib.validation.sink import Beginning, FileColumns

MAX_COLUMNS = 100
"""Of a wider header, only the columns that differ are shown, and no more than these."""
_OTHER_LABELS = frozenset({"delimiter", "separator-line", "title-rows"})
"""The rules of files whose first record is not the header, or is not divided into its labels."""


def compared_header(
    beginning: Beginning, columns: FileColumns, layout: Sequence[LayoutRepair]
) -> tuple[HeaderColumn, ...]:
    """Return the columns of a header in error beside the agreed ones; nothing if they cannot be compared."""
    schema = beginning.schema
    if schema is None or any(each.rule in _OTHER_LABELS for each in layout):
        return ()
    match = match_labels(columns.found, schema, beginning.dialect)
    moved = frozenset() if schema.fields_match.by_name else _moved(match)
    comparison = _Comparison(
        labels=columns.found, shown=shown_names(columns.found), schema=schema, match=match, moved=moved
    )
    found = tuple(comparison.columns())
    return found if len(found) <= MAX_COLUMNS else tuple(each for each in found if each.difference)[:MAX_COLUMNS]


@frozen(kw_only=True)
class _Comparison:
    """The labels of a file, and the fields that they stand for."""

    labels: Sequence[str | None]
    shown: Sequence[str | None]
    """The same, cut to the length of cells."""
    schema: Schema
    match: LabelMatch
    moved: frozenset[int]
    """The 0-based columns that stand in another place."""

    def columns(self) -> Iterator[HeaderColumn]:
        """Iterate over the fields, each followed by the columns to the right of its own that hold no field."""
        column_of = {**self.match.columns, **{field: at for at, field in self.match.by_position.items()}}
        others = self._others(set(column_of.values()))
        yield from others.get(-1, ())
        for field in range(len(self.schema.fields)):
            column = column_of.get(field)
            yield HeaderColumn(
                expected=self.schema.fields[field].name,
                expected_field=None if self.schema.fields_match.by_name else field + 1,
                found=None if column is None else self.shown[column],
                field=None if column is None else column + 1,
                difference=self._difference(field, column),
            )
            if column is not None:
                yield from others.get(column, ())

    def _difference(self, field: int, column: int | None) -> str | None:
        if column is None:
            is_optional = self.schema.fields_match.allows_fewer and not is_needed(self.schema, field)
            return None if is_optional else "missing"
        if column in self.match.by_position or column in self.match.misspelt:
            return "name"
        return "place" if column in self.moved else None

    def _others(self, held: set[int]) -> dict[int, list[HeaderColumn]]:
        """Return the columns that hold no field, by the 0-based column with a field on their left."""
        others: dict[int, list[HeaderColumn]] = {}
        last = -1
        seen: set[str] = set()
        for at, label in enumerate(self.labels):
            text = loose(label or "")
            if at in held:
                last = at
            else:
                extra = None if self.schema.fields_match.allows_more else "extra"
                difference = "duplicate" if text and text in seen else extra
                others.setdefault(last, []).append(
                    HeaderColumn(
                        expected=None, expected_field=None, found=self.shown[at], field=at + 1, difference=difference
                    )
                )
            seen.add(text)
        return others


def _moved(match: LabelMatch) -> frozenset[int]:
    """Return the columns to be moved, as few as possible, so that all are in the order of their fields.

    Those that stay are a longest increasing subsequence of the fields.
    """
    # By its length less one: the least field with which a subsequence ends, and the column of that field.
    ends: list[int] = []
    columns: list[int] = []
    before: dict[int, int | None] = {}
    for column in sorted(match.fields):
        at = bisect_left(ends, match.fields[column])
        before[column] = columns[at - 1] if at else None
        ends[at : at + 1] = [match.fields[column]]
        columns[at : at + 1] = [column]
    stays: set[int] = set()
    last = columns[-1] if columns else None
    while last is not None:
        stays.add(last)
        last = before[last]
    return frozenset(match.fields) - stays
