"""The file that a report describes."""

from datetime import datetime

from attrs import frozen

from chalicelib.validation.reporting.agreement import Agreement


@frozen(kw_only=True)
class ReportSubject:
    """Which file was checked, against which schema, and when."""

    name: str
    schema: str
    """The name of the schema, or that there is none."""
    checked_at: datetime
    """With its time zone."""
    listing: str
    """The name of the file of JSON lines beside the page."""
    agreement: Agreement | None = None
    """What was agreed; None if the file was compared with no schema."""
