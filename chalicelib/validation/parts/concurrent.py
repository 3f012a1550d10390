"""Validates a file in parts, in several processes at once."""

import mmap
from collections.abc import Callable, Iterator, Sequence
from struct import Struct

from attrs import evolve

from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.fast.native.key_log import KeyFile
from chalicelib.validation.fast.native.keys import key_files
from chalicelib.validation.parts.finish import finish
from chalicelib.validation.parts.plan import Plan
from chalicelib.validation.parts.report import PartReport
from chalicelib.validation.parts.source import PartSource
from chalicelib.validation.parts.validation import PartValidator, Room, chained
from chalicelib.validation.parts.wire import packed, unpacked
from chalicelib.validation.processes import Pause, in_order
from chalicelib.validation.reading.source import BLOCK_BYTES
from chalicelib.validation.report import Fault, ValidationReport
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.sink import ErrorSink

FIRST_PART_BYTES = 256 * 1024
"""The size of the first part and, if a sink receives the errors, of all that begin in the first `_FILLED_BYTES`."""
_FILLED_BYTES = 16 * 1024 * 1024
"""Where a file full of errors fills a sink."""
LEAST_PART_BYTES = 2 * 1024 * 1024
"""The size of the last parts."""
MOST_PART_BYTES = 32 * 1024 * 1024
"""Larger parts would save no time."""
_DIVISOR = 2
"""A part is what each process has still to validate, divided by this, so that all end at about the same time."""

_ROOM = Struct("=QQ")

Watch = Callable[[int, int], None]
"""Is called now and then with the number of errors so far, and of bytes that were read, of the whole file."""


def validate(  # noqa: PLR0913 - the arguments of `finish`, and two more
    source: PartSource,
    plan: Plan,
    processes: int,
    *,
    watch: Watch | None = None,
    sink: ErrorSink | None = None,
    faulty_rows: RowSet | None = None,
    final_check: Callable[[int], Fault | None] | None = None,
) -> ValidationReport:
    """Return the report of a file, by this process and forks of it.

    The file behind the first part of the plan is divided for them.
    """
    # glibc returns memory to the system at the end of each part, unless a larger block has been freed before.
    bytes(8 * BLOCK_BYTES)
    divided = evolve(plan, ends=_ends(plan, processes))
    files = key_files(divided.columns) if divided.engine is Engine.NATIVE and divided.ends else ()
    parts = _Parts(source, divided, watch, sink, files)
    with in_order(parts.validate, len(divided.ends), processes, pack=packed, unpack=unpacked) as reports:
        return finish(
            divided,
            parts.absorbed(chained(source, divided, parts.counted(reports))),
            sink=sink,
            faulty_rows=faulty_rows,
            final_check=final_check,
            processes=processes,
            files=files,
        )


def _ends(plan: Plan, processes: int) -> Sequence[int]:
    """Return the ends of parts that become smaller towards the end of the file."""
    if not plan.ends:
        return ()
    ends, at = [], plan.ends[0]
    while at < plan.size:
        ends.append(at)
        size = max(min((plan.size - at) // (_DIVISOR * processes), MOST_PART_BYTES), LEAST_PART_BYTES)
        # What a sink has room for is known when the parts before have been taken: where it is filled, parts are small.
        at += min(size, FIRST_PART_BYTES) if plan.lists_entries and at < _FILLED_BYTES else size
    return (*ends, plan.size)


class _Parts:
    """The parts of a file, and how much of them is done."""

    def __init__(
        self,
        source: PartSource,
        plan: Plan,
        watch: Watch | None,
        sink: ErrorSink | None,
        files: Sequence[KeyFile],
    ) -> None:
        self._plan = plan
        self._validator = PartValidator(source, plan, files=files)
        self._watch = watch
        self._sink = sink
        self._room = mmap.mmap(-1, _ROOM.size)
        """For how many errors the report and the sink have room: memory that the forks share."""
        self._note_room(0)
        self._counted: set[int] = set()
        self._error_count = 0
        self._read_bytes = plan.start.offset

    def validate(self, index: int, pause: Pause | None) -> PartReport:
        """Validate a part, in this process or in a fork, which has no pause."""
        errors, entries = _ROOM.unpack(self._room[:])
        room = Room(errors=errors, entries=entries)
        if pause is None:
            return self._validator.validate(index, room=room)
        start, end = self._plan.range(index)

        def noted(read_bytes: int, count_errors: Callable[[], int]) -> None:
            pause()
            if self._watch:
                self._watch(self._error_count + count_errors(), self._read_bytes + min(read_bytes, end - start))

        report = self._validator.validate(index, room=room, watch=noted)
        self._count(index, report)
        return report

    def counted(self, reports: Iterator[PartReport]) -> Iterator[PartReport]:
        """Iterate over the reports of all parts, and note what has become of each."""
        for index, report in enumerate(reports):
            if index not in self._counted:
                self._count(index, report)
            yield report

    def absorbed(self, reports: Iterator[PartReport]) -> Iterator[PartReport]:
        """Iterate over the reports that are right, and note how much room each has left to the next ones."""
        error_count = 0
        for report in reports:
            yield report
            error_count += report.error_count
            self._note_room(error_count)

    def _note_room(self, error_count: int) -> None:
        """Note how many errors the parts had that have been taken, in order."""
        room = max(self._plan.max_errors - error_count, 0)
        self._room[:] = _ROOM.pack(room, self._sink.room if self._sink else 0)

    def _count(self, index: int, report: PartReport) -> None:
        start, end = self._plan.range(index)
        self._counted.add(index)
        self._error_count += report.error_count
        self._read_bytes += end - start
        if self._watch:
            self._watch(self._error_count, self._read_bytes)
