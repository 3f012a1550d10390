"""The composition root: the one place that knows both the use cases and what is behind their ports."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from chalicelib.aws import upload_forms
from chalicelib.aws.event_bridge import EventBridgeBus
from chalicelib.aws.object_store import S3ObjectStore
from chalicelib.aws.report_store import S3Reports
from chalicelib.aws.schema_catalog import PackagedSchemas, S3Schemas
from chalicelib.aws.secrets import secret_text
from chalicelib.aws.step_functions import StepFunctionsExecutions, region, state_machine_arn
from chalicelib.aws.upload_forms import S3UploadForms
from chalicelib.aws.uploads_bucket import S3UploadsBucket
from chalicelib.errors import SettingsIncomplete
from chalicelib.postgres import migrations
from chalicelib.postgres.database import Database
from chalicelib.postgres.dsn import Dsn, IamDsn, SecretDsn
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.settings import BUCKET, DATABASE, STATE_MACHINE, STATE_MACHINE_ARN, Settings
from chalicelib.uploads.links import (
    MIN_SECRET_CHARACTERS,
    FindLinkedUpload,
    LinkTokens,
    LinkUpload,
    RenewForm,
    RenewLink,
)
from chalicelib.uploads.ports import SchemaRepository
from chalicelib.uploads.queries import (
    CheckHealth,
    FindUpload,
    ListErrors,
    ListUploads,
    ShareReport,
    ShowSchemas,
    TraceUpload,
)
from chalicelib.uploads.receive import ReceiveUploads
from chalicelib.uploads.record_verdict import RecordVerdict
from chalicelib.uploads.register import RegisterUpload
from chalicelib.uploads.replay import ReplayUpload
from chalicelib.uploads.settle import SettleExecution
from chalicelib.uploads.sweep import Sweep
from chalicelib.uploads.validate import ValidateUpload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

_PATIENCE = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 4})
# The verdict is on record by then, and its execution waits.
_HASTE = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "max_attempts": 2})

_SIGNED = Config(
    signature_version="s3v4", s3={"us_east_1_regional_endpoint": "regional", "addressing_style": "virtual"}
)
"""What is signed for others is signed as every region and every bucket's key want it, for the region's own address: S3
sends nobody on who comes with a form."""


def _now() -> datetime:
    return datetime.now(UTC)


class Services:
    """What this deployment can do. Each part is made when it is first needed, so that no function pays for others."""

    def __init__(self, settings: Settings) -> None:
        """Compose what the settings say."""
        self._settings = settings

    def receive_uploads(self, function_arn: str) -> ReceiveUploads:
        """Begin the validation of objects that have arrived; the state machine is beside the function of that ARN."""
        return ReceiveUploads(uploads=self._uploads, executions=self._executions(function_arn))

    def settle_execution(self, function_arn: str) -> SettleExecution:
        """See to the upload of an execution that is over."""
        return SettleExecution(uploads=self._uploads, executions=self._executions(function_arn), bus=self._bus)

    def sweep(self, function_arn: str) -> Sweep:
        """Look for what nobody has told of."""
        self._settings.require(BUCKET)
        return Sweep(
            uploads=self._uploads,
            executions=self._executions(function_arn),
            bucket=S3UploadsBucket(client=self._s3, bucket=str(self._settings.uploads_bucket)),
            grace=self._settings.sweep_grace,
            bus=self._bus,
        )

    def replay_upload(self, function_arn: str) -> ReplayUpload:
        """Begin another attempt at an upload."""
        return ReplayUpload(uploads=self._uploads, executions=self._executions(function_arn))

    @cached_property
    def validate_upload(self) -> ValidateUpload:
        """Reach the verdict on an object."""
        return ValidateUpload(
            objects=S3ObjectStore(client=self._s3),
            schemas=self._schemas,
            reports=self._reports,
            max_bytes=self._settings.object_bytes,
        )

    @cached_property
    def record_verdict(self) -> RecordVerdict:
        """Make a verdict durable."""
        return RecordVerdict(uploads=self._uploads, bus=self._bus)

    @cached_property
    def find_upload(self) -> FindUpload:
        """Tell what is known of an upload."""
        return FindUpload(uploads=self._uploads)

    @cached_property
    def list_uploads(self) -> ListUploads:
        """Tell of many uploads."""
        return ListUploads(uploads=self._uploads)

    @cached_property
    def register_upload(self) -> RegisterUpload:
        """Take note of a file that is about to be uploaded."""
        self._settings.require(BUCKET)
        return RegisterUpload(
            uploads=self._uploads,
            schemas=self._schemas,
            forms=self._forms,
            bucket=str(self._settings.uploads_bucket),
            links=self.link_upload,
        )

    @property
    def form_origin(self) -> str:
        """To where a browser sends its files; raises StorageUnavailable."""
        self._settings.require(BUCKET)
        return self._forms.origin(str(self._settings.uploads_bucket))

    @cached_property
    def link_upload(self) -> LinkUpload:
        """Let somebody without an account follow one upload."""
        secret = self._link_secret()
        return LinkUpload(tokens=LinkTokens(secret=secret, now=_now) if secret else None)

    @cached_property
    def renew_link(self) -> RenewLink:
        """Make another link to an upload."""
        return RenewLink(uploads=self._uploads, links=self.link_upload)

    @cached_property
    def find_linked_upload(self) -> FindLinkedUpload:
        """Tell whoever has a link what is known of its upload."""
        return FindLinkedUpload(uploads=self._uploads, links=self.link_upload)

    @cached_property
    def renew_form(self) -> RenewForm:
        """Make another form for an upload."""
        return RenewForm(uploads=self._uploads, forms=self._forms)

    @cached_property
    def show_schemas(self) -> ShowSchemas:
        """Tell which schemas there are, and what is in them."""
        return ShowSchemas(schemas=self._schemas)

    @property
    def owner_claim(self) -> str | None:
        """The claim that names whose uploads may be seen; None if whoever may ask may see all."""
        return self._settings.owner_claim

    @cached_property
    def share_report(self) -> ShareReport:
        """Let somebody read the full report of an upload."""
        return ShareReport(uploads=self._uploads, reports=self._reports)

    @cached_property
    def list_errors(self) -> ListErrors:
        """Page through the errors of an upload."""
        return ListErrors(uploads=self._uploads, reports=self._reports)

    @cached_property
    def check_health(self) -> CheckHealth:
        """Tell whether Assay can do its job."""
        return CheckHealth(uploads=self._uploads)

    def migrate(self) -> Sequence[str]:
        """Bring the database up to date and give the names of the migrations that ran."""
        return migrations.apply(self._dsn())

    def close(self) -> None:
        """Let go of the connection to the database, if anybody has needed one."""
        if "_database" in vars(self):
            self._database.close()

    @cached_property
    def trace_upload(self) -> TraceUpload:
        """Tell every step that an upload has taken."""
        return TraceUpload(uploads=self._uploads)

    def _executions(self, function_arn: str) -> StepFunctionsExecutions:
        # In `chalice local` and on a command line there is no function beside which the state machine would be.
        self._settings.require(STATE_MACHINE if function_arn else STATE_MACHINE_ARN, DATABASE)
        arn = self._settings.state_machine_arn or state_machine_arn(
            function_arn, str(self._settings.state_machine_name)
        )
        return StepFunctionsExecutions(client=self._step_functions(region(arn)), state_machine_arn=arn)

    def _link_secret(self) -> str | None:
        secret, arn = self._settings.link_secret, self._settings.link_secret_arn
        if secret is None and arn is not None:
            secret = secret_text(boto3.client("secretsmanager", config=_PATIENCE), arn)
        if secret is not None and len(secret) < MIN_SECRET_CHARACTERS:
            raise SettingsIncomplete(f"the secret of links has fewer than {MIN_SECRET_CHARACTERS} characters")
        return secret

    @cached_property
    def _schemas(self) -> SchemaRepository:
        uri = self._settings.schemas_uri
        return S3Schemas.at(uri, self._s3) if uri else PackagedSchemas()

    @cached_property
    def _forms(self) -> S3UploadForms:
        max_bytes = min(self._settings.object_bytes, upload_forms.MOST_BYTES)
        return S3UploadForms(client=self._s3, max_bytes=max_bytes, now=_now)

    @cached_property
    def _uploads(self) -> PostgresUploads:
        return PostgresUploads(self._database)

    @cached_property
    def _bus(self) -> EventBridgeBus | None:
        name = self._settings.event_bus
        return EventBridgeBus(client=boto3.client("events", config=_HASTE), bus=name) if name else None

    @cached_property
    def _reports(self) -> S3Reports:
        return S3Reports(client=self._s3)

    @cached_property
    def _database(self) -> Database:
        return Database(self._dsn)

    @cached_property
    def _dsn(self) -> Dsn:
        """How to find the database, and who we are there."""
        self._settings.require(DATABASE)
        if not self._settings.database_iam_user:
            return self._stored_dsn("host", "username", "password")
        rds = boto3.client("rds", config=_PATIENCE)
        return IamDsn(dsn=self._stored_dsn("host", "username"), token=rds.generate_db_auth_token)

    def _stored_dsn(self, *required: str) -> Dsn:
        """Give the database's URL if the settings have it, else the secret that holds its particulars."""
        url, secret_arn = self._settings.database_url, self._settings.database_secret_arn
        if url:
            return lambda: url
        client = boto3.client("secretsmanager", config=_PATIENCE)
        return SecretDsn(client=client, secret_arn=str(secret_arn), required=required)

    @cached_property
    def _s3(self) -> "S3Client":
        return boto3.client("s3", config=_PATIENCE.merge(_SIGNED))

    @cached_property
    def _step_functions(self) -> Callable[[str], "SFNClient"]:
        """Make the client for a region, once: what runs on no function may have no other way to know which it is."""
        return cache(lambda region_name: boto3.client("stepfunctions", region_name=region_name, config=_PATIENCE))
