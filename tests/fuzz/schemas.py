"""Random schemas: columns of all types with all constraints, with valid and invalid texts for their cells."""

import re
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

from attrs import evolve, frozen

from chalicelib.errors import SchemaInvalid
from chalicelib.validation.checking.cells import faults_of
from chalicelib.validation.schema.table_schema import Field, Schema
from tests.fuzz.json_schemas import json_schema
from tests.fuzz.patterns import pattern
from tests.fuzz.values.by_type import TYPES, neighbours, texts_of
from tests.fuzz.values.json_values import CHOICES, EARLY, NAMED, NUMBERS, ORDER, PARTIAL, UNIQUE, WRITTEN
from tests.fuzz.values.texts import UGLY

_MOST_TEXTS = 120
_MISSING = ("", "NA", "-999", "0", " ", "-", "null", "1", "true", "a,b", '"', "\n", "é", "2024-02-29", "x", "--")
_NAMES = ("id", "name", "é", "a b", "the,date", 'a"b', "Größe", "amount", "x", "y", "z", "😀", "A", "n", "m", "#c")
_STRPTIME: Mapping[str, Sequence[str]] = {
    "date": ("%d/%m/%Y", "%Y%m%d", "%m-%d-%y", "%d.%m.%Y", "%Y-%j", "%d %b %Y", "fmt:%d/%m/%Y", "%d%%%m %Y", "%Y/%m"),
    "time": ("%H:%M", "%H%M%S", "%I:%M %p", "%H:%M:%S.%f", "%M", "%H.%M,%S"),
    "datetime": ("%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y%m%d%H%M%S.%f", "%d,%m,%Y;%H"),
}


@frozen(kw_only=True)
class Column:
    """A column: its descriptor, and texts for its cells. Its name may be the header's label."""

    descriptor: Mapping[str, Any]
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    serial: str | None = None
    """The format by which its cells number the rows, if they do."""

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.descriptor["name"])


@frozen(kw_only=True)
class Table:
    """A schema's descriptor and its columns."""

    descriptor: Mapping[str, Any] | None
    columns: tuple[Column, ...]


def table(rng: Random) -> Table:
    """Generate a schema, sometimes None, and its columns."""
    width = 30 if rng.random() < 0.03 else rng.choice((1, 1, 2, 3, 3, 4, 5, 6, 7, 8))
    names = rng.sample(_NAMES, width) if width <= len(_NAMES) else [f"c{number}" for number in range(width)]
    if rng.random() < 0.04:
        return Table(descriptor=None, columns=tuple(_plain(rng, name) for name in names))
    general: dict[str, Any] = {}
    if rng.random() < 0.25:
        general["missingValues"] = rng.sample(_MISSING, rng.randint(0, 3))
    columns = tuple(_column(rng, name, general) for name in names)
    general["fields"] = [column.descriptor for column in columns]
    if rng.random() < 0.3:
        general["fieldsMatch"] = rng.choice(("exact", "equal", "subset", "superset", "partial"))
    keyed = _add_keys(rng, general, names)
    columns = tuple(_numbered(rng, each, general) if each.name in keyed else each for each in columns)
    return Table(descriptor=general, columns=columns)


def _plain(rng: Random, name: str) -> Column:
    return Column(descriptor={"name": name}, right=("x", "1", "a b", *rng.sample(UGLY, 6)), wrong=())


def _add_keys(rng: Random, general: dict[str, Any], names: Sequence[str]) -> set[str]:
    """Add keys to a schema; return their columns."""
    keyed: set[str] = set()
    numbers = [field["name"] for field in general["fields"] if field.get("type", "any") in _NUMBERABLE]
    likely = numbers if numbers and rng.random() < 0.85 else names

    def some(most: int = 2) -> list[str]:
        chosen = rng.sample(likely, min(len(likely), rng.randint(1, most)))
        keyed.update(chosen)
        return chosen

    if rng.random() < 0.25:
        key = some()
        general["primaryKey"] = key[0] if len(key) == 1 and rng.random() < 0.5 else key
    if rng.random() < 0.12:
        general["uniqueKeys"] = [some() for _ in range(rng.randint(1, 2))]
    if rng.random() < 0.12:
        fields = some()
        referred = rng.sample(names, len(fields)) if rng.random() < 0.5 else fields[::-1]
        keyed.update(referred)
        general["foreignKeys"] = [{"fields": fields, "reference": {"resource": "", "fields": referred}}]
    keyed |= {field["name"] for field in general["fields"] if field.get("constraints", {}).get("unique")}
    return keyed


