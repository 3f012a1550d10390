"""How the kernel writes the values of a field as parts of keys."""

import ctypes
import re
from decimal import Decimal
from itertools import groupby
from typing import Any

from attrs import evolve, frozen

from chalicelib.validation.fast.native import library as c
from chalicelib.validation.schema.field_types import FieldType
from chalicelib.validation.schema.field_types.field_type import texts_as_keys
from chalicelib.validation.schema.table_schema import Field

_ENCODINGS = {
    "boolean": c.AS_BOOLEAN,
    "datetime": c.AS_MOMENT,
    "geopoint": c.AS_NUMBERS,
    "yearmonth": c.AS_MONTH,
}
"""How values of these types, in the default format, are written."""
_TIMES = {"date": c.OF_DATE, "datetime": c.OF_MOMENT, "time": c.OF_TIME}
"""The kinds of digests of dates and times."""
_DEFAULT_PATTERNS = {"date": "%Y-%m-%d", "time": "%H:%M:%S"}
"""The patterns of the default formats; that of datetime is no pattern."""


def encoding(field: Field | None) -> int:
    """Return how the kernel writes a field's values; AS_PYTHON_DOES if it cannot."""
    if field is None or field.type.keys is texts_as_keys:
        return c.AS_TEXT
    kind = field.type
    if kind.keys is not None or kind.name == "year":
        return c.AS_INTEGER
    if kind.is_plain_json:
        return c.AS_JSON
    if kind.name == "number" and kind.parse("1.5") == Decimal("1.5"):  # with the usual marks
        return c.AS_NUMBER
    if kind.name == "list" and len(_bytes(kind.delimiter)) == 1:
        items = kind.parse(f"1{kind.delimiter}2")
        return c.AS_TEXTS if items == ["1", "2"] else c.AS_NUMBERS if items == [1, 2] else c.AS_PYTHON_DOES
    if _time_parts(kind):
        return c.AS_PATTERN
    return _ENCODINGS.get(kind.name, c.AS_PYTHON_DOES) if kind.format == "default" else c.AS_PYTHON_DOES


def fill_values(column: c.Column, field: Field | None) -> list[Any]:
    """Fill in what the kernel needs to write a field's values; return what is to be kept alive."""
    if field is None:
        return []
    column.separator = _bytes(field.type.delimiter)[0]
    return [*_fill_words(column, field), _fill_pattern(column, field)]


def _bytes(text: str) -> bytes:
    """Return the bytes of a text from a descriptor, which may contain half of a surrogate pair."""
    return text.encode(errors="surrogatepass")


def _fill_words(column: c.Column, field: Field) -> list[Any]:
    """Fill in the words of a boolean; return what is to be kept alive."""
    meanings = {_bytes(word): meaning for word, meaning in field.type.words.items()}
    texts = [(word, ctypes.create_string_buffer(word)) for word in sorted(meanings, key=lambda word: (len(word), word))]
    words = (c.Name * len(texts))()
    for at, (word, text) in enumerate(texts):
        words[at] = c.Name(ctypes.addressof(text), len(word), 0, meanings[word])
    column.words, column.words_count = ctypes.addressof(words), len(words)
    return [words, texts]


# --- dates and times by a pattern of strptime -----------------------------------------------------------------------


@frozen
class _TimePart:
    """A byte, or some digits, in the text of a date or time."""

    byte: int = 0
    digits: int = 0
    """The most digits; 0 for a byte."""
    least: int = 0
    at: int = 0
    """Where these digits are in `1900-01-01T00:00:00000000`, which ends with the fraction of a second."""


_DIRECTIVES = {
    "%Y": _TimePart(digits=4, least=4, at=0),
    "%y": _TimePart(digits=2, least=2, at=2),  # where the kernel writes the century, too
    "%m": _TimePart(digits=2, least=1, at=5),
    "%d": _TimePart(digits=2, least=1, at=8),
    "%H": _TimePart(digits=2, least=1, at=11),
    "%M": _TimePart(digits=2, least=1, at=14),
    "%S": _TimePart(digits=2, least=1, at=17),
    "%f": _TimePart(digits=6, least=6, at=19),
}


def _time_parts(kind: FieldType) -> list[_TimePart]:
    """Return the parts of a date or time; none if the field has another type, or a pattern with other parts."""
    if kind.name not in _TIMES:
        return []
    form = _DEFAULT_PATTERNS.get(kind.name) if kind.format == "default" else kind.format
    if form is None or form == "any":
        return []
    named = re.findall("%.|[^%]", form, re.DOTALL)
    literals = "".join(part for part in named if part not in _DIRECTIVES).replace("%%", "")
    # A % is left of a directive that the kernel does not know. Beside a digit, it is not clear where a number ends.
    if "%" in literals or any(map(str.isdigit, literals)):
        return []
    parts: list[_TimePart] = []
    for is_directive, together in groupby(named, _DIRECTIVES.__contains__):
        if is_directive:
            numbers = [_DIRECTIVES[part] for part in together]
            # Adjacent numbers must have all their digits: strptime decides how fewer ones are divided.
            parts += numbers if len(numbers) == 1 else [evolve(part, least=part.digits) for part in numbers]
        else:
            text = "".join(together).replace("%%", "%")
            parts += [_TimePart(byte) for byte in _bytes(text)]
    return parts


def _fill_pattern(column: c.Column, field: Field) -> Any:
    """Fill in how a date or time is written; return what is to be kept alive."""
    parts = _time_parts(field.type)
    packed = (c.TimePart * len(parts))(*[c.TimePart(part.byte, part.digits, part.least, part.at) for part in parts])
    column.pattern, column.pattern_count = ctypes.addressof(packed), len(parts)
    column.of_pattern = _TIMES.get(field.type.name, 0)
    return packed
