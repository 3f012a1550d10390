"""What a report is about."""

from datetime import datetime

from attrs import frozen


@frozen(kw_only=True)
class Subject:
    """The file that was checked, against which schema and when."""

    name: str
    schema: str
    """The name of its dataset, or what else there is to say of it."""
    checked_at: datetime
    """With its time zone."""
    listing: str
    """The name of the file beside the page that has the errors as lines of JSON."""