def _numbered(rng: Random, column: Column, general: Mapping[str, Any]) -> Column:
    """Let most key columns number the rows, where their type allows it, so that not all keys are duplicates."""
    properties = {name: value for name, value in general.items() if name == "missingValues"}
    field = _compiled(column.descriptor, properties)
    if field is None or rng.random() < 0.1:
        return column
    forms = [form for form in _SERIALS if not any(faults_of(form.format(number), field) for number in (7, 12, 3456))]
    return evolve(column, serial=rng.choice(forms) if forms else None)


_SERIALS = ("{}", "{}", "k{}", "{:04}", "{:04}-02", "{:04}-02-28", "{}.50")


# --- columns ----------------------------------------------------------------------------------------------------------


def _column(rng: Random, name: str, general: Mapping[str, Any]) -> Column:
    """Generate a column that usually has valid values."""
    column = _any_column(rng, name, general)
    for _ in range(3):
        if any(column.right) or rng.random() < 0.05:
            break
        column = _any_column(rng, name, general)
    return column


def _any_column(rng: Random, name: str, general: Mapping[str, Any]) -> Column:
    descriptor: dict[str, Any] = {"name": name, **_kind(rng)}
    texts = texts_of(rng, descriptor)
    field = _compiled(descriptor, general)
    known = _values(texts, field)
    constraints = _constraints(rng, descriptor, known, texts) if rng.random() < 0.6 else {}
    if constraints:
        descriptor["constraints"] = constraints
    if rng.random() < 0.2:
        own = [*rng.sample(_MISSING, rng.randint(0, 2)), *rng.sample(known, min(len(known), rng.randint(0, 2)))]
        descriptor["missingValues"] = list(dict.fromkeys(own))
    if descriptor.get("type") in {"string", "integer"} and known and rng.random() < 0.06:
        chosen = rng.sample(known, min(len(known), rng.randint(1, 5)))
        descriptor["categories"] = chosen if rng.random() < 0.5 else [{"value": each, "label": "x"} for each in chosen]
        constraints.pop("enum", None)
    texts += [*descriptor.get("missingValues", ()), *general.get("missingValues", ()), *rng.sample(UGLY, 10)]
    for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        if bound in constraints:
            texts += [str(constraints[bound]), *neighbours(str(constraints[bound]))]
    field = _compiled(descriptor, general)
    if field is None:  # a refused descriptor is a case, too
        return Column(descriptor=descriptor, right=tuple(texts[:5]), wrong=tuple(texts[5:10]))
    texts = list(dict.fromkeys(texts))
    faulty = {text for text in texts if faults_of(text, field)}
    right = [text for text in texts if text not in faulty]
    rng.shuffle(right)
    wrong = sorted(faulty)
    return Column(descriptor=descriptor, right=tuple(right[:_MOST_TEXTS]), wrong=tuple(wrong[:_MOST_TEXTS]))


def _compiled(descriptor: Mapping[str, Any], general: Mapping[str, Any]) -> Field | None:
    try:
        return Schema.from_descriptor({**general, "fields": [descriptor]}).fields[0]
    except SchemaInvalid:
        return None


def _values(texts: Iterable[str], field: Field | None) -> list[str]:
    if field is None:
        return []
    return [text for text in texts if text not in field.missing_values and not faults_of(text, field)]


def _kind(rng: Random) -> dict[str, Any]:
    """Generate a type's descriptor."""
    kind = rng.choice((*TYPES, *TYPES, "string", "string", "integer", "number", "date"))
    made: dict[str, Any] = {"type": kind}
    match kind:
        case "any" if rng.random() < 0.5:
            del made["type"]
        case "string" if rng.random() < 0.5:
            made["format"] = rng.choice(("default", "email", "uri", "uuid", "binary"))
        case "integer" | "number":
            made |= _number_properties(rng, kind)
        case "boolean" if rng.random() < 0.5:
            words = rng.sample(("yes", "no", "Y", "N", "1", "0", "on", "off", "", "a,b", "é", "ja", '"', "."), 4)
            both = words[1:2] if rng.random() < 0.2 else []
            made |= {"trueValues": words[:2], "falseValues": [*both, *words[2 : rng.randint(2, 4)]]}
            if rng.random() < 0.2:
                del made[rng.choice(("trueValues", "falseValues"))]
        case "date" | "time" | "datetime" if rng.random() < 0.45:
            made["format"] = rng.choice((*_STRPTIME[kind], *_STRPTIME[kind], "any"))
        case "list":
            made["delimiter"] = rng.choice((",", ";", " ", "|", "--"))
            made["itemType"] = rng.choice(("string", "integer", "number", "boolean", "date", "time", "datetime"))
        case "geopoint":
            made["format"] = rng.choice(("default", "array", "object"))
        case "geojson" if rng.random() < 0.3:
            made["format"] = "topojson"
    return made


