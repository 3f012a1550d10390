"""The error sink: receives errors with their records."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import pytest
from attrs import evolve

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import ValidationError, validate
from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import position_in_file
from chalicelib.validation.sink import Beginning, FileColumns, Names
from tests.fuzz.cases import ALL, Case, Setting, Trial
from tests.validation.verdicts import schema_of

Taken = tuple[ValidationError, Record | UnreadableRecord | None]

TWO = schema_of({"type": "integer"}, {"constraints": {"unique": True}})


class Basket:
    """A sink that keeps what it takes, up to so much."""

    def __init__(self, room: int = ALL) -> None:
        """Take at most `room` errors."""
        self.room = room
        self.names: Names = ()
        self.taken: list[Taken] = []

    def begin(self, beginning: Beginning) -> None:
        """Ignore the beginning."""

    def set_columns(self, columns: FileColumns) -> None:
        """Keep the names."""
        self.names = columns.names

    def take(self, error: ValidationError, record: Record | UnreadableRecord | None) -> None:
        """Keep an error with its record."""
        self.room -= 1
        self.taken.append((error, record))


def taken(data: bytes, schema: Mapping[str, Any] | None, room: int = ALL, **how: Any) -> list[Taken]:
    """Check a file, and give what a sink of so much room took."""
    basket = Basket(room)
    validate(BytesIO(data), schema, sink=basket, **how)
    return basket.taken


def cells(found: Sequence[Taken]) -> list[Sequence[Any] | None]:
    """Return the cells of each error's record."""
    return [record.cells if isinstance(record, Record) else None for _, record in found]


@pytest.mark.parametrize("how", [{"engine": "reference"}, {"engine": "portable"}, {"block_bytes": 64}])
def test_each_error_comes_with_its_record(how: Mapping[str, Any]) -> None:
    """By each engine, and after any number of rows with the same fault."""
    rows = [f'{row},"x{row},\n\u00fc"' if row % 3 == 0 else f"?{row},y{row}" for row in range(300)]
    found = taken("\n".join(["a,b", *rows, ""]).encode(), TWO, **how)
    assert [[f"?{row}", f"y{row}"] for row in range(300) if row % 3] == [list(each or ()) for each in cells(found)]
    assert [(error.row, error.line) for error, _ in found] == [(it.row, it.line) for _, it in found if it]


def test_columns_are_named_before_their_cells_are_wrong_and_after_the_header_is() -> None:
    """A report can show the name above each wrong cell."""
    calls: list[Any] = []

    class Listener(Basket):
        def set_columns(self, columns: FileColumns) -> None:
            calls.append(tuple(columns.names))

        def take(self, error: ValidationError, record: Record | UnreadableRecord | None) -> None:
            calls.append((error.code, record and record.row))

    validate([b"a,c\nx,\n"], TWO, sink=Listener())
    assert [("incorrect-label", 1), ("a", "b"), ("type-error", 2)] == calls


def test_a_cell_that_is_no_text_comes_with_its_bytes() -> None:
    """As they stand in the file, quotes and all."""
    (_, record), *_ = taken(b'a,b,c,d\n\xff,x\0,"y"z,q"r\n', None)
    assert isinstance(record, Record)
    shown = [getattr(cell, "raw", None) or getattr(cell, "text", None) for cell in record.cells]
    assert [b"\xff", b"x\0", b'"y"z', 'q"r'] == shown


@pytest.mark.parametrize(
    ("data", "beginning"),
    [
        (b'a\n1\n"x\ny\n', b'"x\ny\n'),
        (b'a\n"' + b"x" * 2000, b'"' + b"x" * 1023),
        (b"a\n" + b"x" * 5_000_000 + b"\n1\n", b"x" * 1024),
    ],
)
def test_a_record_that_cannot_be_read_comes_with_its_beginning(data: bytes, beginning: bytes) -> None:
    """The first bytes identify it."""
    ((_, record),) = taken(data, None)
    assert isinstance(record, UnreadableRecord)
    assert beginning == record.beginning


@pytest.mark.parametrize("room", [0, 1, 7, 59])
def test_a_sink_without_room_is_left_alone_and_errors_are_counted_all_the_same(room: int) -> None:
    """The first that there is room for are passed on; the report is the same."""
    data = b"a,b\n" + b"?,x\n" * 30
    basket = Basket(room)
    assert validate([data], TWO) == validate([data], TWO, sink=basket)
    assert taken(data, TWO)[:room] == basket.taken


def test_errors_of_keys_come_last_in_the_order_of_the_file_and_without_records() -> None:
    """The first ones, if there is no room for all."""
    data = b"a,b\n1,x\n2,x\n3,y\n4,y\n?,z\n"
    expected = [(6, "type-error", True), (3, "unique-error", False), (5, "unique-error", False)]
    found = [(error.row, error.code, record is not None) for error, record in taken(data, TWO)]
    assert expected == found
    assert [(error.row, error.code, bool(it)) for error, it in taken(data, TWO, 2)] == expected[:2]


def _outcome(case: Case, setting: Setting) -> tuple[list[ValidationError], list[Any]] | None:
    """Return the errors of a report and those that a sink took; None without a report, or if it is on a file fault."""
    basket = Basket()
    try:
        report = validate(
            BytesIO(case.data),
            case.schema,
            dialect=case.dialect,
            sink=basket,
            **setting.arguments(),
        )
    except SchemaInvalid:
        return None
    return None if report.errors and report.errors[0].row is None else (list(report.errors), basket.taken)


@pytest.mark.parametrize("seed", range(101, 121))
def test_a_sink_takes_the_errors_of_the_report(seed: int) -> None:
    """Of files at random, in blocks of any size; the records are the exact checker's."""
    trial = Trial.of(seed, 300)
    reference = _outcome(trial.case, Setting(engine=Engine.REFERENCE))
    for setting in trial.settings:
        found = _outcome(trial.case, evolve(setting, max_errors=ALL))
        if reference is None or found is None:
            assert reference == found
            continue
        errors, pairs = found
        assert errors == sorted((error for error, _ in pairs), key=position_in_file)
        assert [(error, _readable(it)) for error, it in reference[1]] == [(error, _readable(it)) for error, it in pairs]


def _readable(record: Record | UnreadableRecord | None) -> Any:
    return (record.row, record.line, list(record.cells)) if isinstance(record, Record) else record
