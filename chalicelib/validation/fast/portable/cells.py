"""The valid texts of a column's cells, as regular expressions."""

import re
from collections.abc import Iterable

from attrs import frozen

from chalicelib.validation.checking.cells import faults_of
from chalicelib.validation.regex.automaton import automaton
from chalicelib.validation.regex.translation import (
    UntranslatableError,
    Writing,
    is_translatable,
    translated,
    width_of,
)
from chalicelib.validation.schema.constraints import Length, Pattern, Texts
from chalicelib.validation.schema.field_types import TEXT, Bound
from chalicelib.validation.schema.field_types.ranges import NOTHING, any_of
from chalicelib.validation.schema.table_schema import Field


@frozen(kw_only=True)
class CellLanguage:
    """The texts that are certainly valid in a column."""

    forms: tuple[str, ...] = (TEXT,)
    """The regular expressions that a valid text matches, all of them."""
    texts: tuple[str, ...] = ()
    """Further valid texts, which need not match them."""

    @classmethod
    def of(cls, field: Field | None) -> "CellLanguage | None":
        """Return the texts that are valid in a field; None if they cannot be expressed."""
        if field is None:
            return cls()
        try:
            forms = _forms(field)
        except UntranslatableError:
            return None
        if forms is None or not all(map(is_translatable, forms)):
            return None
        valid = tuple(text for text in field.missing_values if not faults_of(text, field))
        valued = cls(forms=forms)
        if wrong := sorted(text for text in field.missing_values - {*valid} if valued.allows(text)):
            forms = (*(form for form in forms if form != TEXT), other_than(wrong))
            if not is_translatable(forms[-1]):
                return None
        return cls(forms=forms, texts=tuple(sorted(valid)))

    def allows(self, text: str) -> bool:
        """Return whether a text is valid."""
        return text in self.texts or all(automaton(translated(form, Writing())).fullmatch(text) for form in self.forms)


def _forms(field: Field) -> tuple[str, ...] | None:
    """Return the expressions that a valid value matches, all of them; None if some rule cannot be expressed."""
    rules = [constraint.rule for constraint in field.constraints]
    if None in rules or field.type.form is None:
        return None
    listed = [rule.texts for rule in rules if isinstance(rule, Texts)]
    if listed:
        # A valid value is among the listed texts that meet all other rules.
        valid = [text for text in listed[0] if text not in field.missing_values and not faults_of(text, field)]
        return (any_of(valid),)
    forms = [field.type.form]
    if bounds := [rule for rule in rules if isinstance(rule, Bound)]:
        between = field.type.within(bounds) if field.type.within else None
        if between is None:
            return None
        forms = [between]
    forms += [rule.expression for rule in rules if isinstance(rule, Pattern)]
    lengths = [rule for rule in rules if isinstance(rule, Length)]
    if lengths and not any(_is_within(width_of(form), lengths) for form in forms):
        forms.append(_of_length(lengths))
    return tuple(form for form in forms if form != TEXT) or (TEXT,)


def _is_within(width: tuple[int, int], lengths: Iterable[Length]) -> bool:
    return all(rule.least <= width[0] and (rule.most is None or width[1] <= rule.most) for rule in lengths)


def _of_length(lengths: Iterable[Length]) -> str:
    """Return an expression of the texts of these lengths."""
    least = max(rule.least for rule in lengths)
    most = min(_ENDLESS if rule.most is None else rule.most for rule in lengths)
    if least > most or least >= _ENDLESS:
        return NOTHING
    return f"(?s:.{{{least},{most if most < _ENDLESS else ''}}})"


_ENDLESS = 2**32 - 1
"""The number of repetitions that means "no limit" in Python; no cell is that long."""


def other_than(texts: Iterable[str]) -> str:
    """Return an expression of all texts except these."""
    rests: dict[str, list[str]] = {}
    for text in filter(None, texts):
        rests.setdefault(text[0], []).append(text[1:])
    firsts = "".join(map(re.escape, rests))
    alternatives = [f"[^{firsts}]{TEXT}" if rests else "(?s:.+)"]
    alternatives += [re.escape(first) + other_than(rest) for first, rest in rests.items()]
    return f"(?:{'|'.join(alternatives)}){'' if '' in texts else '?'}"
