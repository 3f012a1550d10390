"""What became of one file on the command line."""

from enum import IntEnum

from attrs import frozen

from chalicelib.validation.report import ValidationReport


class ExitCode(IntEnum):
    """The exit codes, from best to worst; of several files, the worst counts."""

    VALID = 0
    INVALID = 1
    NOT_CHECKED = 2
    """The file could not be checked: it is missing, or the schema is wrong."""
    INTERRUPTED = 130
    OUTPUT_CLOSED = 141
    """Standard output was closed before everything was written, as by `head`."""


@frozen(kw_only=True)
class Outcome:
    """The report on a file, or why there is none."""

    file: str
    schema: str
    """The name or path of the schema that the file was checked against."""
    report: ValidationReport | None = None
    reason: str = ""
    """Why the file could not be checked, if there is no report."""

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of this file alone."""
        if self.report is None:
            return ExitCode.NOT_CHECKED
        return ExitCode.VALID if self.report.valid else ExitCode.INVALID
