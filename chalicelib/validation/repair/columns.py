"""The repairs of one column: which rules mend its errors, and what they make of each cell."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, frozen
from attrs import field as attrs_field

from chalicelib.validation.checking.cells import faults_of
from chalicelib.validation.repair.changes import Change, Example, Mended, Mender, Repair
from chalicelib.validation.repair.dates import dates, datetimes, times
from chalicelib.validation.repair.expressions import kept_cells, valid_cells
from chalicelib.validation.repair.numbers import numbers
from chalicelib.validation.repair.proposals import Proposal, Rules
from chalicelib.validation.repair.texts import surroundings
from chalicelib.validation.repair.words import booleans, enumeration
from chalicelib.validation.schema.table_schema import Field

LONGEST = 200
"""In characters. Longer cells get no suggestion."""
MOST_VALUES = 1_000
"""How many different cells a rule lists if it has no expression."""
MOST_CHOICES = 3

_RULES: Mapping[str, Rules] = {
    "integer": numbers,
    "number": numbers,
    "date": dates,
    "datetime": datetimes,
    "time": times,
    "boolean": booleans,
}


@frozen(kw_only=True)
class Suggestion:
    """What a cell most likely means."""

    text: str | None = None
    """What to write; None if that is not certain."""
    rule: str | None = None
    """The rule that leads to it; the last one, if several do."""
    choices: tuple[str, ...] = ()
    """What it may mean, if that is not certain."""


NONE = Suggestion()


@frozen(kw_only=True)
class ColumnRepairs:
    """The repairs of one column."""

    repairs: tuple[Repair, ...] = ()
    suggestions: Mapping[str, Suggestion] = attrs_field(factory=dict)
    """By the text of the cell; those alone that have one."""


def column_repairs(  # noqa: PLR0913 - what is known of a column
    position: int,
    name: str | None,
    rules: Field,
    wrong: Counter[str],
    seen: Iterable[str] = (),
    *,
    exact: bool = True,
    as_data: bool = True,
) -> ColumnRepairs:
    """Return the repairs of the column at a 1-based position.

    `wrong` counts the cells that are in error, and `seen` has other cells of the column, which help to decide how it is
    written. `exact` says whether `wrong` has all errors of the column. With `as_data`, a column that has no expression
    of its valid cells gets texts and their results in place of rules.
    """
    texts = [text for text in wrong if text and len(text) <= LONGEST]
    if not texts:
        return ColumnRepairs()
    cells = list(dict.fromkeys([*texts, *seen]))
    return _Column(
        position=position,
        name=name,
        field=rules,
        wrong=wrong,
        texts=texts,
        cells=cells,
        exact=exact,
        as_data=as_data,
    ).repairs()


@frozen(kw_only=True)
class _Column:
    """A column whose repairs are looked for."""

    position: int
    name: str | None
    field: Field
    wrong: Counter[str]
    texts: Sequence[str]
    """The different cells in error that may get a suggestion."""
    cells: Sequence[str]
    """These, and others of the column."""
    exact: bool
    as_data: bool
    valid: str | None = attrs_field(init=False)

    keep: str | None = attrs_field(init=False)

    @valid.default
    def _valid(self) -> str | None:
        return valid_cells(self.field)

    @keep.default
    def _keep(self) -> str | None:
        return None if self.valid is None else kept_cells(self.field, self.valid)

    def repairs(self) -> ColumnRepairs:
        """Return the repairs that mend at least one cell, and the suggestions for all cells."""
        bare = self._bare()
        proposals = [*surroundings(self.field, bare), *self._proposals(bare)]
        certain = [self._repair(each) for each in proposals if each.certain]
        mended = self._mended(certain)
        while len(used := _used(certain, mended)) < len(certain):
            # A rule that takes part in no result may have changed what another one left of the other cells.
            certain = used
            mended |= self._mended(certain, [text for text in self.texts if text not in mended])
        suggestions = {text: Suggestion(text=made, rule=rules[-1]) for text, (made, rules) in mended.items()}
        kept = list(self._kept(certain, mended))
        choices: dict[str, list[str]] = {}
        rest = [text for text in self.texts if text not in mended]
        for each in [self._repair(proposal) for proposal in proposals if not proposal.certain]:
            found = self._mended([*certain, each], rest)
            kept += self._kept([each], found)
            for text, (made, _) in found.items():
                choices.setdefault(text, []).append(made)
        for text, offered in choices.items():
            suggestions[text] = Suggestion(choices=tuple(dict.fromkeys(offered))[:MOST_CHOICES])
        return ColumnRepairs(repairs=tuple(kept), suggestions=suggestions)

    def _bare(self) -> list[str]:
        """Return the cells without what surrounds them, for the rules that look at what is inside."""
        strip = Mender([_unchecked(self._repair(each)) for each in surroundings(self.field, ())])
        wrong = frozenset(self.texts)
        return list(dict.fromkeys(_text(strip.mend(cell), cell) if cell in wrong else cell for cell in self.cells))

    def _proposals(self, cells: Sequence[str]) -> list[Proposal]:
        rules = _RULES.get(self.field.type.name)
        return [*(rules(self.field, cells) if rules else ()), *enumeration(self.field, cells)]

    def _repair(self, proposal: Proposal) -> Repair:
        return Repair(
            rule=proposal.rule,
            variant=proposal.variant,
            certain=proposal.certain,
            field=self.position,
            column=self.name,
            count=0,
            exact=self.exact,
            example=Example(before="", after=""),
            changes=proposal.changes,
            valid=self.valid,
            keep=self.keep,
        )

    def _mended(self, repairs: Sequence[Repair], texts: Iterable[str] | None = None) -> dict[str, Mended]:
        """Return what the repairs make of the wrong cells, as far as the reference checker accepts it."""
        applied = repairs if self.as_data and self.valid is not None else map(_unchecked, repairs)
        mender = Mender(applied, self.cells)
        found = ((text, mender.mend(text)) for text in (self.texts if texts is None else texts))
        return {text: mended for text, mended in found if mended and not faults_of(mended[0], self.field)}

    def _kept(self, repairs: Iterable[Repair], mended: Mapping[str, Mended]) -> Iterable[Repair]:
        """Yield the repairs that take part in mending a cell, with their counts and an example."""
        for each in repairs:
            concerned = {text: made for text, (made, rules) in mended.items() if each.rule in rules}
            if not concerned:
                continue
            before = next((text for text in concerned if mended[text][1][-1] == each.rule), next(iter(concerned)))
            count = sum(self.wrong[text] for text in concerned)
            example = Example(before=before, after=concerned[before])
            yield evolve(each, count=count, example=example, changes=self._changes(each, mended))

    def _changes(self, repair: Repair, mended: Mapping[str, Mended]) -> tuple[Change, ...]:
        """Return the changes; whole cells with their results, if the column has no expression of valid cells."""
        if self.valid is not None or not self.as_data:
            return repair.changes
        own = [(text, made) for text, (made, rules) in mended.items() if rules[-1] == repair.rule]
        return (Change(values=dict(own[:MOST_VALUES])),)


def _used(repairs: Iterable[Repair], mended: Mapping[str, Mended]) -> list[Repair]:
    """Return the repairs that take part in mending a cell."""
    used = {rule for _, rules in mended.values() for rule in rules}
    return [each for each in repairs if each.rule in used]


def _unchecked(repair: Repair) -> Repair:
    """Return a repair of cells that are known to be wrong, whose results are checked elsewhere."""
    return evolve(repair, valid=r"[\s\S]*", keep="(?!)")


def _text(mended: Mended | None, cell: str) -> str:
    return mended[0] if mended else cell
