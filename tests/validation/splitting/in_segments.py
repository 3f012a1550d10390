"""Splits a file as a whole, and segment by segment as it was validated in parts."""

from contextlib import suppress
from typing import Any

from chalicelib.errors import PartsUnsupported, SchemaInvalid
from chalicelib.validation import validate
from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.parts import BytesSource, chained, finish, plan, validate_part
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.dataset_options import refuse_unsplittable
from chalicelib.validation.splitting.segments import Segment, Side, segments, split_segment
from chalicelib.validation.splitting.splitter import split
from tests.validation.parts.trial import Trial


def in_parts(  # noqa: PLR0913 - keywords with defaults
    data: bytes, schema: Any, part_bytes: int, *, dialect: Any = None, engine: Engine | None = None, native: bool = True
) -> tuple[bytes, bytes, list[Segment]] | None:
    """Return the accepted and the rejected rows, and the segments; None if it is not known which are faulty."""
    source = BytesSource(data)
    made = plan(source, schema, dialect=dialect, part_bytes=part_bytes, engine=engine, marks_rows=True)
    reports = list(chained(source, made, [validate_part(source, made, index) for index in range(len(made.ends))]))
    rejected = RowSet()
    report = finish(made, reports, faulty_rows=rejected)
    if report.rejected_rows is None:
        return None
    found = list(segments([(each.exit, each.records) for each in reports], len(data), rejected))
    accepted, refused = bytearray(), bytearray()
    for each in found:
        if each.side is Side.BOTH:
            bits = rejected.bits(each.row, each.rows)
            split_segment(source, made, each, bits, accept=accepted.extend, reject=refused.extend, native=native)
        else:
            side = accepted if each.side is Side.ACCEPTED else refused
            side.extend(data[each.start : each.end])
    return bytes(accepted), bytes(refused), found


def splits_alike(made: Trial, part_bytes: int, *, native: bool) -> bool:
    """Return whether a file is split into the same bytes in parts, if it can be split."""
    declared = made.dialect if made.dialect is not None else (made.schema or {}).get("dialect")
    with suppress(SchemaInvalid, PartsUnsupported):
        dialect = Dialect.from_descriptor(declared)
        refuse_unsplittable(dialect)
        found = in_parts(made.data, made.schema, part_bytes, dialect=made.dialect, engine=made.engine, native=native)
        return found is None or found[:2] == _whole(made, dialect)
    return True


def _whole(made: Trial, dialect: Dialect) -> tuple[bytes, bytes]:
    rejected, accepted, refused = RowSet(), bytearray(), bytearray()
    validate([made.data], made.schema, dialect=made.dialect, engine=made.engine, faulty_rows=rejected)
    split([made.data], dialect, rejected, accept=accepted.extend, reject=refused.extend)
    return bytes(accepted), bytes(refused)
