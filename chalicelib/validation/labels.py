"""The header: whether its labels name the columns that the schema has."""

from collections.abc import Iterator

from chalicelib.validation.records import Record
from chalicelib.validation.report import Fault, ValidationError
from chalicelib.validation.schema import Schema

_BLANK = Fault("blank-label", "the label is empty: every column needs a name")
_DUPLICATE = Fault("duplicate-label", "an earlier column has the same label")
_EXTRA = Fault("extra-label", "the schema has no such column")


def label_errors(header: Record, schema: Schema | None, *, match_case: bool) -> Iterator[ValidationError]:
    """Compare the header's labels with the schema's fields, position by position.

    Without a schema, a label need only be there and be like no other.
    """
    texts = list(header.cells) or [""]
    names = [field.name for field in schema.fields] if schema else texts
    seen: set[str] = set()
    for position in range(max(len(texts), len(names))):
        text = texts[position] if position < len(texts) else None
        name = names[position] if position < len(names) else None
        fault = _fault(text, name, seen, match_case=match_case)
        if fault:
            yield ValidationError(
                row=header.row,
                line=header.line,
                field=position + 1,
                column=name if isinstance(name, str) and name else None,
                code=fault.code,
                message=fault.message,
            )
        if isinstance(text, str):
            seen.add(text)


def _fault(text: str | Fault | None, name: str | Fault | None, seen: set[str], *, match_case: bool) -> Fault | None:
    """Say what is wrong with one label, if anything is: the first reason that holds."""
    if isinstance(text, Fault):
        return text
    if text is None:
        return Fault("missing-label", f"the header ends before this column; expected the label {name}")
    if name is None:
        return _EXTRA
    if not text:
        return _BLANK
    if text in seen:
        return _DUPLICATE
    if not _same(text, str(name), match_case=match_case):
        return Fault("incorrect-label", f"expected the label {name}")
    return None


def _same(label: str, name: str, *, match_case: bool) -> bool:
    return label == name if match_case else label.casefold() == name.casefold()
