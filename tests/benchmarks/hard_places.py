"""Small files with one difficulty each, which show how exact each contender is."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tests.benchmarks.cases import CASES
from tests.benchmarks.contenders import ASSAY, Contender
from tests.benchmarks.results import HardPlace
from tests.benchmarks.rounds import NotMeasured, measured
from tests.benchmarks.verdict import Verdict

AGREES: Final = "as Assay"
_HEADER: Final = b"id,name,email,amount\n"
_ROW: Final = b"1,Ada,ada@example.com,1.00\n"
_BAD_ROW: Final = b"x,Ada,ada@example.com,1.00\n"

FILES: Mapping[str, bytes] = MappingProxyType(
    {
        "a row too short": _HEADER + _ROW + b"2,Ada\n" + _BAD_ROW,
        "a row too long": _HEADER + _ROW + b"2,Ada,ada@example.com,1.00,more\n" + _BAD_ROW,
        "a row too short after a line break in a cell": _HEADER + b'1,"A\nda",ada@example.com,1.00\n2,Ada\n',
        "an empty line": _HEADER + _ROW + b"\n" + _BAD_ROW,
        'a cell `"A"da`': _HEADER + _ROW + b'2,"A"da,ada@example.com,1.00\n',
        'a cell `A"da`': _HEADER + _ROW + b'2,A"da,ada@example.com,1.00\n',
        "a quote that is never closed": _HEADER + _ROW + b'2,"Ada,ada@example.com,1.00\n' + _ROW * 2,
        "bytes that are not UTF-8": _HEADER + _ROW + b"2,Ad\xe4,ada@example.com,1.00\n",
        "a NUL character": _HEADER + _ROW + b"2,A\0da,ada@example.com,1.00\n",
        "CR in place of LF": (_HEADER + _ROW + _BAD_ROW).replace(b"\n", b"\r"),
        "another label": _HEADER.replace(b"email", b"mail") + _ROW,
        "amounts `1e5`, `NaN` and ` 7`": _HEADER
        + b"".join(_ROW.replace(b"1.00", text) for text in (b"1e5", b"NaN", b" 7")),
    }
)


def try_all(contenders: Sequence[Contender], limit: float) -> Iterator[HardPlace]:
    """Check each file with the first contender of each library."""
    firsts: dict[str, Contender] = {}
    for each in contenders:
        if each.peer != ASSAY.peer:
            firsts.setdefault(each.name.partition(",")[0], each)
    with tempfile.TemporaryDirectory() as directory:
        for difficulty, content in FILES.items():
            path = Path(directory) / "hard.csv"
            path.write_bytes(content)
            true = measured(ASSAY, CASES["clean"], path, limit).verdict
            outcomes = {peer: _outcome(contender, path, true, limit) for peer, contender in firsts.items()}
            yield HardPlace(difficulty=difficulty, outcomes=outcomes)


def _outcome(contender: Contender, path: Path, true: Verdict, limit: float) -> str:
    """Return in a word what a contender makes of a file."""
    try:
        said = measured(contender, CASES["clean"], path, limit).verdict
    except NotMeasured as reason:
        return str(reason).partition(":")[0]
    if not said.differs_from(true):
        return AGREES
    return "other errors" if said.errors else "valid"
