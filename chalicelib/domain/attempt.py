"""One try at validating one version of one object."""

from hashlib import sha256

from attrs import frozen

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
    """One validation: of the version of an object that an event announced."""

    created: ObjectCreated
    object_key: ObjectKey

    @classmethod
    def of(cls, created: ObjectCreated) -> "Attempt":
        """Identify the attempt that an event asks for; raises KeyMalformed if its key names no upload."""
        return cls(created=created, object_key=ObjectKey.parse(created.key))

    @property
    def upload_id(self) -> str:
        """The upload that this is an attempt at."""
        return self.object_key.upload_id

    @property
    def sequencer(self) -> str:
        """What orders the attempts at one key, as text."""
        return comparable_sequencer(self.created.sequencer)

    @property
    def execution_name(self) -> str:
        """The name of the attempt's execution: the same for every delivery of the same event.

        At most 80 characters, all of them allowed in an execution's name.
        """
        created = self.created
        identity = (created.bucket, created.key, created.version_id or created.etag, self.sequencer)
        digest = sha256("\0".join(identity).encode()).hexdigest()
        return f"{self.upload_id}-{digest[:_DIGEST_LENGTH]}"
