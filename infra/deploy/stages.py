"""The configuration of a stage in `.chalice/config.json`, which alone decides its names."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

from attrs import frozen
from chalice.config import Config

from chalicelib.uploads import object_key

PROJECT_ROOT: Final = Path(__file__).resolve().parents[2]
API_HANDLER: Final = "api_handler"
"""Chalice's name for the function behind the HTTP API; the other functions have the names in app.py."""
FUNCTIONS: Final = (
    "csv_orchestrator",
    "csv_validator",
    "part_validator",
    "seam_checker",
    "part_merger",
    "part_splitter",
    "split_joiner",
    "row_loader",
    "upload_status",
    "execution_settler",
    "upload_sweep",
    "migrate",
    API_HANDLER,
    "token_authorizer",
)
_NOT_DEPLOYED: Final = "local"
_EVENT_BUS: Final = re.compile(r"(arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/)?[A-Za-z0-9._/-]{1,256}", re.ASCII)
_KMS_KEY: Final = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+", re.ASCII)
_IAM_USER: Final = re.compile(r"(db|cluster|prx)-[A-Za-z0-9]+/[A-Za-z0-9_.@-]+", re.ASCII)


_PYTHON: Final = "3.13"
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
"""The versions of Lambda's runtime that the package can be built for."""


class StageUnknown(Exception):
    """The configuration has no such stage; the message lists those that it has."""


class IamUserMalformed(Exception):
    """DATABASE_IAM_USER does not name one user of one database; the message has an example."""


class SettingReplaced(Exception):
    """The configuration has a setting of an earlier release; the message names its successor."""


class EventBusMalformed(Exception):
    """EVENT_BUS does not name one event bus; the message has an example."""


class KmsKeyMalformed(Exception):
    """The stage's kms_key_arn does not name one key."""


class PythonUnsupported(Exception):
    """The package cannot be built for the configured Python; the message lists the supported versions."""


@frozen(kw_only=True)
class Stage:
    """A deployment's names. `secret` is the database secret's name, or its ARN; `schemas` is the prefix's URI.

    `prefix` is what the keys of uploads begin with.

    `link_secret` is the name or ARN of the secret that signs links, and `load_secret` that of the database that rows
    are loaded into, if there is one; `iam_user` is the database's resource id and the user in it, if IAM authenticates;
    `event_bus` is the name or ARN of the bus that receives verdict events, if there is one; `in_vpc` names the
    functions that have subnets. `python` is the version of the functions' runtime, `partition` that of all ARNs, and
    `kms_key` the ARN of the bucket's key, if it has its own. `has_sign_in` says whether the HTTP API accepts an
    issuer's tokens, and not IAM's signatures.
    `reserved_concurrency` has what each function that has a reservation reserves, and `ephemeral_storage` the size of
    `/tmp` in MB where it is not Lambda's default.
    """

    name: str
    app: str
    bucket: str
    prefix: str
    schemas: str
    state_machine: str
    secret: str
    link_secret: str | None
    has_sign_in: bool
    load_secret: str | None
    iam_user: str | None
    event_bus: str | None
    architecture: str
    python: str
    partition: str
    kms_key: str | None
    reserved_concurrency: Mapping[str, int]
    ephemeral_storage: Mapping[str, int]
    log_retention_in_days: int
    in_vpc: frozenset[str]

    @classmethod
    def read(cls, name: str, project: Path = PROJECT_ROOT) -> Self:
        """Read a stage from the project's configuration.

        Raises StageUnknown, IamUserMalformed, EventBusMalformed, KmsKeyMalformed, PythonUnsupported or SettingReplaced.
        """
        config = json.loads((project / ".chalice" / "config.json").read_text())
        known = [stage for stage in config["stages"] if stage != _NOT_DEPLOYED]
        if name not in known:
            raise StageUnknown(f"there is no stage {name!r} to deploy; .chalice/config.json has {', '.join(known)}")
        settings = _settings(config, name)
        environment: dict[str, str] = settings.environment_variables
        return cls(
            name=name,
            app=config["app_name"],
            bucket=environment["UPLOADS_BUCKET"],
            prefix=environment.get("NOTIFICATION_PREFIX") or object_key.PREFIX,
            schemas=environment["SCHEMAS_URI"],
            state_machine=environment["STATE_MACHINE_NAME"],
            secret=environment["DATABASE_SECRET_ARN"],
            link_secret=environment.get("LINK_SECRET_ARN"),
            has_sign_in=_has_sign_in(environment),
            load_secret=environment.get("LOAD_DATABASE_SECRET_ARN"),
            iam_user=_iam_user(environment),
            event_bus=_event_bus(environment),
            architecture=settings.lambda_architecture,
            python=_python(config["stages"][name]),
            partition=config["stages"][name].get("aws_partition", "aws"),
            kms_key=_kms_key(config["stages"][name]),
            reserved_concurrency={
                function: reserved
                for function in FUNCTIONS
                if (reserved := _settings(config, name, function).reserved_concurrency) is not None
            },
            ephemeral_storage={
                function: its["lambda_ephemeral_storage"]
                for function, its in config["stages"][name]["lambda_functions"].items()
                if "lambda_ephemeral_storage" in its
            },
            log_retention_in_days=settings.log_retention_in_days,
            in_vpc=frozenset(it for it in FUNCTIONS if _settings(config, name, it).subnet_ids),
        )

    @classmethod
    def all(cls, project: Path = PROJECT_ROOT) -> tuple[Self, ...]:
        """Read every stage that can be deployed."""
        config = json.loads((project / ".chalice" / "config.json").read_text())
        return tuple(cls.read(name, project) for name in config["stages"] if name != _NOT_DEPLOYED)

    @property
    def project(self) -> str:
        """The prefix of all names in this deployment."""
        return f"{self.app}-{self.name}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names or ARNs of all secrets that its functions read."""
        return tuple(secret for secret in (self.secret, self.link_secret, self.load_secret) if secret)

    @property
    def dead_letters(self) -> str:
        """The queue for notifications on which the orchestrator failed; Terraform creates it."""
        return f"{self.project}-csv-orchestrator-dead-letters"

    def function(self, name: str) -> str:
        """Return a function's name in AWS; the one behind the HTTP API has the project's name alone."""
        return self.project if name == API_HANDLER else self.role(name)

    def role(self, name: str) -> str:
        """Return the name of a function's role in AWS."""
        return f"{self.project}-{name}"


