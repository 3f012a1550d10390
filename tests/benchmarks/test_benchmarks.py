"""The benchmarks: the same files every time, the same measure for all, and a page with nothing left open.

Who needs more than is installed here is not run.
"""

import re
from pathlib import Path

import pytest

from chalicelib.validation import validate
from tests.benchmarks import data
from tests.benchmarks.cases import CASES, Case
from tests.benchmarks.chart import chart
from tests.benchmarks.contenders import ASSAY, CONTENDERS, assay, ragged, stdlib
from tests.benchmarks.hard_places import FILES
from tests.benchmarks.measure import Measurement
from tests.benchmarks.page import PAGE, renewed
from tests.benchmarks.results import Comparison, Results, Series, read, write
from tests.benchmarks.tables import TEN_KINDS, ULID, Column, Kind, Table
from tests.benchmarks.verdict import Tally, Verdict, verdict

VALID = {"clean", "quoted", "wide", "sparse", "utf8", "unique", "primary"}
TEXTS = (
    *("", " ", "0", "-7", "+7.", ".5", "1e5", "1E-5", "NaN", "-inf", "+inf", " 7", "7\t", "1_000", "\u0661", "0x1F"),
    *("2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "2024-04-31", "2024-13-01", "2024-2-3", "2024-02-29 "),
    *("2024-01-31T23:59:59Z", "2024-01-31T24:00:00Z", "2024-01-31T24:00:01Z", "2024-01-31T12:00:00.5+14:00"),
    *("2024-01-31T12:00:60Z", "2024-01-31T12:00:00", "2024-01-31 12:00:00Z", "true", "True", "red", "Red", "AB-12345"),
    *("AB-123456", "a@b.co", "a@b.c", "a b@c.de", "a@@b.co", "Ada", "0123456789ABCDEFGHJKMNPQRS", "0" * 25 + "U"),
)


@pytest.mark.parametrize("recipe", sorted({case.recipe for case in CASES.values()}))
def test_files_are_the_same_every_time(recipe: str, tmp_path: Path) -> None:
    """Figures of two machines can be compared."""
    once, again = (data.made(recipe, 1, tmp_path / name) for name in ("once", "again"))
    assert once.read_bytes() == again.read_bytes()
    assert 0.99 * data.MEGABYTE < once.stat().st_size <= data.MEGABYTE


def test_files_are_made_once(tmp_path: Path) -> None:
    """What is there is used, and what an older generator wrote is not left behind."""
    outdated = tmp_path / "clean-1MB-00000000.csv"
    outdated.touch()
    made = data.made("clean", 1, tmp_path)
    assert not outdated.exists()
    made.write_text("kept")
    assert data.made("clean", 1, tmp_path).read_text() == "kept"


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_stdlib_reaches_the_verdict_of_assay(case: Case, tmp_path: Path) -> None:
    """Both are asked the same, and the files are as good or bad as they are said to be."""
    path = data.made(case.recipe, 1, tmp_path)
    found = assay.check(path, case, 1)
    assert stdlib.check(path, case, 1).differs_from(found) == ""
    assert (found.errors == 0) == (case.name in VALID)


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("kind", [*TEN_KINDS, ULID], ids=lambda kind: kind.name)
def test_expressions_are_what_descriptors_say(kind: Kind, required: bool) -> None:  # noqa: FBT001 - a parameter
    """A cell is good for the peers exactly if it is for Assay."""
    column = Column(name="it", kind=kind, required=required)
    schema = Table(columns=(Column(name="row", kind=kind, required=False), column)).descriptor()
    schema["fields"][0] = {"name": "row"}
    test = (lambda _: True) if column.is_free else stdlib.test_of(column)
    report = validate([b"row,it\n", *(f'{at},"{text}"\n'.encode() for at, text in enumerate(TEXTS))], schema)
    bad = {TEXTS[(error.row or 0) - 2] for error in report.errors}
    assert {text for text in TEXTS if not test(text)} == bad


@pytest.mark.parametrize("difficulty", FILES)
def test_hard_places_are_errors(difficulty: str) -> None:
    """The page says so of each."""
    assert not validate([FILES[difficulty]], CASES["clean"].table.descriptor()).valid


def test_rows_that_are_turned_away_shift_the_others() -> None:
    """Of seven rows below the header, the 2nd, 3rd and 6th are turned away."""
    away = [ragged.TurnedAway(row, "") for row in (3, 4, 7)]
    assert list(ragged.rows_of(range(4), away)) == [2, 5, 6, 8]


def test_ragged_rows_count_as_with_table_schema() -> None:
    """A required cell that is missing is two errors, one too many is one."""
    table = CASES["clean"].table
    assert list(ragged.TurnedAway(5, "x,Ada").errors(table)) == [(5, 1), (5, 3), (5, 3), (5, 4), (5, 4)]
    assert list(ragged.TurnedAway(5, "1,Ada,a@b.co,1,2,3").errors(table)) == [(5, 5), (5, 6)]


def test_tally_keeps_the_first_places() -> None:
    """All are counted."""
    tally = Tally()
    for row in range(2, 302):
        tally.add(row, 1)
    found = tally.verdict(rows=300)
    assert (found.errors, len(found.places), found.places[-1]) == (300, 100, (101, 1))


@pytest.mark.parametrize(
    ("found", "difference"),
    [
        (verdict(rows=9, errors=2, places=[(4, 1), (2, 1)]), ""),
        (verdict(rows=9, errors=1, places=[(4, 1)]), "1 errors, not 2; misses the error in row 2, column 1"),
        (verdict(rows=8, errors=2, places=[(2, 1), (4, 1)]), "8 rows, not 9"),
        (verdict(rows=9, errors=2, places=[(2, 1), (3, 2)]), "makes up the error in row 3, column 2"),
        (verdict(rows=9, errors=2, places=[(2, 1), (2, 1)]), "misses the error in row 4, column 1"),
    ],
)
def test_difference_of_verdicts_is_told(found: Verdict, difference: str) -> None:
    """Numbers first, then the first place."""
    assert found.differs_from(verdict(rows=9, errors=2, places=[(2, 1), (4, 1)])) == difference


def test_chart_leaves_bars_of_other_verdicts_empty() -> None:
    """A speed without the verdict is no speed."""
    drawn = chart(_comparison(stdlib_errors=1), 1)
    assert re.findall(r'rect class="([a-z ]+)"', drawn) == ["paper", "assay", "peer astray"]
    assert re.findall(r'rect class="([a-z ]+)"', chart(_comparison(stdlib_errors=0), 1)) == ["paper", "assay", "peer"]


def test_results_are_kept(tmp_path: Path) -> None:
    """The page can be written anew without measuring anew."""
    results = Results(
        date="2024-02-29", machine="one", megabytes=1, rounds=1, versions={}, comparison=_comparison(stdlib_errors=1)
    )
    write(results, tmp_path / "results.json")
    assert read(tmp_path / "results.json") == results


def test_only_what_is_between_markers_is_renewed() -> None:
    """The words of the page are its own."""
    page = "# A\n<!-- measured: one -->\nold\n<!-- end -->\nB\n<!-- measured: two -->\n<!-- end -->\n"
    expected = "# A\n<!-- measured: one -->\n1\n<!-- end -->\nB\n<!-- measured: two -->\n2\n<!-- end -->\n"
    assert expected == renewed(page, {"one": "1", "two": "2"})
    assert expected == renewed(expected, {"one": "1", "two": "2"})


def test_page_has_all_figures() -> None:
    """No place of it waits to be filled."""
    assert not re.search(r"<!-- measured: \w+ -->\s*<!-- end -->", PAGE.read_text())


def _comparison(*, stdlib_errors: int) -> Comparison:
    return Comparison(series=(_series(ASSAY.name, 0), _series(CONTENDERS["stdlib"].name, stdlib_errors)))


def _series(contender: str, errors: int) -> Series:
    measurement = Measurement(
        import_seconds=0.1,
        seconds=0.5,
        cpu_seconds=0.4,
        peak_bytes=20_000_000,
        verdict=verdict(rows=9, errors=errors, places=[]),
    )
    return Series(contender=contender, case="clean", bytes=1_000_000, measurements=(measurement,))
