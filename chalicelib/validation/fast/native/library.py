"""Loads the compiled kernel, and declares its structures as `kernel.c` does."""

import ctypes
import os
import platform
from ctypes import POINTER, c_char_p, c_int, c_uint8, c_uint64, c_void_p
from ctypes import c_int64 as i64
from ctypes import c_uint64 as u64
from functools import cache
from pathlib import Path

from chalicelib.validation.checking.key_entries import ENTRY, PARTITIONS
from chalicelib.validation.fast.native import kernel_files

LEVEL_VARIABLE = "ASSAY_NATIVE_LEVEL"
"""An environment variable that names the implementation: avx2, neon or plain."""

VALUE, MISSING, FIRST_FAULT = range(3)
TEXT_AFTER_QUOTE, SPACE_AFTER_QUOTE, SPACE_BEFORE_QUOTE, STRAY_QUOTE = range(24, 28)
NOT_DECODED, HAS_NUL, ASK, RECHECK, LABELS = range(28, 33)
FREE, PLAIN, SHIFTS, LAYERED, SHUFFLES = range(5)
KNOWN, NONE, FAULTY, UNASKED = range(4)
IS_OBJECT, IS_ARRAY = 1, 2
TOO_FEW, TOO_MANY, UNFIT, UNLISTED, JSON_FAULTS = 1, 2, 4, 8, 16
OF_STRING, OF_NUMBER, OF_WORD, OF_ARRAY, OF_OBJECT, OF_MEMBER, OF_OTHER, OF_DATE, OF_MOMENT, OF_TIME = range(1, 11)
ENDLESS = 2**64 - 1
AS_TEXT, AS_INTEGER, AS_JSON, AS_NUMBER, AS_PATTERN, AS_MOMENT = range(6)
AS_MONTH, AS_NUMBERS, AS_TEXTS, AS_BOOLEAN, AS_PYTHON_DOES = range(6, 11)
UNJUDGED_CELL, UNNOTED_KEYS, FAULTY_CELL, SHORT_RECORD, LONG_RECORD, BLANK_RECORD = range(6)
QUOTED, DOUBLED, ESCAPED, TEXT_AFTER, STRAY = 1, 2, 4, 8, 16
NEEDS_DATA, NEEDS_ROOM, NEEDS_REFERENCE = range(3)
PADDING = 128
SORTED_CELLS = 34 * 1024
EVENT = "=QQIIIIiIII"
"""Row, line, start, length, start of the cell, its length, column, kind, flags, detail."""
MOST_STRETCHES = 4096
ENTRY_BYTES = ENTRY.size
MEMO_BYTES = 24
MEMO_WAYS = 4
"""How many memos form a set. A column has one set or more."""
QUAD = 4
"""How many bytes an automaton reads at once."""
CELL_BYTES = 16
KEY_CELL_BYTES = 48


def _members(kind: type, *names: str) -> list[tuple[str, type]]:
    return [(name, kind) for name in names]


class Column(ctypes.Structure):
    """How the cells of a column are judged."""

    _fields_ = (
        *_members(u64, "kind"),
        ("rows", c_void_p * 2),
        ("pairs", c_void_p),
        ("layered", c_void_p),
        ("class_of", c_void_p * 2),
        ("last", c_void_p),
        *_members(u64, "layers", "stride", "start"),
        *_members(c_void_p, "next", "ascii", "label", "points", "kind_of"),
        *_members(u64, "points_count", "kinds", "least", "most"),
        *_members(c_uint8 * LABELS, "too_short", "too_long"),
        *_members(u64, "empty", "faults"),
        ("to_key", c_uint8 * LABELS),
        *_members(i64, "key_column", "memo"),
        *_members(u64, "is_json", "json", "wrong_json", "least_parts", "most_parts"),
        ("shapes", c_void_p),
        ("shape", u64),
        ("listed", c_void_p),
        ("listed_count", u64),
        ("of_json", c_uint8 * JSON_FAULTS),
        ("words", c_void_p),
        ("words_count", u64),
        ("pattern", c_void_p),
        *_members(u64, "pattern_count", "of_pattern", "separator"),
    )