def _has_sign_in(environment: Mapping[str, str]) -> bool:
    """Return whether people sign in; refuse USER_POOL_ARNS, the setting of an earlier release."""
    if environment.get("USER_POOL_ARNS"):
        raise SettingReplaced(
            "USER_POOL_ARNS is replaced by SIGN_IN_ISSUER, which is https://cognito-idp.REGION.amazonaws.com/POOL,"
            " and SIGN_IN_CLIENT_ID: see sign-in in docs/operations.md"
        )
    return bool(environment.get("SIGN_IN_ISSUER"))


def _iam_user(environment: Mapping[str, str]) -> str | None:
    """Return the user that IAM authenticates: a permission is written from it, so it must not be wider."""
    user = environment.get("DATABASE_IAM_USER") or None
    if user and not _IAM_USER.fullmatch(user):
        raise IamUserMalformed(f"DATABASE_IAM_USER has the form db-ABCDEFGHIJKL01234/assay, not {user}")
    return user


def _event_bus(environment: Mapping[str, str]) -> str | None:
    """Return the event bus that receives verdict events; a permission is written from it, too."""
    bus = environment.get("EVENT_BUS") or None
    if bus and not _EVENT_BUS.fullmatch(bus):
        raise EventBusMalformed(f"EVENT_BUS is the name or the ARN of an event bus, such as default, not {bus}")
    return bus


def _python(settings: Mapping[str, Any]) -> str:
    """Return the version of the functions' runtime; Chalice has no setting for it."""
    python = str(settings.get("lambda_python_version", _PYTHON))
    if python not in PYTHONS:
        raise PythonUnsupported(f"lambda_python_version is one of {', '.join(PYTHONS)}, not {python}")
    return python


def _kms_key(settings: Mapping[str, Any]) -> str | None:
    """Return the ARN of the bucket's key: a permission is written from it, so it must be one key's."""
    key = settings.get("kms_key_arn")
    if key is not None and not _KMS_KEY.fullmatch(key):
        raise KmsKeyMalformed(f"kms_key_arn is the ARN of a key, not of an alias: {key}")
    return key


def _settings(config: Mapping[str, Any], stage: str, function: str = API_HANDLER) -> Any:
    """Return Chalice's configuration of a function."""
    return Config(stage, function_name=function, config_from_disk=config)
