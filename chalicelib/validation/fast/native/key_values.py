"""How the kernel writes the values of a field as parts of keys."""

import ctypes
from decimal import Decimal
from typing import Any

from chalicelib.validation.fast.native import library as c
from chalicelib.validation.schema.field_types.field_type import texts_as_keys
from chalicelib.validation.schema.table_schema import Field

_ENCODINGS = {
    "boolean": c.AS_BOOLEAN,
    "date": c.AS_DATE,
    "datetime": c.AS_MOMENT,
    "geopoint": c.AS_NUMBERS,
    "time": c.AS_TIME,
    "yearmonth": c.AS_MONTH,
}
"""How values of these types, in the default format, are written as part of a key."""


def encoding(field: Field | None) -> int:
    """Return how a field's values are written as part of a key."""
    if field is None or field.type.keys is texts_as_keys:
        return c.AS_TEXT
    kind = field.type
    if kind.keys is not None or kind.name == "year":
        return c.AS_INTEGER
    if kind.is_plain_json:
        return c.AS_JSON
    if kind.name == "number" and kind.parse("1.5") == Decimal("1.5"):  # with the usual marks
        return c.AS_NUMBER
    if kind.name == "list":
        items = kind.parse("1,2")
        return c.AS_TEXTS if items == ["1", "2"] else c.AS_NUMBERS if items == [1, 2] else c.AS_PYTHON_DOES
    return _ENCODINGS.get(kind.name, c.AS_PYTHON_DOES) if kind.format == "default" else c.AS_PYTHON_DOES


def fill_words(column: c.Column, field: Field | None) -> list[Any]:
    """Fill in the words of a boolean; return what is to be kept alive."""
    if field is None:
        return []
    meanings = {word.encode(errors="surrogatepass"): meaning for word, meaning in field.type.words.items()}
    texts = [(word, ctypes.create_string_buffer(word)) for word in sorted(meanings, key=lambda word: (len(word), word))]
    words = (c.Name * len(texts))()
    for at, (word, text) in enumerate(texts):
        words[at] = c.Name(ctypes.addressof(text), len(word), 0, meanings[word])
    column.words, column.words_count = ctypes.addressof(words), len(words)
    return [words, texts]
