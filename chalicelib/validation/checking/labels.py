"""Matches the labels of a header with the fields of a schema, and finds what is wrong with them."""

import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from attrs import evolve, frozen

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import Record
from chalicelib.validation.report import ErrorCode, Fault, ValidationError
from chalicelib.validation.schema.table_schema import Schema

_BLANK = Fault(ErrorCode.BLANK_LABEL, "the label is empty: every column needs a name")
_DUPLICATE = Fault(ErrorCode.DUPLICATE_LABEL, "an earlier column has the same label")
_EXTRA = Fault(ErrorCode.EXTRA_LABEL, "the schema has no such column")
_EXTRA_BLANK = Fault(
    ErrorCode.EXTRA_LABEL, "an extra column without a label: remove the delimiter, here and in the rows below"
)
_NONE = Fault(ErrorCode.MISSING_LABEL, "the header has none of the schema's columns")
_SHOWN_LABELS = 8
"""How many labels a message lists."""
_SHOWN_CHARACTERS = 40
"""How many characters of a label a message shows."""

Label = str | Fault | None
_LabelFault = tuple[int | None, str | None, Fault]
"""The 1-based position of a column, its name, and the fault of its label."""


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
    fold = _folding(match_case=dialect.header_case)
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
    return unmatched + len(match.misspelt) + _is_reordered(match.fields)


def _is_reordered(fields: Mapping[int, int]) -> bool:
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
    return not match.allows_more or not match.allows_fewer or _is_needed(schema, field)


def _is_needed(schema: Schema, field: int) -> bool:
    """Return whether a field may not be left out where others may."""
    primary = any(field in key.fields for key in schema.keys if key.duplicate.code is ErrorCode.PRIMARY_KEY)
    return primary or schema.fields[field].required


def _substituted(fields: Mapping[int, int], labels: int, names: int) -> dict[int, int]:
    """Return the columns without a field with the fields without a column that stand in the same place.

    The place is between the same two matched columns, or, if the columns are in another order, the same position.
    """
    if _is_reordered(fields):
        taken = set(fields.values())
        return {at: at for at in range(min(labels, names)) if at not in fields and at not in taken}
    substituted: dict[int, int] = {}
    for (column, field), (next_column, next_field) in pairwise([(-1, -1), *sorted(fields.items()), (labels, names)]):
        substituted.update(zip(range(column + 1, next_column), range(field + 1, next_field), strict=False))
    return substituted


def label_errors(header: Record, schema: Schema | None, dialect: Dialect) -> Iterator[ValidationError]:
    """Iterate over the errors of the header, each of which is one mistake.

    Without a schema, labels must be present and different.
    """
    if schema is None:
        found = _by_themselves(header, dialect)
    else:
        match = match_labels(header.cells, schema, dialect)
        find = _by_name if schema.fields_match.by_name else _by_position
        found = find(header.cells, match, schema, dialect)
    for position, name, fault in found:
        yield fault.at(row=header.row, line=header.line, field=position, column=name or None)


def _by_themselves(header: Record, dialect: Dialect) -> Iterator[_LabelFault]:
    seen: set[str] = set()
    fold = _folding(match_case=dialect.header_case)
    for position, label in enumerate(header.cells, start=1):
        if fault := _label_fault(label, seen, fold):
            yield position, _text(label), fault


def _by_position(
    labels: Sequence[str | Fault], match: LabelMatch, schema: Schema, dialect: Dialect
) -> Iterator[_LabelFault]:
    names = [field.name for field in schema.fields]
    found: list[_LabelFault] = []
    if order := _other_order(labels, match, names):
        found.append(order)
    seen: set[str] = set()
    fold = _folding(match_case=dialect.header_case)
    for column, label in enumerate(labels):
        field = match.fields.get(column, match.by_position.get(column))
        if field is None:
            found.append((column + 1, _text(label), _EXTRA_BLANK if label == "" else _EXTRA))
            continue
        fault = _label_fault(label, set() if column in match.fields else seen, fold)
        if fault is None and (column in match.misspelt or column not in match.fields):
            fault = _incorrect(str(label), names[field], match)
        seen.add(fold(str(label)))
        if fault:
            found.append((column + 1, names[field], fault))
    present = {*match.columns, *match.by_position.values()}
    found += [(at + 1, name, _missing(name)) for at, name in enumerate(names) if at not in present]
    yield from sorted(found, key=lambda each: each[0] or 0)


