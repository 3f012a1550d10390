"""The benchmarks: the files are the same every time, every contender is measured alike, and the page is complete.

Contenders that need more than is installed here are not run.
"""

import re
from pathlib import Path

import pytest
from attrs import evolve

from chalicelib.validation import validate
from tests.benchmarks import data, prose
from tests.benchmarks.cases import CASES, Case
from tests.benchmarks.chart import chart
from tests.benchmarks.contenders import ASSAY, CONTENDERS, assay, ragged, stdlib
from tests.benchmarks.hard_places import FILES
from tests.benchmarks.measure import Measurement
from tests.benchmarks.page import PAGE, renewed
from tests.benchmarks.results import Comparison, Loading, Results, Series, Splitting, read, write
from tests.benchmarks.tables import TEN_KINDS, ULID, Column, Kind, Table
from tests.benchmarks.verdict import Tally, Verdict, verdict

WELL_FORMED = [case for case in CASES.values() if not case.is_malformed]
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
    """Results from two machines are comparable."""
    once, again = (data.made(recipe, 1, tmp_path / name) for name in ("once", "again"))
    assert once.read_bytes() == again.read_bytes()
    assert 0.99 * data.MEGABYTE < once.stat().st_size <= data.MEGABYTE


def test_files_are_made_once(tmp_path: Path) -> None:
    """An existing file is reused, and files of an older generator are removed."""
    outdated = tmp_path / "clean-1MB-00000000.csv"
    outdated.touch()
    made = data.made("clean", 1, tmp_path)
    assert not outdated.exists()
    made.write_text("kept")
    assert data.made("clean", 1, tmp_path).read_text() == "kept"


@pytest.mark.parametrize("case", WELL_FORMED, ids=lambda case: case.name)
def test_stdlib_and_assay_reach_the_same_verdict(case: Case, tmp_path: Path) -> None:
    """Both check the same rules, and the files contain the errors that they are meant to contain."""
    path = data.made(case.recipe, 1, tmp_path)
    found = assay.check(path, case, 1)
    assert stdlib.check(path, case, 1).differs_from(found) == ""
    assert (found.errors == 0) == (case.name in VALID)


@pytest.mark.parametrize("case", [case for case in CASES.values() if case.is_malformed], ids=lambda case: case.name)
def test_every_row_of_a_malformed_file_is_faulty(case: Case, tmp_path: Path) -> None:
    """Except those at the beginning, by which a reader recognizes the file."""
    found = assay.check(data.made(case.recipe, 1, tmp_path), case, 1)
    assert 0 < found.rows <= found.errors + data.CLEAN_ROWS


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("kind", [*TEN_KINDS, ULID], ids=lambda kind: kind.name)
def test_expressions_accept_what_descriptors_accept(kind: Kind, required: bool) -> None:  # noqa: FBT001 - a parameter
    """A cell is valid for the regular expression exactly if Assay finds it valid."""
    column = Column(name="it", kind=kind, required=required)
    schema = Table(columns=(Column(name="row", kind=kind, required=False), column)).descriptor()
    schema["fields"][0] = {"name": "row"}
    test = (lambda _: True) if column.is_free else stdlib.test_of(column)
    report = validate([b"row,it\n", *(f'{at},"{text}"\n'.encode() for at, text in enumerate(TEXTS))], schema)
    bad = {TEXTS[(error.row or 0) - 2] for error in report.errors}
    assert {text for text in TEXTS if not test(text)} == bad


@pytest.mark.parametrize("difficulty", FILES)
def test_difficult_files_are_invalid(difficulty: str) -> None:
    """Assay rejects each of the difficult files, as the page says."""
    assert not validate([FILES[difficulty]], CASES["clean"].table.descriptor()).valid


def test_rejected_rows_shift_the_numbers_of_the_others() -> None:
    """Of seven rows below the header, the 2nd, 3rd and 6th are rejected."""
    away = [ragged.TurnedAway(row, "") for row in (3, 4, 7)]
    assert list(ragged.rows_of(range(4), away)) == [2, 5, 6, 8]


def test_ragged_rows_count_as_with_table_schema() -> None:
    """A missing required cell is two errors, an extra cell is one."""
    table = CASES["clean"].table
    assert list(ragged.TurnedAway(5, "x,Ada").errors(table)) == [(5, 1), (5, 3), (5, 3), (5, 4), (5, 4)]
    assert list(ragged.TurnedAway(5, "1,Ada,a@b.co,1,2,3").errors(table)) == [(5, 5), (5, 6)]


def test_tally_keeps_the_first_places() -> None:
    """All errors are counted, but only the first places are kept."""
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
def test_difference_of_verdicts_is_described(found: Verdict, difference: str) -> None:
    """Counts are compared first, then the first place."""
    assert found.differs_from(verdict(rows=9, errors=2, places=[(2, 1), (4, 1)])) == difference


def test_chart_leaves_bars_of_other_verdicts_empty() -> None:
    """A speed counts only with the right verdict."""
    drawn = chart(_comparison(stdlib_errors=1), 1)
    assert re.findall(r'rect class="([a-z ]+)"', drawn) == ["paper", "assay", "peer astray"]
    assert re.findall(r'rect class="([a-z ]+)"', chart(_comparison(stdlib_errors=0), 1)) == ["paper", "assay", "peer"]


def test_results_are_kept(tmp_path: Path) -> None:
    """The page can be written again without measuring again."""
    results = Results(
        date="2024-02-29", machine="one", megabytes=1, rounds=1, versions={}, comparison=_comparison(stdlib_errors=1)
    )
    write(results, tmp_path / "results.json")
    assert read(tmp_path / "results.json") == results


def test_only_text_between_markers_changes() -> None:
    """Text outside the markers does not change."""
    page = "# A\n<!-- measured: one -->\nold\n<!-- end -->\nB\n<!-- measured: two -->\n<!-- end -->\n"
    expected = "# A\n<!-- measured: one -->\n1\n<!-- end -->\nB\n<!-- measured: two -->\n2\n<!-- end -->\n"
    assert expected == renewed(page, {"one": "1", "two": "2"})
    assert expected == renewed(expected, {"one": "1", "two": "2"})


def test_speeds_of_splitting_and_loading_are_relative() -> None:
    """Splitting is compared with validating alone, and loading with psql."""
    split = Splitting(case="clean", bytes=10**8, seconds=0.3, split_seconds=0.4, peak_bytes=40 * 10**6)
    assert ["clean", "100", "0.30", "0.40", "0.75", "40"] == _last_row(prose.splitting([split]))
    loaded = Loading(case="clean", bytes=10**8, rows=2_000, seconds=5, copy_seconds=4, ratio=0.8, peak_bytes=60 * 10**6)
    assert ["clean", "100", "2,000", "20", "25", "0.80", "60"] == _last_row(prose.loading([loaded]))


def test_two_processes_are_compared_with_one() -> None:
    """Each line is a file, with how many times as fast two processes are."""
    one = _series(ASSAY.name, 0)
    two = evolve(one, measurements=(evolve(one.measurements[0], seconds=0.25),))
    assert ["clean", "1", "0.50", "0.25", "2.00"] == _last_row(prose.processes([one, two]))


def test_page_is_complete() -> None:
    """No marker of the page is empty."""
    assert not re.search(r"<!-- measured: \w+ -->\s*<!-- end -->", PAGE.read_text())


def _last_row(table: str) -> list[str]:
    return [cell.strip() for cell in table.splitlines()[-1].strip("|").split("|")]


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
