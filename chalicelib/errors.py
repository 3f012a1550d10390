"""Every reason for which Assay could not do its job.

A file that breaks its schema is no exception: that is a verdict, and a value. These are::

    AssayError
    ├── KeyMalformed            the object's key names no upload
    ├── UploadIdTaken           the upload id belongs to another object
    ├── RequestMalformed        a payload does not have its contract's shape
    ├── FieldInvalid            a contract's field cannot have this value
    ├── SettingsIncomplete      the environment lacks what the function needs
    ├── SchemaInvalid           the schema breaks the Table Schema specification
    ├── SampleUnusable          a sample file tells nothing about its schema
    ├── SchemaUnknown           no schema goes by that name
    ├── UploadNotFound          no upload has that id
    ├── OwnerUnknown            nothing tells who asks, and so what they may see
    ├── LinkInvalid             a link is none of ours, or has expired
    ├── LinksDisabled           a link is asked for, and no secret is set to sign it with
    ├── AttemptOver             nothing is wrong but that it is late: the attempt is over
    │   ├── AttemptSuperseded   a newer attempt has taken this one's place
    │   └── AttemptSettled      the attempt was given its end, for its execution had none
    ├── UploadUnregistered      an upload's next file is to be sent, and nobody said for which dataset
    ├── NothingToValidate       no object has arrived for the upload yet
    ├── TransitionIllegal       the upload's status does not allow the next one
    ├── ObjectVanished          the object, or that version of it, is gone
    ├── ObjectForbidden         S3 does not let us read or write the object
    ├── ReportUnavailable       the upload's present attempt has no full report
    ├── PageFileUnknown         the page has no file of that name
    ├── ValueUnstorable         PostgreSQL cannot store a value
    ├── TemporarySpaceFull      a file's keys do not fit into the temporary directory
    ├── MigrationsDiverged      the database and this release disagree on its history
    ├── Unforeseen              something that nobody had thought of
    └── Unavailable             try again later: nothing is wrong but the moment
        ├── StorageUnavailable
        ├── DatabaseUnavailable
        ├── ExecutionsUnavailable
        ├── EventsUnavailable
        └── SecretsUnavailable

Step Functions knows an exception by its class name alone. The state machine's `Retry` and `Catch` name these
classes, so renaming one is a change of contract; a test compares the two.
"""


class AssayError(Exception):
    """Assay could not do what it was asked to."""


class KeyMalformed(AssayError):
    """The object's key does not have the form `uploads/{owner}/{uploadId}/{filename}`."""


class UploadIdTaken(AssayError):
    """An object claims the upload id that another object already has."""


class RequestMalformed(AssayError):
    """A payload does not have the shape of its contract; the message gives the path of the field."""


class FieldInvalid(AssayError, ValueError):
    """A contract's field cannot have the value that it was given."""

    def __init__(self, field: str, reason: str) -> None:
        """Name the field as its class does."""
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class SettingsIncomplete(AssayError):
    """The environment lacks settings that Assay cannot run without; the message names them all."""


class SchemaInvalid(AssayError):
    """A schema breaks the Table Schema specification; the message gives the path in the descriptor."""


class SampleUnusable(AssayError):
    """A schema cannot be proposed from a file that has nothing to go by."""


class SchemaUnknown(AssayError):
    """No schema goes by the name that the upload asks for; the message lists the names that exist."""


class UploadNotFound(AssayError):
    """No upload has this id."""


class OwnerUnknown(AssayError):
    """The request's token has no claim that says whose uploads may be seen."""


class LinkInvalid(AssayError):
    """A link has not been signed by us, or has expired."""


class LinksDisabled(AssayError):
    """A link is asked for where no secret is set to sign links with."""


class AttemptOver(AssayError):
    """What an attempt has come to is no longer asked for: that happens, and is nobody's fault."""


class AttemptSuperseded(AttemptOver):
    """The verdict is about an attempt that a newer one has replaced."""


class AttemptSettled(AttemptOver):
    """The verdict is late: its execution was over, and the attempt has been given its end without it."""


class UploadUnregistered(AssayError):
    """A form is asked for, and the upload came without being registered: nobody knows the dataset of its next file."""


class NothingToValidate(AssayError):
    """An attempt is asked for at an upload for which no object has arrived yet."""


class TransitionIllegal(AssayError):
    """The upload's present status may not be followed by the one asked for."""


class ObjectVanished(AssayError):
    """The object, or the version of it that was uploaded, is no longer in the bucket."""


class ObjectForbidden(AssayError):
    """S3 refuses to let us read or write the object: a policy or a key is missing."""


class ReportUnavailable(AssayError):
    """The present attempt has no full report: it is not done, failed, could not write one, or that has expired."""


class PageFileUnknown(AssayError):
    """The page has no file of this name."""


class ValueUnstorable(AssayError):
    """PostgreSQL cannot store a value: it is no text, or out of range."""


class TemporarySpaceFull(AssayError):
    """The keys of a file's rows do not fit into the temporary directory."""


class MigrationsDiverged(AssayError):
    """The database has run a migration that this release does not have, or has in other words."""


class Unforeseen(AssayError):
    """Something happened that nobody had thought of: a bug; the message has the kind of exception, not its words."""


class Unavailable(AssayError):
    """A part that we depend on does not answer at the moment; trying again may help."""


class StorageUnavailable(Unavailable):
    """S3 does not answer, or stopped answering in the middle of an object."""


class DatabaseUnavailable(Unavailable):
    """PostgreSQL does not answer."""


class ExecutionsUnavailable(Unavailable):
    """Step Functions does not answer, or does not let us start an execution."""


class EventsUnavailable(Unavailable):
    """EventBridge does not answer, or does not take an event."""


class SecretsUnavailable(Unavailable):
    """Secrets Manager does not answer, or does not let us read a secret."""
