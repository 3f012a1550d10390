"""Tell whoever has a link what is known of its upload."""

from attrs import evolve, frozen

from chalicelib.domain.contracts import Upload
from chalicelib.domain.ports import UploadStatusRepository
from chalicelib.usecases.find_upload import FindUpload
from chalicelib.usecases.link_upload import LinkUpload


@frozen(kw_only=True)
class FindLinkedUpload:
    """Looks up the upload of a link, and keeps to itself who of ours had to do with it."""

    uploads: UploadStatusRepository
    links: LinkUpload

    def __call__(self, token: str) -> Upload:
        """Give what is known of the upload, of actors but the kind; raises LinkInvalid or UploadNotFound."""
        upload = FindUpload(uploads=self.uploads)(self.links.open(token))
        return evolve(
            upload,
            attempts=tuple(evolve(it, actor=_kind(it.actor)) for it in upload.attempts),
            timeline=tuple(evolve(it, actor=_kind(it.actor)) for it in upload.timeline),
        )


def _kind(actor: str | None) -> str | None:
    """Leave of `api:arn:aws:iam::123456789012:user/ada` the `api`: the account and its people are nobody else's."""
    return None if actor is None else actor.partition(":")[0]
