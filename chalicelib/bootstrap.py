"""The composition root: creates the implementations of the ports for this deployment.

A function pays only for what it uses. Each property creates its part on first use, and imports only then what is
expensive to import: boto3, psycopg, and the adapters that need them.
"""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache, cached_property
from time import monotonic
from typing import TYPE_CHECKING, cast

from chalicelib.aws import clients
from chalicelib.errors import SettingsIncomplete
from chalicelib.http.sign_in import SignIn
from chalicelib.settings import BUCKET, DATABASE, STATE_MACHINE, STATE_MACHINE_ARN, Settings
from chalicelib.uploads.health import HealthCheck
from chalicelib.uploads.links import MIN_SECRET_CHARACTERS, LinkTokens
from chalicelib.uploads.object_key import PREFIX, KeyFilter

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

    from chalicelib.aws.event_bridge import EventBridgeBus
    from chalicelib.aws.object_store import S3ObjectStore
    from chalicelib.aws.part_files import S3PartFiles
    from chalicelib.aws.part_store import S3Parts
    from chalicelib.aws.report_store import S3Reports
    from chalicelib.aws.result_store import S3Results
    from chalicelib.aws.splitting.result_assembly import S3ResultAssembly
    from chalicelib.aws.splitting.segment_store import S3Segments
    from chalicelib.aws.step_functions import StepFunctionsExecutions
    from chalicelib.aws.upload_forms import S3UploadForms
    from chalicelib.http.authorizer import TokenAuthorizer
    from chalicelib.loading.table import Table
    from chalicelib.postgres.database import Database
    from chalicelib.postgres.dsn import Dsn
    from chalicelib.postgres.loads import PostgresLoads
    from chalicelib.postgres.uploads import PostgresUploads
    from chalicelib.uploads.parts.planning import PartPlanner
    from chalicelib.uploads.storage_ports import SchemaRepository
    from chalicelib.uploads.sweep import Sweep


def _now() -> datetime:
    return datetime.now(UTC)


def _dsn_of(url: str | None, secret_arn: str | None, *required: str) -> "Dsn":
    from chalicelib.postgres.dsn import SecretDsn

    if url:
        return lambda: url
    return SecretDsn(client=clients.client("secretsmanager"), secret_arn=str(secret_arn), required=required)