def _number_properties(rng: Random, kind: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if rng.random() < 0.25:
        made["format"] = "decimal"
    if rng.random() < 0.25:
        made["groupChar"] = rng.choice((",", ".", " ", "'", "_", "\xa0", "x"))
    if kind == "number" and rng.random() < 0.25:
        made["decimalChar"] = rng.choice((",", ".", "'", "|", "x", "٫", "^"))
    if rng.random() < 0.2:
        made["bareNumber"] = rng.random() < 0.2
    return made


def _constraints(rng: Random, descriptor: Mapping[str, Any], known: Sequence[str], texts: list[str]) -> dict[str, Any]:
    """Constrain a column, given texts that are values of its type; add texts to try it on."""
    kind = str(descriptor.get("type", "any"))
    made: dict[str, Any] = {}
    if rng.random() < 0.35:
        made["required"] = rng.random() < 0.9
    if rng.random() < (0.15 if kind in _NUMBERABLE else 0.03):
        made["unique"] = True
    if known and rng.random() < 0.15:
        made["enum"] = [_as_json(rng, kind, text) for text in rng.sample(known, min(len(known), rng.randint(1, 6)))]
    if kind in _BOUNDED and known and rng.random() < 0.5:
        for name in rng.sample(
            ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), rng.choice((1, 1, 2, 3))
        ):
            made[name] = _as_json(rng, kind, rng.choice(known))
    if kind in {"string", "array", "object", "list"}:
        if rng.random() < 0.2:
            made["minLength"] = rng.choice((0, 1, 2, 3, 9, 64, 999, 1001, 5000))
        if rng.random() < 0.3:
            made["maxLength"] = rng.choice((0, 1, 2, 5, 9, 12, 64, 299, 300, 1000, 1001, 4000, 10**6))
    if kind == "string" and rng.random() < 0.5:
        shape = pattern(rng)
        made["pattern"] = shape.expression
        texts += [*shape.texts, *shape.texts, *(rng.choice(shape.texts) + rng.choice(UGLY) for _ in range(4))]
    if rng.random() < 0.04:
        made[rng.choice(("enum_multiple", "requierd", "x-check", "minimun"))] = rng.choice((1, True, ["a"], None))
    if kind in {"array", "object"} and rng.random() < 0.4:
        made["jsonSchema"] = json_schema(rng) if rng.random() < 0.5 else rng.choice(_JSON_SCHEMAS[kind])
    return made


_NUMBERABLE = frozenset({"string", "integer", "number", "any"})
_BOUNDED = frozenset({"integer", "number", "date", "time", "datetime", "year", "yearmonth", "duration"})
_JSON_SCHEMAS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "array": (
        *({"items": {"type": "integer"}}, {"maxItems": 2}, {"contains": {"const": 1}}),
        *(CHOICES, NUMBERS, PARTIAL, EARLY, UNIQUE, WRITTEN),
    ),
    "object": (
        *({"required": ["a"]}, {"properties": {"a": {"maximum": 5}}}, {"additionalProperties": False}),
        *(ORDER, ORDER, NAMED),
    ),
}


def _as_json(rng: Random, kind: str, text: str) -> Any:
    """Sometimes convert a value to its JSON form."""
    if kind in {"integer", "year"} and re.fullmatch("-?(0|[1-9][0-9]{0,30})", text) and rng.random() < 0.5:
        return int(text)
    if kind == "number" and re.fullmatch(r"-?[0-9]{1,9}\.[0-9]{1,6}", text) and rng.random() < 0.5:
        return float(text)
    if kind == "boolean" and text in {"true", "false"} and rng.random() < 0.5:
        return text == "true"
    return text
