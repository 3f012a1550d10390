"""One try at validating one version of one object."""

from hashlib import sha256

from attrs import field, frozen

from chalicelib.domain.object_key import ObjectKey

_DIGEST_LENGTH = 15
"""Hex digits that tell one upload's attempts apart: with the longest upload id and a hyphen they make the 80
characters that Step Functions allows in an execution's name."""


def comparable_sequencer(sequencer: str) -> str:
    """Bring an S3 sequencer into a form in which plain text comparison gives the order of events.

    Sequencers of one key are hex strings of different lengths, to be compared after padding the shorter one with
    zeros on the right. Without its trailing zeros a sequencer compares the same, and needs no partner to do so.
    An event without one is older than any that has one.
    """
    return sequencer.upper().rstrip("0")


@frozen(kw_only=True)
class ObjectCreated:
    """What S3 says of an object that arrived: where it is, and which version of it when."""

    bucket: str
    key: str
    """URL-decoded."""
    version_id: str | None = None
    """None in a bucket without versioning."""
    etag: str = ""
    sequencer: str = ""
    """Hex digits; orders the events of one key."""


@frozen(kw_only=True)
class Attempt:
    """The identity of one validation: a version of an object and the event that announced it."""

    object_key: ObjectKey
    bucket: str
    version_id: str | None = None
    etag: str = ""
    sequencer: str = field(default="", converter=comparable_sequencer)

    @classmethod
    def of(cls, created: ObjectCreated) -> "Attempt":
        """Identify the attempt that an event asks for; raises KeyMalformed if its key names no upload."""
        return cls(
            object_key=ObjectKey.parse(created.key),
            bucket=created.bucket,
            version_id=created.version_id,
            etag=created.etag,
            sequencer=created.sequencer,
        )

    @property
    def upload_id(self) -> str:
        """The upload that this is an attempt at."""
        return self.object_key.upload_id

    @property
    def execution_name(self) -> str:
        """The name of the attempt's execution: the same for every delivery of the same event.

        At most 80 characters, all of them allowed in an execution's name.
        """
        identity = (self.bucket, str(self.object_key), self.version_id or self.etag, self.sequencer)
        digest = sha256("\0".join(identity).encode()).hexdigest()
        return f"{self.upload_id}-{digest[:_DIGEST_LENGTH]}"
