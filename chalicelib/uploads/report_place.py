"""Where the full report of an execution is: beside the uploads, and outside of what starts an execution."""

from enum import StrEnum

from attrs import frozen

PREFIX = "reports/"


class Artefact(StrEnum):
    """What a report consists of, by name."""

    PAGE = "report.html"
    """For people; is written last, so that all is there once this is."""
    ERRORS = "errors.jsonl"
    """For programs: an error a line."""


@frozen(kw_only=True)
class ReportPlace:
    """Where one execution writes its report, and no other."""

    bucket: str
    upload_id: str
    execution_name: str

    @property
    def prefix(self) -> str:
        """What the keys of all that belongs to the report begin with."""
        return f"{PREFIX}{self.upload_id}/{self.execution_name}/"

    def key(self, artefact: Artefact) -> str:
        """Give the key of a part of the report."""
        return f"{self.prefix}{artefact}"
