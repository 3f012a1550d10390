"""Tell whether Assay can do its job."""

from attrs import frozen

from chalicelib.uploads.contracts import Health
from chalicelib.uploads.ports import UploadStatusRepository


@frozen(kw_only=True)
class CheckHealth:
    """Asks the parts that everything depends on."""

    uploads: UploadStatusRepository

    def __call__(self) -> Health:
        """Say that all is well; raises DatabaseUnavailable if it is not."""
        self.uploads.ping()
        return Health(status="ok", database="ok")
