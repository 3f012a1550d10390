"""Tell of many uploads."""

from attrs import evolve, frozen

from chalicelib.uploads.listing import UploadPage, UploadQuery
from chalicelib.uploads.ports import UploadStatusRepository


@frozen(kw_only=True)
class ListUploads:
    """Pages through the uploads."""

    uploads: UploadStatusRepository

    def __call__(self, query: UploadQuery, owner: str | None = None) -> UploadPage:
        """Give the page that is asked for; nothing of anybody else's, if an owner is given."""
        if owner is None:
            return self.uploads.page(query)
        if query.owner not in {None, owner}:
            return UploadPage(uploads=(), next=None)
        return self.uploads.page(evolve(query, owner=owner))