class Pairs(ctypes.Structure):
    """What each two bytes do to the states of a column's automaton."""

    _fields_ = (("cells_before", u64), ("is_filled", u64 * 2), ("unused", u64 * 5), ("rows", u64 * 65_536 * 2))


class TimePart(ctypes.Structure):
    """A part of a date or time in a key."""

    _fields_ = (*_members(u64, "byte", "digits", "least", "at"),)


class Name(ctypes.Structure):
    """The name of a member and its shape, or a string that is allowed."""

    _fields_ = (("text", c_void_p), *_members(u64, "length", "shape", "bit"))


class Limit(ctypes.Structure):
    """A limit of numbers."""

    _fields_ = (("text", c_void_p), *_members(u64, "length", "is_exclusive"))


class Shape(ctypes.Structure):
    """What a part of a JSON value must be."""

    _fields_ = (
        ("combination", u64),
        ("parts", c_void_p),
        *_members(u64, "parts_count", "kinds", "is_partial"),
        ("names", c_void_p),
        ("names_count", u64),
        ("chooser", c_void_p),
        *_members(u64, "required", "others", "items"),
        *_members(u64, "least_members", "most_members", "least_items", "most_items", "least_length", "most_length"),
        *_members(u64, "is_even", "is_closed", "is_unique"),
        *_members(c_void_p, "texts", "numbers"),
        *_members(u64, "has_texts", "texts_count", "has_numbers", "numbers_count"),
        *(("lower", Limit), ("upper", Limit)),
        *_members(u64, "is_written", "step", "step_decimals"),
        *_members(c_void_p, "pattern", "patterns"),
        *_members(u64, "patterns_count", "name_shape"),
    )


class NamePattern(ctypes.Structure):
    """An automaton of names, and the shape of members with such a name."""

    _fields_ = (("names", c_void_p), ("shape", u64))


class KeyPart(ctypes.Structure):
    """One column of a key."""

    _fields_ = tuple(_members(u64, "key_column", "encoding"))


class Key(ctypes.Structure):
    """The columns of a key, and the values that a scan noted."""

    _fields_ = (
        ("parts_count", u64),
        ("parts", POINTER(KeyPart)),
        ("entries", c_void_p),
        ("entries_count", u64),
        ("stretches", c_void_p),
        ("stretches_count", u64),
    )


class Scan(ctypes.Structure):
    """The table, limits, findings and memory of one scan."""

    _fields_ = (
        *_members(u64, "delimiter", "quote", "escape", "terminator"),
        *_members(u64, "doubles_quote", "skips_space", "skips_blank", "comment_length"),
        ("comment", c_char_p),
        ("class_of", c_uint8 * 256),
        ("columns_count", u64),
        ("columns", POINTER(Column)),
        ("keys_count", u64),
        ("keys", POINTER(Key)),
        ("key_columns_count", u64),
        ("key_columns", c_void_p),
        ("key_cells", c_void_p),
        ("secret", u64 * 2),
        *_members(u64, "record_bytes", "chunk", "emits", "most_events", "events_cap", "entries_cap"),
        *_members(u64, "rows", "table_rows", "lines", "status", "blank_rows", "extra_cells"),
        *_members(c_void_p, "counts", "short_rows", "faulty", "events"),
        ("events_count", u64),
        ("memos", c_void_p),
        ("memo_slots", u64),
        *_members(c_void_p, "separators", "ends", "first", "row_of", "line_of", "codes", "has_doubled"),
        *_members(c_void_p, "key_codes", "sorted", "usual", "cells", "labels"),
        *_members(u64, "cells_count", "has_text", "is_clean"),
        *_members(c_void_p, "text", "digests"),
    )


class KeyLog(ctypes.Structure):
    """The values of one key in a whole file."""

    _fields_ = (
        ("file", i64),
        ("error", u64),
        ("secret", u64 * 2),
        *_members(u64, "noted", "is_stretched", "stretches_count"),
        *_members(c_void_p, "stretches", "buffer"),
        *_members(u64, "used", "most"),
        ("sorted", c_void_p),
        ("is_sorted", u64),
        ("file_size", c_void_p),
        ("last_run", u64),
        ("in_runs", u64 * PARTITIONS),
        *_members(u64, "finer", "first_kept", "end_kept"),
    )


