"""A difference between two engines, reduced to a small program that reproduces it."""

import copy
import pprint
import re
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, TypeVar

import attrs
from attrs import evolve, frozen

from chalicelib.validation.fast.engines import Engine
from tests.fuzz.cases import ALL, Case, Outcome, Setting

T = TypeVar("T")

_MOST_BYTES = 3_000
"""Larger files are not reduced byte by byte."""


@frozen(kw_only=True)
class Difference:
    """A case and a setting in which the two paths disagree."""

    case: Case
    setting: Setting

    @property
    def kind(self) -> str | None:
        """How they disagree; None if they agree."""
        return self.case.disagreement(self.setting)

    def program(self) -> str:
        """Write a program that shows it."""
        case, setting = self.case, self.setting
        keywords = "".join(f", {name}={value!r}" for name, value in setting.arguments().items() if name != "engine")
        exact = evolve(setting, engine=Engine.REFERENCE)
        lines = [
            "import io",
            "from chalicelib.validation import validate",
            "",
            f"schema = {pprint.pformat(case.schema, width=110, sort_dicts=False)}",
            f"dialect = {pprint.pformat(case.dialect, width=110, sort_dicts=False)}",
            f"data = ({_literal(case.data)}\n)",
            f"fast = validate(io.BytesIO(data), schema, dialect=dialect{keywords}, engine={setting.engine.value!r})",
            f"exact = validate(io.BytesIO(data), schema, dialect=dialect{keywords}, engine='reference')",
            *(f"# {line}" for line in _apart(case.outcome(setting), case.outcome(exact))),
            "assert exact == fast",
        ]
        return "\n".join(lines)


def _literal(data: bytes) -> str:
    lines = re.findall(rb"[^\n]*\n|[^\n]+", data) or [b""]
    return "".join(f"\n    {line!r}" for line in lines)


def _apart(fast: Outcome, exact: Outcome) -> Iterator[str]:
    """Describe how two outcomes differ."""
    if isinstance(fast, str) or isinstance(exact, str):
        yield f"fast:  {fast if isinstance(fast, str) else 'a report'}"
        yield f"exact: {exact if isinstance(exact, str) else 'a report'}"
        return
    for name in attrs.fields_dict(type(fast)):
        one, other = getattr(fast, name), getattr(exact, name)
        if name == "errors":
            pairs = (pair for pair in zip_longest(one, other) if pair[0] != pair[1])
            one, other = next(pairs, (None, None))
            name = "first error that differs"
        if one != other:
            yield f"{name}, fast:  {one}"
            yield f"{name}, exact: {other}"


def shrunk(difference: Difference, seconds: float) -> Difference:
    """Remove what the difference does not need, for about that many seconds."""
    deadline = time.monotonic() + seconds
    kind = difference.kind
    before = None
    while difference != before and time.monotonic() < deadline:
        before = difference
        for step in (_settings, _lines, _columns, _descriptors, _encodings, _bytes, _letters):
            difference = _taken(difference, step, kind, deadline)
    return difference


def _taken(
    difference: Difference, step: Callable[[Difference], Iterator[Difference]], kind: str | None, deadline: float
) -> Difference:
    """Replace the difference by the first simpler one of the same kind, until there is none."""
    candidates = step(difference)
    while time.monotonic() < deadline and (candidate := next(candidates, None)):
        if candidate.kind == kind:
            difference = candidate
            candidates = step(difference)
    return difference


def _settings(difference: Difference) -> Iterator[Difference]:
    present = difference.setting
    for wanted in (
        Setting(),
        evolve(present, max_errors=ALL),
        evolve(present, block_bytes=None),
    ):
        if wanted != present:
            yield evolve(difference, setting=wanted)


def _with(difference: Difference, **changes: Any) -> Difference:
    return evolve(difference, case=evolve(difference.case, **changes))