def _other_order(labels: Sequence[str | Fault], match: LabelMatch, names: Sequence[str]) -> _LabelFault | None:
    """Return the fault of a header whose columns are in another order than the fields, at the first such column."""
    if not _is_reordered(match.fields):
        return None
    columns = sorted(match.fields)
    fields = [match.fields[column] for column in columns]
    expected = sorted(fields)
    first = next(at for at, pair in enumerate(zip(fields, expected, strict=True)) if pair[0] != pair[1])
    found = _listed([str(labels[column]) for column in columns[first:]])
    wanted = _listed([names[field] for field in expected[first:]])
    fault = Fault(ErrorCode.INCORRECT_LABEL, f"the columns are in another order: expected {wanted}; found {found}")
    return columns[first] + 1, names[expected[first]], fault


def _by_name(
    labels: Sequence[str | Fault], match: LabelMatch, schema: Schema, dialect: Dialect
) -> Iterator[_LabelFault]:
    rule = schema.fields_match
    missing = [at for at in range(len(schema.fields)) if at not in match.columns]
    if rule.allows_fewer:
        if len(missing) == len(schema.fields):
            yield None, None, _NONE
        missing = [at for at in missing if _is_needed(schema, at)]
    seen: set[str] = set()
    fold = _folding(match_case=dialect.header_case)
    for column, label in enumerate(labels):
        fault = _label_fault(label, seen, fold)
        field = match.fields.get(column)
        if not fault and field is None and not rule.allows_more:
            fault = _EXTRA
        elif not fault and field is not None and column in match.misspelt:
            fault = _incorrect(str(label), schema.fields[field].name, match)
        if fault:
            yield column + 1, _text(label), fault
    for offset, at in enumerate(missing, start=1):
        name = schema.fields[at].name
        yield len(labels) + offset, name, _missing(name)


def _label_fault(label: str | Fault, seen: set[str], fold: "_Fold") -> Fault | None:
    """Return the fault of a label by itself, and add the label to those seen."""
    if isinstance(label, Fault):
        return label
    if not label:
        return _BLANK
    if fold(label) in seen:
        return _DUPLICATE
    seen.add(fold(label))
    return None


def _text(label: Label) -> str | None:
    return label if isinstance(label, str) else None


def _missing(name: str) -> Fault:
    return Fault(ErrorCode.MISSING_LABEL, f"the header lacks the column {_shown(name)}")


def _incorrect(found: str, expected: str, match: LabelMatch) -> Fault:
    if not match.fields:  # it may be a row of values: these are not repeated
        return Fault(ErrorCode.INCORRECT_LABEL, f"expected the label {_shown(expected)}")
    difference = _difference(found, expected)
    reason = f": it differs by {difference} only" if difference else ""
    return Fault(ErrorCode.INCORRECT_LABEL, f"expected the label {_shown(expected)}, found {_shown(found)}{reason}")


def _difference(found: str, expected: str) -> str | None:
    """Return what two labels differ by, if it is case, white space or invisible characters alone."""
    if loose(found) != loose(expected):
        return None
    reasons = []
    if _visible(found) != _visible(expected):
        reasons.append("case" if _visible(found).casefold() == _visible(expected).casefold() else "the form of letters")
    odd = [character for character in (*found, *expected) if _is_invisible(character)]
    if odd and [each for each in found if _is_invisible(each)] != [each for each in expected if _is_invisible(each)]:
        name = unicodedata.name(odd[0], "a control character").title()
        reasons.append(f"an invisible character (U+{ord(odd[0]):04X}, {name})")
    elif _without_invisible(found) != _without_invisible(expected) and _spaces(found) != _spaces(expected):
        reasons.append("white space")
    return " and ".join(reasons) or "white space"


def _spaces(text: str) -> list[tuple[int, str]]:
    return [(at, character) for at, character in enumerate(text) if character.isspace()]


def _visible(text: str) -> str:
    return "".join(each for each in text if not each.isspace() and not _is_invisible(each))


def _without_invisible(text: str) -> str:
    return "".join(each for each in text if not _is_invisible(each))


def _is_invisible(character: str) -> bool:
    """Return whether a character is not shown, or looks like an ordinary space."""
    return unicodedata.category(character) in {"Cf", "Cc", "Zs", "Zl", "Zp"} and character not in " \t\r\n"


def loose(label: str) -> str:
    """Return a label without what readers overlook: case, white space, and invisible characters."""
    return _visible(unicodedata.normalize("NFKC", label)).casefold()


def _shown(label: str) -> str:
    text = label if len(label) <= _SHOWN_CHARACTERS else f"{label[:_SHOWN_CHARACTERS]}…"
    return f'"{text}"'


def _listed(labels: Sequence[str]) -> str:
    rest = ", …" if len(labels) > _SHOWN_LABELS else ""
    return ", ".join(map(_shown, labels[:_SHOWN_LABELS])) + rest


_Fold = Callable[[str], str]


def _folding(*, match_case: bool) -> _Fold:
    """Return the function that labels are compared by."""
    return str if match_case else str.casefold
