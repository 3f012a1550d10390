r"""Validates a file in parts, and merges what was found into the report of the whole file.

>>> from chalicelib.validation.parts import BytesSource, finish, plan, chained, validate_part
>>> source = BytesSource(b"id\n1\nx\n3\n")
>>> made = plan(source, {"fields": [{"name": "id", "type": "integer"}]}, part_bytes=2)
>>> reports = [validate_part(source, made, index) for index in range(len(made.ends))]
>>> report = finish(made, chained(source, made, reports))
>>> report.row_count, [(error.row, error.code) for error in report.errors]
(3, [(3, 'type-error')])
"""

from chalicelib.validation.parts.finish import finish
from chalicelib.validation.parts.plan import PART_BYTES, Plan, plan
from chalicelib.validation.parts.report import PartReport
from chalicelib.validation.parts.source import BytesSource, FileSource, OpenFile, PartSource
from chalicelib.validation.parts.validation import chained, validate_part
from chalicelib.validation.parts.wire import packed, packed_apart, unpacked

__all__ = [
    "PART_BYTES",
    "BytesSource",
    "FileSource",
    "OpenFile",
    "PartReport",
    "PartSource",
    "Plan",
    "chained",
    "finish",
    "packed",
    "packed_apart",
    "plan",
    "unpacked",
    "validate_part",
]
