"""The exceptions: every reason for which Assay could not do its job.

A file that breaks its schema raises none: its errors are values. The tree::

    AssayError
    ├── KeyMalformed            the object's key names no upload
    ├── UploadIdTaken           the upload id belongs to another object
    ├── RequestMalformed        a payload does not have its contract's shape
    ├── FieldInvalid            a field cannot have this value
    ├── SettingsIncomplete      the environment lacks what the function needs, or has what it cannot use
    │   └── SettingsMissing     the environment lacks it
    ├── SchemaInvalid           the schema breaks the Table Schema specification
    ├── SampleUnusable          no schema can be inferred from a sample file
    ├── SchemaUnknown           no schema has this name
    ├── UploadNotFound          no upload has this id
    ├── TokenRefused            a bearer token is forged, expired, or meant for others
    ├── OwnerUnknown            the request's token does not name its owner
    ├── LinkInvalid             a partner link has a wrong signature, or has expired
    ├── LinksDisabled           no secret is set to sign links with
    ├── AttemptOver             a verdict comes too late: nothing else is wrong
    │   ├── AttemptSuperseded   a newer attempt has replaced this one
    │   └── AttemptSettled      the settler or the sweep has ended this attempt
    ├── NothingToValidate       no object has arrived for the upload yet
    ├── TransitionIllegal       the upload's status does not allow the next one
    ├── ObjectVanished          the object, or this version of it, no longer exists
    ├── ObjectForbidden         S3 denies access to the object
    ├── ReportUnavailable       the current attempt has no full report
    ├── ResultUnavailable       the current attempt has no such result
    ├── PageFileUnknown         the page has no file of this name
    ├── ValueUnstorable         PostgreSQL cannot store a value
    ├── PartsUnsupported        a file can only be validated from its beginning, not in parts
    ├── PartsInconsistent       the parts of a file do not fit together, or one is missing
    ├── TemporarySpaceFull      what is known of a file's rows does not fit into the temporary directory
    ├── TableUnfit              the table of a dataset is missing, or does not fit its schema
    ├── LoadForbidden           the database's user may not load into the table
    ├── ValueUnloadable         a valid value is beyond what PostgreSQL holds
    ├── RowsRefused             the table refuses accepted rows: a constraint, a key or a trigger of its own
    ├── SchemaChanged           the schema was changed between validation and load
    ├── LoadInconsistent        a load did not find the rows that were validated
    ├── MigrationsDiverged      the database has run other migrations than this release
    ├── Unforeseen              an unexpected exception: a bug
    └── Unavailable             a service does not answer: try again later
        ├── StorageUnavailable
        ├── DatabaseUnavailable
        ├── DatabaseFull        PostgreSQL has no disk space or memory left for the rows
        ├── ExecutionsUnavailable
        ├── EventsUnavailable
        ├── SecretsUnavailable
        └── IssuerUnavailable

Step Functions sees only the class name of an exception. `Retry` and `Catch` of the state machine name these classes, so
renaming one changes a contract; a test compares the two.
"""


class AssayError(Exception):
    """Assay could not do its job."""


class KeyMalformed(AssayError):
    """The object's key does not have the form `uploads/{owner}/{uploadId}/{filename}`."""


class UploadIdTaken(AssayError):
    """An object claims the upload id that another object already has."""


class RequestMalformed(AssayError):
    """A payload does not have the shape of its contract; the message gives the path of the field."""


class FieldInvalid(AssayError, ValueError):
    """A field cannot have the given value."""

    def __init__(self, field: str, reason: str) -> None:
        """Name the field as in Python."""
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class SettingsIncomplete(AssayError):
    """The environment lacks settings that Assay cannot run without; the message names them all."""


class SettingsMissing(SettingsIncomplete):
    """The environment lacks settings; the message names them all."""


class SchemaInvalid(AssayError):
    """A schema breaks the Table Schema specification; the message gives the path in the descriptor."""