def _fewer(items: Sequence[T]) -> Iterator[list[T]]:
    """Yield the items without a half of them, then without a quarter, and so on."""
    size = len(items) // 2
    while size:
        for start in range(len(items) - size, -1, -size):
            yield [*items[:start], *items[start + size :]]
        size //= 2


def _lines(difference: Difference) -> Iterator[Difference]:
    lines = re.findall(_line(_declared(difference.case, "lineTerminator", "")), difference.case.data)
    for kept in _fewer(lines):
        yield _with(difference, data=b"".join(kept))


def _declared(case: Case, name: str, usual: str) -> str:
    """Return a property of the dialect, or its default."""
    dialect = case.dialect or (case.schema or {}).get("dialect") or {}
    return str(dialect.get(name) or usual)


def _line(terminator: str) -> bytes:
    """Return the regular expression of a line."""
    end = re.escape(terminator.encode()) if terminator.strip("\r\n") else rb"\r\n|\r|\n"
    return rb"(?s:.+?)(?:%b)|(?s:.+)|(?:%b)" % (end, end)


def _bytes(difference: Difference) -> Iterator[Difference]:
    if len(difference.case.data) <= _MOST_BYTES:
        for kept in _fewer(difference.case.data):
            yield _with(difference, data=bytes(kept))


def _letters(difference: Difference) -> Iterator[Difference]:
    """Replace characters by plain letters."""
    data = difference.case.data
    if len(data) <= _MOST_BYTES // 10:
        for at, byte in enumerate(data):
            if byte not in b"a0,\n":
                for plain in (b"a", b"0", b"\n"):
                    yield _with(difference, data=data[:at] + plain + data[at + 1 :])


def _columns(difference: Difference) -> Iterator[Difference]:
    """Remove a column from the schema and from the file."""
    schema = difference.case.schema
    delimiter = _declared(difference.case, "delimiter", ",").encode()
    lines = re.findall(rb"[^\r\n]*[\r\n]*", difference.case.data)
    records = [re.fullmatch(rb"([^\r\n]*)([\r\n]*)", line) for line in lines]
    width = max((record[1].count(delimiter) for record in records if record), default=0) + 1
    for position in range(width if width > 1 else 0):
        parts = []
        for record in filter(None, records):
            cells = record[1].split(delimiter)
            parts.append(delimiter.join([*cells[:position], *cells[position + 1 :]]) + record[2])
        data = b"".join(parts)
        if schema is None:
            yield _with(difference, data=data)
        elif position < len(schema.get("fields", ())):
            fields = [*schema["fields"][:position], *schema["fields"][position + 1 :]]
            yield _with(difference, data=data, schema={**schema, "fields": fields})


def _descriptors(difference: Difference) -> Iterator[Difference]:
    """Remove properties from the schema or from the dialect."""
    case = difference.case
    if case.dialect is not None:
        yield _with(difference, dialect=None)
        for simpler in _simpler(dict(case.dialect)):
            yield _with(difference, dialect=simpler)
    if case.schema is not None:
        yield _with(difference, schema=None)
        for simpler in _simpler(dict(case.schema)):
            yield _with(difference, schema=simpler)


def _simpler(descriptor: Any) -> Iterator[Any]:
    """Yield the descriptor without one of its parts, larger parts first."""
    for path in sorted(_paths(descriptor), key=len):
        changed = copy.deepcopy(descriptor)
        place = changed
        for key in path[:-1]:
            place = place[key]
        del place[path[-1]]
        yield changed


def _paths(value: Any) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (key,)
        yield from ((key, *rest) for rest in _paths(member))


def _encodings(difference: Difference) -> Iterator[Difference]:
    """Encode the file in UTF-8."""
    dialect = dict(difference.case.dialect or {})
    encoding = str(dialect.pop("encoding", "utf-8"))
    if encoding not in {"utf-8", "utf-8-sig"}:
        text = difference.case.data.decode(encoding, errors="replace")
        yield _with(difference, data=text.encode(errors="replace"), dialect=dialect)
