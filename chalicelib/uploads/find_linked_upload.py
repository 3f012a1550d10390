"""Tell whoever has a link what is known of its upload."""

from typing import TypeVar

from attrs import evolve, frozen

from chalicelib.uploads.contracts import AttemptSummary, TimelineEntry, Upload
from chalicelib.uploads.find_upload import FindUpload
from chalicelib.uploads.link_upload import LinkUpload
from chalicelib.uploads.ports import UploadStatusRepository

Step = TypeVar("Step", AttemptSummary, TimelineEntry)


@frozen(kw_only=True)
class FindLinkedUpload:
    """Looks up the upload of a link, and keeps to itself who of ours had to do with it, and in which words."""

    uploads: UploadStatusRepository
    links: LinkUpload

    def __call__(self, token: str) -> Upload:
        """Give what is known of the upload, without names and words of people; raises LinkInvalid or UploadNotFound."""
        upload = FindUpload(uploads=self.uploads)(self.links.open(token))
        return evolve(
            upload,
            attempts=tuple(map(_for_others, upload.attempts)),
            timeline=tuple(map(_for_others, upload.timeline)),
        )


def _for_others(step: Step) -> Step:
    """Leave of `api:arn:aws:iam::123456789012:user/ada` the `api`, and of what Ada gave as her reason nothing.

    The account and its people are nobody else's, and what people write is meant for the audit. The other actors have no
    names and say why in words of ours.
    """
    kind, of, _ = (step.actor or "").partition(":")
    return evolve(step, actor=kind, reason=None) if of else step