class Services:
    """The parts of this deployment, each created on first use."""

    def __init__(self, settings: Settings) -> None:
        """Keep the settings; nothing is created yet."""
        self._settings = settings

    @cached_property
    def uploads(self) -> "PostgresUploads":
        """The uploads in the database."""
        from chalicelib.postgres.uploads import PostgresUploads

        return PostgresUploads(self._database)

    @cached_property
    def health(self) -> HealthCheck:
        """The health of this deployment."""
        return HealthCheck(ping=self.uploads.ping, clock=monotonic)

    def executions(self, function_arn: str) -> "StepFunctionsExecutions":
        """Return the executions of the state machine beside the function of that ARN, which is empty outside of AWS."""
        from chalicelib.aws.step_functions import StepFunctionsExecutions, region, state_machine_arn

        # In `chalice local` and on a command line there is no function whose ARN could be completed.
        self._settings.require(STATE_MACHINE if function_arn else STATE_MACHINE_ARN, DATABASE)
        arn = self._settings.state_machine_arn or state_machine_arn(
            function_arn, str(self._settings.state_machine_name)
        )
        return StepFunctionsExecutions(client=self._step_functions(region(arn)), state_machine_arn=arn)

    @cached_property
    def bus(self) -> "EventBridgeBus | None":
        """The event bus for verdicts; None if the deployment has none."""
        from chalicelib.aws.event_bridge import EventBridgeBus

        name = self._settings.event_bus
        return EventBridgeBus(client=clients.client("events", clients.BRIEF), bus=name) if name else None

    @cached_property
    def objects(self) -> "S3ObjectStore":
        """The uploaded objects."""
        from chalicelib.aws.object_store import S3ObjectStore

        return S3ObjectStore(client=self._s3)

    @cached_property
    def parts(self) -> "S3Parts":
        """The plans and reports of objects that are validated in parts."""
        from chalicelib.aws.part_store import S3Parts

        return S3Parts(client=self._s3)

    @cached_property
    def part_files(self) -> "S3PartFiles | None":
        """The files of parts, for the progress of an upload; None where objects are validated as a whole."""
        from chalicelib.aws.part_files import S3PartFiles

        if self._settings.parts_above is None:
            return None
        return S3PartFiles(client=clients.client("s3", clients.BRIEF | clients.PRESIGNING))

    @cached_property
    def part_planner(self) -> "PartPlanner | None":
        """Plans large objects in parts; None where objects are validated as a whole."""
        from chalicelib.uploads.parts.planning import PartPlanner

        above = self._settings.parts_above
        if above is None:
            return None
        return PartPlanner(
            objects=self.objects,
            store=self.parts,
            above_bytes=above,
            whole_bytes=self._settings.whole_bytes,
            load_bytes=self._settings.load_bytes,
            part_bytes=self._settings.bytes_of_part,
            concurrency=self._settings.concurrent_parts,
        )

    @cached_property
    def reports(self) -> "S3Reports":
        """The full reports."""
        from chalicelib.aws.report_store import S3Reports

        return S3Reports(client=self._s3)

    @cached_property
    def loads(self) -> "PostgresLoads":
        """Loads rows into Assay's own database, or into the one that the deployment names."""
        from chalicelib.postgres.loads import PostgresLoads

        return PostgresLoads(assay=self._dsn, target=self._load_dsn)

    def create_table(self, table: "Table") -> bool:
        """Create the table of a dataset where rows are loaded, and return whether there was none."""
        from chalicelib.postgres.tables import create_table

        return create_table(self._load_dsn or self._dsn, table)

    @cached_property
    def results(self) -> "S3Results":
        """The accepted and the rejected rows."""
        from chalicelib.aws.result_store import S3Results

        return S3Results(client=self._s3)

    @cached_property
    def segments(self) -> "S3Segments":
        """The segments of objects that are split in parts."""
        from chalicelib.aws.splitting.segment_store import S3Segments

        return S3Segments(client=self._s3)

    @cached_property
    def result_assembly(self) -> "S3ResultAssembly":
        """Makes results of segments."""
        from chalicelib.aws.splitting.result_assembly import S3ResultAssembly

        return S3ResultAssembly(client=self._s3)

    @cached_property
    def schemas(self) -> "SchemaRepository":
        """The schemas of the datasets."""
        from chalicelib.aws.schema_repository import PackagedSchemas, S3Schemas

        uri = self._settings.schemas_uri
        return S3Schemas.at(uri, self._s3) if uri else PackagedSchemas()

    @cached_property
    def forms(self) -> "S3UploadForms":
        """The upload forms."""
        from chalicelib.aws import upload_forms

        max_bytes = min(self.max_object_bytes, upload_forms.MAX_BYTES)
        return upload_forms.S3UploadForms(client=self._s3, max_bytes=max_bytes, now=_now)

    @cached_property
    def link_tokens(self) -> LinkTokens | None:
        """Signs and reads the tokens of partner links; None where no secret is set."""
        secret = self._link_secret()
        return LinkTokens(secret=secret, now=_now) if secret else None

    def sweep(self, function_arn: str) -> "Sweep":
        """Return the sweep of this deployment's bucket and database."""
        from chalicelib.aws.uploads_bucket import S3UploadsBucket
        from chalicelib.uploads.sweep import Sweep

        return Sweep(
            bucket=S3UploadsBucket(client=self._s3, bucket=self.uploads_bucket, key_filter=self.key_filter),
            uploads=self.uploads,
            executions=self.executions(function_arn),
            grace=self._settings.sweep_grace,
            bus=self.bus,
            loads=self.loads if self._load_dsn else None,
        )

    def migrate(self) -> Sequence[str]:
        """Run the migrations that the database lacks, and return their names."""
        from chalicelib.postgres import migrations

        return migrations.apply(self._dsn())

    def close(self) -> None:
        """Close the connection to the database, if there is one."""
        if "_database" in vars(self):
            self._database.close()

    @property
    def uploads_bucket(self) -> str:
        """The name of the bucket for uploads; raises SettingsIncomplete."""
        self._settings.require(BUCKET)
        return str(self._settings.uploads_bucket)

    @property
    def key_filter(self) -> KeyFilter:
        """The keys that the bucket's notification is sent for; raises SettingsIncomplete if none can be an upload's."""
        prefix = self._settings.notification_prefix or PREFIX
        if not prefix.startswith(PREFIX):
            raise SettingsIncomplete(f"NOTIFICATION_PREFIX begins with {PREFIX}")
        return KeyFilter(prefix=prefix, suffix=self._settings.notification_suffix or "")

    @property
    def form_origin(self) -> str:
        """The origin to which a browser sends its files, and from which it loads reports; raises StorageUnavailable."""
        return self.forms.origin(self.uploads_bucket)

    @property
    def max_object_bytes(self) -> int:
        """The largest size of a file."""
        return self._settings.object_bytes

    @cached_property
    def sign_in(self) -> SignIn | None:
        """How people sign in; None if requests are signed with IAM credentials."""
        return SignIn.of(self._settings)

    @cached_property
    def authorizer(self) -> "TokenAuthorizer":
        """Verifies bearer tokens; raises SettingsIncomplete without an issuer."""
        from chalicelib.http.authorizer import TokenAuthorizer
        from chalicelib.http.signing_keys import SigningKeys

        self._settings.require("SIGN_IN_ISSUER")
        sign_in = cast("SignIn", self.sign_in)
        return TokenAuthorizer(sign_in=sign_in, keys=SigningKeys(sign_in.issuer, clock=monotonic))

    @property
    def owner_claim(self) -> str | None:
        """The claim that names the owner whose uploads may be seen; None if every caller may see all."""
        return self.sign_in.owner_claim if self.sign_in else self._settings.owner_claim

    @property
    def request_origins(self) -> tuple[str, ...]:
        """The origins to which the page sends requests, besides its own and the bucket's."""
        return self.sign_in.origins if self.sign_in else ()

    def _link_secret(self) -> str | None:
        secret, arn = self._settings.link_secret, self._settings.link_secret_arn
        if secret is None and arn is not None:
            from chalicelib.aws.secrets import secret_text

            secret = secret_text(clients.client("secretsmanager"), arn)
        if secret is not None and len(secret) < MIN_SECRET_CHARACTERS:
            raise SettingsIncomplete(f"the secret of links has fewer than {MIN_SECRET_CHARACTERS} characters")
        return secret

    @cached_property
    def _database(self) -> "Database":
        from chalicelib.postgres.database import Database

        return Database(self._dsn)

    @cached_property
    def _dsn(self) -> "Dsn":
        """How to find the database, and as which user to connect."""
        from chalicelib.postgres.dsn import IamDsn

        self._settings.require(DATABASE)
        if not self._settings.database_iam_user:
            return self._stored_dsn("host", "username", "password")
        return IamDsn(dsn=self._stored_dsn("host", "username"), token=clients.client("rds").generate_db_auth_token)

    @cached_property
    def _load_dsn(self) -> "Dsn | None":
        """How to find the database that rows are loaded into; None if it is Assay's own."""
        url, secret_arn = self._settings.load_database_url, self._settings.load_database_secret_arn
        return _dsn_of(url, secret_arn, "host", "username", "password") if url or secret_arn else None

    def _stored_dsn(self, *required: str) -> "Dsn":
        """Return the database's URL from the settings, or else the secret that holds the connection's parameters."""
        return _dsn_of(self._settings.database_url, self._settings.database_secret_arn, *required)

    @cached_property
    def _s3(self) -> "S3Client":
        client: S3Client = clients.client("s3", clients.DEFAULT | clients.PRESIGNING)
        return client

    @cached_property
    def _step_functions(self) -> Callable[[str], "SFNClient"]:
        """Return the client for a region, created once: outside of a function, only the ARN names the region."""
        return cache(lambda region_name: clients.client("stepfunctions", region_name=region_name))


@cache
def services() -> Services:
    """Return what this deployment's environment configures; raises SettingsIncomplete."""
    return Services(Settings.from_environment(os.environ))
