"""How the kernel judges the cells of a field: the automaton that gives a cell its label, and the meaning of labels.

A pattern decides a label only if it is certain that the reference finds the same faults. A cell that no pattern decides
gets the label ASK, and so do all cells if the automaton would be too large: the reference judges such a cell, and the
kernel remembers the label of its text.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from attrs import evolve, frozen

from chalicelib.validation.fast.native.automata import MOST_STATES, TooLarge, automaton
from chalicelib.validation.fast.native.library import (
    ASK,
    FAULTY,
    FIRST_FAULT,
    FREE,
    KNOWN,
    LABELS,
    MISSING,
    NONE,
    TEXT_AFTER_QUOTE,
    UNASKED,
    VALUE,
)
from chalicelib.validation.fast.native.tables import Ends, Tables, tables
from chalicelib.validation.report import Fault
from chalicelib.validation.schema.constraints import Constraint, Length, Pattern, Texts
from chalicelib.validation.schema.field_types import TEXT, Bound
from chalicelib.validation.schema.field_types.field_type import texts_as_keys
from chalicelib.validation.schema.field_types.ranges import NOTHING, any_of
from chalicelib.validation.schema.table_schema import Field

if TYPE_CHECKING:
    from chalicelib.validation.fast.native.json_judging import Json

Faults = tuple[Fault, ...]

_ENDLESS = 2**32
_FEW_STATES = 400
"""The most states of an automaton that also recognizes invalid texts; a larger one takes too long to compile."""


class Labels:
    """The meaning of the labels of one column. Labels are added while the file is read."""

    def __init__(self, field: Field | None) -> None:
        """Add the labels that every column has."""
        self.faults: list[Faults] = [()] * LABELS
        self.to_key = bytearray([FAULTY]) * LABELS
        self.to_key[VALUE], self.to_key[MISSING], self.to_key[ASK] = KNOWN, NONE, UNASKED
        if field is not None and field.required:
            self.faults[MISSING] = (field.missing_value_fault,)
        structural = sum(1 << label for label in range(TEXT_AFTER_QUOTE, ASK))
        self.fault_mask = structural | bool(self.faults[MISSING]) << MISSING
        """The labels that mean a fault, as bits."""
        self._known: dict[tuple[Faults, int], int] = {((), KNOWN): VALUE, (self.faults[MISSING], NONE): MISSING}

    def label_for(self, faults: Faults, to_key: int) -> int:
        """Return the label for these faults, a new one if necessary; ASK if all labels are taken."""
        label = self._known.get((faults, to_key))
        if label is None:
            label = FIRST_FAULT + len(self._known) - 2
            if label >= TEXT_AFTER_QUOTE:
                return ASK
            self._known[faults, to_key] = label
            self.faults[label], self.to_key[label] = faults, to_key
            self.fault_mask |= bool(faults) << label
        return label


@frozen(kw_only=True, eq=False)
class Judgement:
    """How the kernel judges a column: by an automaton or not at all, and then by the number of characters."""

    labels: Labels
    kind: int = FREE
    tables: Tables | None = None
    least: int = 0
    """How many characters there must be."""
    most: int = _ENDLESS
    too_short: bytes = bytes(range(LABELS))
    """What each label of a text becomes that has fewer characters."""
    too_long: bytes = bytes(range(LABELS))
    """What each label becomes then, if there are more."""
    empty: int = VALUE
    may_ask: bool = False
    """Whether cells can get the label ASK."""
    json: "Json | None" = None
    """How JSON is judged that the automaton does not decide."""


def judgement(field: Field | None, ends: Ends) -> Judgement:
    """Return how the cells of a field are judged; without a field, every cell is valid."""
    labels = Labels(field)
    if field is None:
        return Judgement(labels=labels)
    return _freely(field, labels) or _by_automaton(field, labels, ends)


def _is_text(field: Field) -> bool:
    """Return whether the value of a cell is its text."""
    return field.type.keys is texts_as_keys


def _sizes(field: Field) -> Mapping[int, Length]:
    """Return the limits of the number of characters, which the kernel counts, by the position of the constraint."""
    rules = [each.rule for each in field.constraints] if _is_text(field) else []
    return {at: rule for at, rule in enumerate(rules) if isinstance(rule, Length)}


def _freely(field: Field, labels: Labels) -> Judgement | None:
    """Return how to judge texts of any characters; None if the field has other rules than limits of their number."""
    if not (_is_text(field) and field.type.form == TEXT and field.missing_values <= {""}):
        return None
    if len(_sizes(field)) < len(field.constraints):
        return None
    made = Judgement(labels=labels, empty=MISSING if "" in field.missing_values else VALUE)
    return _with_size(made, field, {VALUE: ()})


def _with_size(made: Judgement, field: Field, broken: Mapping[int, tuple[int, ...]]) -> Judgement:
    """Return a judgement by the number of characters, too; `broken` are the constraints that each label stands for."""
    known = dict(broken)

    def changed(at: int) -> bytes:
        """Return what each label becomes of a text that violates this constraint, too."""
        changes = bytearray(range(LABELS))
        for label, others in list(known.items()):
            more = tuple(sorted((*others, at)))
            changes[label] = _label(more, field, made.labels)
            if changes[label] != ASK:
                known[changes[label]] = more
        return bytes(changes)

    sizes = _sizes(field)
    least_of_texts = int("" in field.missing_values)  # other cells are missing
    for at, rule in sizes.items():
        if rule.most is None and rule.least > least_of_texts:
            made = evolve(made, least=min(rule.least, _ENDLESS), too_short=changed(at))
    for at, rule in sizes.items():
        if rule.most is not None:
            made = evolve(made, most=min(rule.most, _ENDLESS), too_long=changed(at))
    return made


# --- automata -------------------------------------------------------------------------------------------------------


class _Rule(NamedTuple):
    """The patterns of one constraint, as bits."""

    at: int
    """The position of the constraint."""
    holds: int = 0
    """If this pattern matches a text, the text meets the constraint."""
    fails: int = 0
    """If this pattern matches a text, the text violates the constraint."""
    is_whole: bool = False
    """Whether a text that `holds` does not match violates the constraint."""


_WRONG_TYPE, _MISSING_VALUE = (-1,), (-2,)
"""Outcomes of an automaton that stand for no constraint."""


class _Plan(NamedTuple):
    """The meaning of the patterns of an automaton: `missing`, `type` and `doubtful` are the bits of patterns."""

    most_states: int
    missing: int
    type: int
    type_is_whole: bool
    rules: tuple[_Rule, ...]
    doubtful: int = 0

    def outcome(self, matched: int) -> tuple[int, ...] | None:
        """Return the constraints that a text violates, or what else it is; None if undecided."""
        if matched & self.missing:
            return _MISSING_VALUE
        if matched & self.doubtful:
            return None
        if not matched & self.type:
            return _WRONG_TYPE if self.type_is_whole else None
        broken = []
        for rule in self.rules:
            if matched & rule.holds:
                continue
            if not (rule.is_whole or matched & rule.fails):
                return None
            broken.append(rule.at)
        return tuple(broken)


def _by_automaton(field: Field, labels: Labels, ends: Ends) -> Judgement:
    for patterns, plan in _plans(field):
        compiled = _compiled(patterns, plan, ends)
        if compiled is None:
            continue
        packed, outcomes = compiled
        meaning = [ASK if outcome is None else _label(outcome, field, labels) for outcome in outcomes]
        relabelled = _relabelled(packed, tuple(meaning))
        made = Judgement(labels=labels, kind=relabelled.kind, tables=relabelled, may_ask=True)
        broken = {
            label: outcome
            for label, outcome in zip(meaning, outcomes, strict=True)
            if outcome is not None and label != ASK and outcome not in {_WRONG_TYPE, _MISSING_VALUE}
        }
        return _with_json(_with_size(made, field, broken), field)
    raise AssertionError("the last plan is never too large")


def _with_json(made: Judgement, field: Field) -> Judgement:
    """Return a judgement that also knows JSON."""
    if field.type.json is None:
        return made
    from chalicelib.validation.fast.native.json_judging import json_judgement  # noqa: PLC0415 - few files have JSON

    return evolve(made, json=json_judgement(field, made.labels))


def _label(outcome: tuple[int, ...], field: Field, labels: Labels) -> int:
    if outcome == _MISSING_VALUE:
        return MISSING
    if outcome == _WRONG_TYPE:
        return labels.label_for((field.type.fault,), FAULTY)
    return labels.label_for(tuple(field.constraints[at].fault for at in outcome), KNOWN)


def _plans(field: Field) -> Iterator[tuple[tuple[str, ...], _Plan]]:
    """Yield patterns and their meaning, from the most informative to those that always fit into an automaton."""
    missing = any_of(sorted(field.missing_values))
    form, sizes = field.type.form, _sizes(field)
    if form is not None:
        conditions = [(at, *_patterns_of(each, field)) for at, each in enumerate(field.constraints) if at not in sizes]
        recognizes_invalid = any(fails is not None for _, _, fails, _ in conditions)
        for is_coarse in (False, True) if recognizes_invalid else (True,):
            patterns: list[str] = [missing, form, *([field.type.doubtful] if field.type.doubtful else [])]
            doubtful = 4 if field.type.doubtful else 0
            rules = []
            for at, holds, fails, is_whole in conditions:
                bits = []
                for pattern in (holds, None if is_coarse else fails):
                    bits.append(1 << len(patterns) if pattern is not None else 0)
                    patterns += [pattern] if pattern is not None else []
                rules.append(_Rule(at, bits[0], bits[1], is_whole))
            most = MOST_STATES if is_coarse else _FEW_STATES
            yield tuple(patterns), _Plan(most, 1, 2, field.type.is_whole, tuple(rules), doubtful=doubtful)
    yield (missing,), _Plan(MOST_STATES, 1, 0, type_is_whole=False, rules=())
    yield (NOTHING,), _Plan(MOST_STATES, 0, 0, type_is_whole=False, rules=())


def _patterns_of(constraint: Constraint, field: Field) -> tuple[str | None, str | None, bool]:
    """Return a pattern of texts that meet a constraint, one of texts that do not, and whether the first is complete."""
    match constraint.rule:
        case Pattern(expression):
            return expression, None, True
        case Texts(texts):
            values = {text: field.type.parse(text) for text in texts}
            right = [
                text for text, value in values.items() if value is not None and constraint.fault_of(text, value) is None
            ]
            return any_of(right), None, _is_text(field) and len(right) == len(values)
        case Bound(limit, is_least, is_exclusive) if field.type.within:
            beyond = Bound(limit, not is_least, not is_exclusive)
            return field.type.within([constraint.rule]), field.type.within([beyond]), False
    return None, None, False


@lru_cache(maxsize=128)
def _compiled(
    patterns: tuple[str, ...], plan: _Plan, ends: Ends
) -> tuple[Tables, Sequence[tuple[int, ...] | None]] | None:
    """Return the tables of an automaton, labelled by the number of the outcome, and the outcomes; None if too large."""
    outcomes: list[tuple[int, ...] | None] = [(), _MISSING_VALUE, None]

    def number(matched: int) -> int:
        outcome = plan.outcome(matched)
        if outcome not in outcomes:
            outcomes.append(outcome)
        return int(_NUMBERS[outcomes.index(outcome)])

    try:
        made = automaton(patterns, plan.most_states).mapped(number)
    except TooLarge:
        return None
    return (tables(made, ends), outcomes) if len(outcomes) <= len(_NUMBERS) else None


_NUMBERS = (VALUE, MISSING, ASK, *range(FIRST_FAULT, TEXT_AFTER_QUOTE), *[ASK] * 1_000)
"""The labels of outcomes in tables that fields share. `_relabelled` replaces them by those of one field."""


def _relabelled(packed: Tables, meaning: tuple[int, ...]) -> Tables:
    """Replace the numbers of outcomes by the labels of a field."""
    of = list(range(256))
    for number, label in zip(_NUMBERS, meaning, strict=False):
        of[number] = label
    translated = bytes(of)
    return evolve(packed, label=packed.label.translate(translated), last=packed.last.translate(translated))
