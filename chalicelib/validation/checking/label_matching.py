"""Matches the labels of a header with the fields of a schema."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from attrs import evolve, frozen

from chalicelib.validation.checking.label_text import loose
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.report import Fault
from chalicelib.validation.schema.table_schema import Schema

Label = str | Fault | None
Fold = Callable[[str], str]


@frozen(kw_only=True)
class LabelMatch:
    """Which column holds which field."""

    columns: Mapping[int, int]
    """The 0-based column of each field that the header has."""
    fields: Mapping[int, int]
    """The 0-based field of each of these columns."""
    misspelt: frozenset[int]
    """The columns whose label differs from the field's name by case, white space or invisible characters only."""
    by_position: Mapping[int, int]
    """The columns without a field, with the field that would be in their place, if fields are matched by position."""


def match_labels(labels: Sequence[Label], schema: Schema, dialect: Dialect) -> LabelMatch:
    """Find the column of each field. Of equal labels the first counts, and of equal names.

    If fields are matched by position, labels are compared with the names in other positions, too: a column too many is
    one mistake, and not one in each column behind it.
    """
    fold = folding(match_case=dialect.header_case)
    names = [fold(field.name) for field in schema.fields]
    folded = [fold(label) if isinstance(label, str) and label else None for label in labels]
    if schema.fields_match.by_name:
        loosely = [loose(name) if _is_error_if_misspelt(schema, at) else "" for at, name in enumerate(names)]
        return evolve(_matched({}, folded, names, loosely), by_position={})
    loosely = list(map(loose, names))
    in_place = {at: at for at, (label, name) in enumerate(zip(folded, names, strict=False)) if label == name}
    aligned = _matched(in_place, folded, names, loosely)
    return min(_in_place(in_place, folded, loosely), aligned, key=lambda each: _mistakes(each, len(labels), len(names)))


def _matched(
    fields: Mapping[int, int], labels: Sequence[str | None], names: Sequence[str], loosely: Sequence[str]
) -> LabelMatch:
    """Match what is left of the labels with equal names, and then with similar ones."""
    exact = dict(fields)
    _match(exact, labels, names)
    similar = dict(exact)
    _match(similar, [label and loose(label) for label in labels], loosely)
    return _label_match(similar, exact, _substituted(similar, len(labels), len(names)))


def _in_place(fields: Mapping[int, int], labels: Sequence[str | None], loosely: Sequence[str]) -> LabelMatch:
    """Match labels with the names in the same positions alone."""
    pairs = enumerate(zip(labels, loosely, strict=False))
    similar = {**fields, **{at: at for at, (label, name) in pairs if label and loose(label) == name}}
    rest = {at: at for at in range(min(len(labels), len(loosely))) if at not in similar}
    return _label_match(similar, fields, rest)


def _label_match(fields: Mapping[int, int], exact: Mapping[int, int], by_position: Mapping[int, int]) -> LabelMatch:
    return LabelMatch(
        columns={field: column for column, field in fields.items()},
        fields=fields,
        misspelt=frozenset(fields.keys() - exact.keys()),
        by_position=by_position,
    )


def _mistakes(match: LabelMatch, labels: int, names: int) -> int:
    """Return how many errors the header has if its labels are matched so."""
    substituted = len(match.by_position)
    unmatched = labels + names - 2 * len(match.fields) - substituted
    return unmatched + len(match.misspelt) + is_reordered(match.fields)


def is_reordered(fields: Mapping[int, int]) -> bool:
    """Return whether the columns are in another order than their fields."""
    return any(one[1] > other[1] for one, other in pairwise(sorted(fields.items())))


def _match(fields: dict[int, int], labels: Sequence[str | None], names: Sequence[str]) -> None:
    """Add to `fields` the columns that have the name of a field that no column has yet."""
    free: dict[str, deque[int]] = {}
    taken = set(fields.values())
    for at, name in enumerate(names):
        if name and at not in taken:
            free.setdefault(name, deque()).append(at)
    for column, label in enumerate(labels):
        if label and column not in fields and (found := free.get(label)):
            fields[column] = found.popleft()


def _is_error_if_misspelt(schema: Schema, field: int) -> bool:
    """Return whether a header without this field, and with an unknown label in its place, is in error."""
    match = schema.fields_match
    return not match.allows_more or not match.allows_fewer or is_needed(schema, field)


def is_needed(schema: Schema, field: int) -> bool:
    """Return whether a field may not be left out where others may; those of a primary key are required."""
    return schema.fields[field].required


def _substituted(fields: Mapping[int, int], labels: int, names: int) -> dict[int, int]:
    """Return the columns without a field with the fields without a column that stand in the same place.

    The place is between the same two matched columns, or, if the columns are in another order, the same position.
    """
    if is_reordered(fields):
        taken = set(fields.values())
        return {at: at for at in range(min(labels, names)) if at not in fields and at not in taken}
    substituted: dict[int, int] = {}
    for (column, field), (next_column, next_field) in pairwise([(-1, -1), *sorted(fields.items()), (labels, names)]):
        substituted.update(zip(range(column + 1, next_column), range(field + 1, next_field), strict=False))
    return substituted


def folding(*, match_case: bool) -> Fold:
    """Return the function that labels are compared by."""
    return str if match_case else str.casefold
