"""The repairs of one column: which rules mend its errors, and what they make of each cell."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from attrs import Factory, define, evolve, frozen
from attrs import field as attrs_field

from chalicelib.validation.checking.cells import faults_of
from chalicelib.validation.repair.changes import Change, Example, Mended, Mender, Repair
from chalicelib.validation.repair.column_cells import ColumnCells, CountedTexts
from chalicelib.validation.repair.dates import dates, datetimes, times
from chalicelib.validation.repair.expressions import kept_cells, valid_cells
from chalicelib.validation.repair.numbers import numbers
from chalicelib.validation.repair.proposals import Proposal, Rules, occurs
from chalicelib.validation.repair.texts import surroundings
from chalicelib.validation.repair.words import booleans, enumeration
from chalicelib.validation.schema.table_schema import Field

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


_Mend = Callable[[str], Mended | None]
"""Returns what takes the place of a cell in error, if the reference checker accepts it."""


@frozen(kw_only=True)
class ColumnRepairs:
    """The repairs of one column."""

    repairs: tuple[Repair, ...] = ()
    _certain: _Mend | None = None
    """Leads to the suggestion for a cell."""
    _offered: Sequence[_Mend] = ()
    """Those that lead to its choices."""

    def suggestion(self, text: str) -> Suggestion:
        """Return the suggestion for a cell in error."""
        if self._certain and (mended := self._certain(text)):
            return Suggestion(text=mended[0], rule=mended[1][-1])
        choices = dict.fromkeys(mended[0] for mend in self._offered if (mended := mend(text)))
        return Suggestion(choices=tuple(choices)[:MOST_CHOICES]) if choices else NONE


def column_repairs(  # noqa: PLR0913 - what is known of a column
    position: int,
    name: str | None,
    rules: Field,
    wrong: CountedTexts,
    seen: Collection[str] = (),
    *,
    exact: bool = True,
    as_data: bool = True,
) -> ColumnRepairs:
    """Return the repairs of the column at a 1-based position.

    `wrong` counts the cells that are in error, none of them empty or longer than LONGEST. `seen` has other cells of the
    column, which help to decide how it is written. `exact` says whether `wrong` has all errors of the column. With
    `as_data`, a column that has no expression of its valid cells gets texts and their results in place of rules.
    """
    if not wrong.total:
        return ColumnRepairs()
    return _Column(
        position=position,
        name=name,
        field=rules,
        cells=ColumnCells(wrong, seen),
        exact=exact,
        as_data=as_data,
    ).repairs()


_NO_EXAMPLE = Example(before="", after="")


@define
class _Part:
    """The part that a rule takes in mending cells."""

    count: int = 0
    first: Example = _NO_EXAMPLE
    """The first cell that it takes part in mending."""
    values: dict[str, str] = Factory(dict)
    """The first cells that it is the last to change, with their results."""

    @property
    def example(self) -> Example:
        """The first cell that it is the last to change, or else the first one that it takes part in mending."""
        return next((Example(before=text, after=made) for text, made in self.values.items()), self.first)


_Parts = defaultdict[str, _Part]
"""By the name of the rule."""


@frozen(kw_only=True)
class _Column:
    """A column whose repairs are looked for."""

    position: int
    name: str | None
    field: Field
    cells: ColumnCells
    exact: bool
    as_data: bool
    valid: str | None = attrs_field(init=False)
    keep: str | None = attrs_field(init=False)
    _forbidden: dict[str, bool] = attrs_field(init=False, factory=dict)
    """Whether a cell of the column matches an `unless`."""

    @valid.default
    def _valid(self) -> str | None:
        return valid_cells(self.field)

    @keep.default
    def _keep(self) -> str | None:
        return None if self.valid is None else kept_cells(self.field, self.valid)

    def repairs(self) -> ColumnRepairs:
        """Return the repairs that mend at least one cell, and how to find the suggestions for all cells."""
        proposals = [*surroundings(self.field), *self._proposals(self._bare())]
        certain = [self._repair(each) for each in proposals if each.certain]
        parts = _Parts(_Part)
        mend = self._mend(certain)
        rest = _mended(mend, self.cells.wrong, parts)
        while len(used := [each for each in certain if each.rule in parts]) < len(certain):
            # A rule that takes part in no result may have changed what another one left of the other cells. Without it,
            # the cells that are mended become the same.
            certain = used
            mend = self._mend(certain)
            rest = _mended(mend, rest, parts)
        kept = list(self._kept(certain, parts))
        offered: list[_Mend] = []
        for each in [self._repair(proposal) for proposal in proposals if not proposal.certain]:
            offered.append(self._mend([*certain, each]))
            parts = _Parts(_Part)
            _mended(offered[-1], rest, parts)
            kept += self._kept([each], parts)
        return ColumnRepairs(repairs=tuple(kept), certain=mend, offered=offered)

    def _bare(self) -> ColumnCells:
        """Return the cells without what surrounds them, for the rules that look at what is inside."""
        strip = Mender([_unchecked(self._repair(each)) for each in surroundings(self.field)])
        bare = CountedTexts.of(_text(strip.mend(cell), cell) for cell in self.cells.wrong)
        return ColumnCells(bare, self.cells.others)

    def _proposals(self, cells: ColumnCells) -> list[Proposal]:
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
            example=_NO_EXAMPLE,
            changes=proposal.changes,
            valid=self.valid,
            keep=self.keep,
        )

    def _mend(self, repairs: Sequence[Repair]) -> _Mend:
        """Return a function that applies repairs to a cell in error."""
        allowed = [evolve(each, changes=tuple(filter(self._is_allowed, each.changes))) for each in repairs]
        mender = Mender(allowed if self.as_data and self.valid is not None else map(_unchecked, allowed))

        def mend(text: str) -> Mended | None:
            mended = mender.mend(text)
            return None if mended is None or faults_of(mended[0], self.field) else mended

        return mend

    def _is_allowed(self, change: Change) -> bool:
        """Return whether no cell of the column forbids a change."""
        if change.unless is None:
            return True
        if change.unless not in self._forbidden:
            self._forbidden[change.unless] = occurs(change.unless, self.cells)
        return not self._forbidden[change.unless]

    def _kept(self, repairs: Iterable[Repair], parts: _Parts) -> Iterator[Repair]:
        """Yield the repairs that take part in mending a cell, with their counts and an example."""
        for each in repairs:
            if each.rule in parts:
                part = parts[each.rule]
                yield evolve(each, count=part.count, example=part.example, changes=self._changes(each, part))

    def _changes(self, repair: Repair, part: _Part) -> tuple[Change, ...]:
        """Return the changes; whole cells with their results, if the column has no expression of valid cells."""
        return repair.changes if self.valid is not None or not self.as_data else (Change(values=part.values),)


def _mended(mend: _Mend, texts: CountedTexts, parts: _Parts) -> CountedTexts:
    """Add what becomes of the texts to the parts of the rules, and return the texts that are not mended."""
    rest = CountedTexts()
    for text, count in texts.items():
        mended = mend(text)
        if mended is None:
            rest.add(text, count)
            continue
        made, rules = mended
        for rule in rules:
            parts[rule].count += count
            if parts[rule].first is _NO_EXAMPLE:
                parts[rule].first = Example(before=text, after=made)
        if len(values := parts[rules[-1]].values) < MOST_VALUES:
            values[text] = made
    return rest


def _unchecked(repair: Repair) -> Repair:
    """Return a repair of cells that are known to be wrong, whose results are checked elsewhere."""
    return evolve(repair, valid=r"[\s\S]*", keep="(?!)")


def _text(mended: Mended | None, cell: str) -> str:
    return mended[0] if mended else cell
