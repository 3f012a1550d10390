"""The full report on a file: its errors as JSON lines, and a page that a person can open.

It holds what is in the file's cells, so whoever keeps it keeps it as private as the file.
"""

from chalicelib.validation.reporting.report import MOST_LINE_BYTES, MOST_LINES, FullReport
from chalicelib.validation.reporting.subject import Subject

__all__ = ["MOST_LINES", "MOST_LINE_BYTES", "FullReport", "Subject"]