class Run(ctypes.Structure):
    """What precedes the keys of a run in the temporary file."""

    _fields_ = (*_members(u64, "before", "row", "line"), ("starts", u64 * (PARTITIONS + 1)))


class FirstRows(ctypes.Structure):
    """The first rows with a faulty key, and their lines; bits of all such rows, and of those that are left out."""

    _fields_ = (*_members(u64, "count", "most", "share", "shares"), *_members(c_void_p, "at", "marks", "rejected"))


class Division(ctypes.Structure):
    """Which records are rejected, a bit each, and buffers for the accepted and for the rejected ones."""

    _fields_ = (
        ("bits", c_char_p),
        *_members(c_void_p, "accepted", "rejected"),
        *_members(u64, "accepted_size", "rejected_size"),
    )


FUNCTIONS = {
    "divide": (u64, (POINTER(Scan), c_void_p, u64, u64, POINTER(Division))),
    "scan": (u64, (POINTER(Scan), c_void_p, u64, u64)),
    "scan_one": (u64, (POINTER(Scan), c_void_p, u64, u64)),
    "remember": (None, (POINTER(Scan), u64, c_char_p, u64, u64)),
    "digest_of": (None, (c_void_p, c_char_p, u64, c_void_p)),
    "keys_absorb": (None, (POINTER(KeyLog), POINTER(Key), u64, u64)),
    "keys_add_number": (None, (POINTER(KeyLog), u64, u64, u64)),
    "keys_add_digest": (None, (POINTER(KeyLog), c_void_p, u64, u64)),
    "keys_write_out": (None, (POINTER(KeyLog),)),
    "keys_hand_over": (u64, (POINTER(KeyLog),)),
    "keys_absorb_runs": (None, (POINTER(KeyLog), u64, u64, u64)),
    "keys_entries": (u64, (POINTER(KeyLog), u64, c_void_p)),
    "entries_of": (u64, (c_void_p, u64, u64, u64, c_void_p)),
    "keys_are_apart": (c_int, (POINTER(KeyLog),)),
    "keys_repeated": (u64, (POINTER(KeyLog), POINTER(FirstRows))),
    "keys_dangling": (u64, (POINTER(KeyLog), POINTER(KeyLog), POINTER(FirstRows))),
    "implementation": (c_char_p, ()),
    "fingerprint": (c_char_p, ()),
    "has_avx2": (c_int, ()),
    "size_of_scan": (c_uint64, ()),
    "size_of_column": (c_uint64, ()),
    "size_of_pairs": (c_uint64, ()),
    "size_of_key": (c_uint64, ()),
    "size_of_shape": (c_uint64, ()),
    "size_of_key_log": (c_uint64, ()),
    "size_of_run": (c_uint64, ()),
    "size_of_time_part": (c_uint64, ()),
}
"""All functions that the kernel exports: their results and arguments."""
_SIZES = {
    "size_of_scan": Scan,
    "size_of_column": Column,
    "size_of_pairs": Pairs,
    "size_of_key": Key,
    "size_of_shape": Shape,
    "size_of_key_log": KeyLog,
    "size_of_run": Run,
    "size_of_time_part": TimePart,
}


@cache
def library(level: str | None = None) -> ctypes.CDLL | None:
    """Load the fastest build that this machine can run, or that of a level; None if there is none."""
    machine = platform.machine()
    level = level or os.environ.get(LEVEL_VARIABLE)
    if level is not None:
        return _loaded(kernel_files.built_path(level, machine))
    plain = _loaded(kernel_files.built_path("neon" if machine == "aarch64" else "plain", machine))
    if plain is not None and plain.has_avx2():
        return _loaded(kernel_files.built_path("avx2", machine)) or plain
    return plain


def _loaded(path: Path) -> ctypes.CDLL | None:
    """Load a build; None if it does not exist or was made from another source."""
    try:
        loaded = ctypes.CDLL(str(path))
    except OSError:
        return None
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(loaded, name, None)
        if function is None:
            return None
        function.restype, function.argtypes = result, arguments
    if loaded.fingerprint() != kernel_files.fingerprint().encode():
        return None
    for name, structure in _SIZES.items():
        if getattr(loaded, name)() != ctypes.sizeof(structure):
            raise AssertionError(f"kernel.c and library.py disagree about {structure.__name__}")
    return loaded
