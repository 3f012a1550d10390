"""The valid cells of a field as an expression that Python and JavaScript read alike."""

import re

from chalicelib.validation.fast.portable.cells import CellLanguage
from chalicelib.validation.schema.field_types.field_type import TEXT
from chalicelib.validation.schema.field_types.ranges import NOTHING
from chalicelib.validation.schema.table_schema import Field

_LONGEST = 20_000
"""In characters. Longer expressions are not worth sending to a browser."""
_SYNTAX = frozenset("^$\\.*+?()[]{}|/")
"""The characters that JavaScript allows to be escaped."""
_CONTROLS = frozenset("tnrfv")
_ATOM = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S])|\(\?s:\.|\(\?[a-zA-Z<]*.|\{[0-9]+(?:,[0-9]*)?\}"
    r"|[*+?}]\+|[\s\S]"
)
_GROUPS = frozenset({"(?:", "(?=", "(?!"})
END = r"(?![\s\S])"
"""The end of a text, in either language."""


def valid_cells(field: Field) -> str | None:
    """Return an expression of texts that are certainly valid in a field; None if there is none for both languages.

    It matches every valid text of the usual form. A field whose numbers may have text around them has no expression,
    because valid cells would not match.
    """
    language = CellLanguage.of(field)
    if language is None or (field.type.name in {"integer", "number"} and not field.type.is_whole):
        return None
    forms = [portable(form) for form in language.forms]
    if None in forms:
        return None
    *others, last = [form for form in forms if form is not None]
    expression = "".join(f"(?=(?:{form}){END})" for form in others) + f"(?:{last})"
    texts = [literal(text) for text in language.texts]
    expression = "|".join([expression, *texts])
    return expression if len(expression) <= _LONGEST else None


def kept_cells(field: Field, valid: str) -> str:
    """Return an expression of all cells that stay as they are: the valid ones, also in an unusual form.

    A number out of its bounds, for example, has the right form, and no rule for numbers could mend it.
    """
    if field.type.name not in _KEPT or field.type.form == TEXT:
        return valid
    if field.type.name == "date" and (loosely := _loose_date(field.type.format)):
        return f"{valid}|{loosely}"
    if field.type.name == "geopoint" and field.type.format == "default":
        return f"{valid}|{_LOOSE_POINT}"
    form = portable(field.type.form) if field.type.form else None
    return valid if form is None else f"{valid}|(?:{form})"


_LOOSE_POINT = "[ 0-9.eE+-]*,[ 0-9.eE+-]*"
"""Two numbers, also with spaces around them or an exponent."""
_KEPT = frozenset({"integer", "number", "boolean", "date", "datetime", "time", "geopoint", "list"})
"""Types whose cells can be of the right type without being in the expression of valid cells, or the other way round."""


def _loose_date(form: str) -> str | None:
    """Return an expression of dates by a pattern, whose days and months may have one digit."""
    parts = {"%Y": "[0-9]{4}", "%m": "(?:0?[1-9]|1[0-2])", "%d": "(?:0?[1-9]|[12][0-9]|3[01])"}
    found = re.findall(r"%.|[^%]", form)
    if "%" not in form or any(each.startswith("%") and each not in parts for each in found):
        return None
    return "".join(parts.get(each) or literal(each) for each in found)


def literal(text: str) -> str:
    """Return an expression of one text."""
    return "".join(f"\\{each}" if each in _SYNTAX else each for each in text)


def portable(expression: str) -> str | None:
    """Return a regular expression of Python as one that JavaScript reads alike, or None."""
    if expression == NOTHING:
        return "(?!)"
    written: list[str] = []
    in_class = False
    for atom in _ATOM.findall(expression):
        text = _in_class(atom) if in_class else _outside(atom)
        if text is None:
            return None
        written.append(text)
        in_class = atom != "]" if in_class else atom == "["
    return "".join(written)


def _outside(atom: str) -> str | None:
    if atom.startswith("\\"):
        return _escaped(atom, in_class=False)
    if atom == "(?s:.":
        return r"(?:[\s\S]"
    if atom == "." or (atom.startswith("(?") and atom not in _GROUPS):
        return None  # a dot alone does not match the same characters in both
    if len(atom) > 1 and atom.endswith("+"):  # a possessive repetition
        return None
    return {"{": r"\{", "}": r"\}"}.get(atom, atom)


def _in_class(atom: str) -> str | None:
    if atom.startswith("\\"):
        return _escaped(atom, in_class=True)
    return r"\[" if atom == "[" else atom


def _escaped(atom: str, *, in_class: bool) -> str | None:
    kind = atom[1]
    if kind in "xu" or kind in _CONTROLS:
        return atom
    if kind == "U":
        return chr(int(atom.removeprefix("\\U"), 16))
    if kind.isalnum():
        return None  # classes such as \w and \d differ between the two
    if kind in _SYNTAX or (in_class and kind == "-"):
        return atom
    return kind