class SampleUnusable(AssayError):
    """No schema can be inferred from a file without records."""


class SchemaUnknown(AssayError):
    """No schema has this name; the message lists the names that exist."""


class UploadNotFound(AssayError):
    """No upload has this id."""


class TokenRefused(AssayError):
    """A bearer token does not authorize its caller: it is forged, expired, or meant for another audience."""


class OwnerUnknown(AssayError):
    """The request's token lacks the claim that names the owner."""


class LinkInvalid(AssayError):
    """A partner link has a wrong signature, or has expired."""


class LinksDisabled(AssayError):
    """A partner link is asked for, and the deployment has no secret to sign it with."""


class AttemptOver(AssayError):
    """The result of an attempt comes too late. This is normal."""


class AttemptSuperseded(AttemptOver):
    """The verdict belongs to an attempt that a newer one has replaced."""


class AttemptSettled(AttemptOver):
    """The settler or the sweep ended the attempt before its verdict came."""


class NothingToValidate(AssayError):
    """An attempt is asked for, and no object has arrived for the upload yet."""


class TransitionIllegal(AssayError):
    """The upload's current status may not be followed by this one."""


class ObjectVanished(AssayError):
    """The object, or this version of it, is no longer in the bucket."""


class ObjectForbidden(AssayError):
    """S3 denies access to the object: a policy is missing, or access to a KMS key."""


class ReportUnavailable(AssayError):
    """The current attempt has no full report: it runs, failed, could not write one, or the report has expired."""


class ResultUnavailable(AssayError):
    """The current attempt has no such result: it has no verdict, its dataset asks for none, or it has expired."""


class PageFileUnknown(AssayError):
    """The page has no file of this name."""


class ValueUnstorable(AssayError):
    """PostgreSQL cannot store a value: it contains NUL, is not Unicode, or is out of range."""


class PartsUnsupported(AssayError):
    """A file cannot be validated in parts, because no record can be found from its middle; with the reason."""


class PartsInconsistent(AssayError):
    """The parts of a file do not make up the file: one is missing, or another release or plan made it."""


class TemporarySpaceFull(AssayError):
    """The keys of a file's rows do not fit into the temporary directory."""


class TableUnfit(AssayError):
    """The table of a dataset is missing or does not fit its schema; the message lists every difference."""


class LoadForbidden(AssayError):
    """The database's user lacks a privilege that loading takes; the message says what to grant."""


class ValueUnloadable(AssayError):
    """A valid value is beyond what PostgreSQL holds; the message names row, column and bound."""


class RowsRefused(AssayError):
    """The table refuses accepted rows: a constraint, a key or a trigger of its own forbids them."""


class SchemaChanged(AssayError):
    """The schema was changed between the validation of a file and its load."""


class LoadInconsistent(AssayError):
    """A load did not find the rows that were validated: the object, or its list of rejected rows, is another one."""


class MigrationsDiverged(AssayError):
    """The database has run a migration that this release lacks or has changed."""


class Unforeseen(AssayError):
    """Unexpected exception, which is a bug; carries its class, not its message."""


class Unavailable(AssayError):
    """A service that Assay depends on does not answer; trying again may help."""


class StorageUnavailable(Unavailable):
    """S3 does not answer, or stopped in the middle of an object."""


class DatabaseUnavailable(Unavailable):
    """PostgreSQL does not answer."""


class DatabaseFull(Unavailable):
    """PostgreSQL has no disk space or memory left for the rows of a load."""


class ExecutionsUnavailable(Unavailable):
    """Step Functions does not answer, or refuses to start an execution."""


class EventsUnavailable(Unavailable):
    """EventBridge does not answer, or refuses an event."""


class SecretsUnavailable(Unavailable):
    """Secrets Manager does not answer, or refuses to return a secret."""


class IssuerUnavailable(Unavailable):
    """The OpenID Connect issuer does not answer, or not as its specification demands."""
