"""The link has expired, or somebody else is to follow an upload."""

from attrs import frozen

from chalicelib.errors import LinksDisabled
from chalicelib.uploads.find_upload import FindUpload
from chalicelib.uploads.link_upload import LinkUpload
from chalicelib.uploads.ports import UploadStatusRepository
from chalicelib.uploads.registration import SignedLink


@frozen(kw_only=True)
class RenewLink:
    """Makes another link to an upload, whatever has become of it so far; those before stay good as long as they are."""

    uploads: UploadStatusRepository
    links: LinkUpload

    def __call__(self, upload_id: str, owner: str | None, address: str) -> SignedLink:
        """Give the link, for whoever knows the API by that URL; raises UploadNotFound and LinksDisabled."""
        upload = FindUpload(uploads=self.uploads)(upload_id, owner)
        link = self.links.link(upload.upload_id, address)
        if link is None:
            raise LinksDisabled("no links are given here: whoever deploys it has to set LINK_SECRET or LINK_SECRET_ARN")
        return link
