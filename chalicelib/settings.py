"""The settings of a deployment, read once from the environment."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Self

from attrs import fields, frozen

from chalicelib.errors import SettingsIncomplete, SettingsMissing

_SWEEP_GRACE_SECONDS = 900
"""By then the retries of S3, Lambda and Step Functions have ended, nearly always."""
_MOST_SWEEP_GRACE_SECONDS = 30 * 24 * 60 * 60
"""30 days."""


@frozen(kw_only=True)
class Settings:
    """The settings of one deployment; None for a variable that is not set.

    Which of them are needed depends on the function: `require` says which are missing.
    """

    state_machine_name: str | None
    """`STATE_MACHINE_NAME`. Its ARN is built from the ARN of the running function."""
    state_machine_arn: str | None
    """`STATE_MACHINE_ARN`, for use outside of a function; takes precedence over the name."""
    uploads_bucket: str | None
    """`UPLOADS_BUCKET`: the bucket that receives the files."""
    notification_prefix: str | None
    """`NOTIFICATION_PREFIX`: what the keys of uploads begin with, `uploads/` or longer; None for `uploads/`."""
    notification_suffix: str | None
    """`NOTIFICATION_SUFFIX`: what the keys of uploads end in, such as `.csv`; None for anything."""
    sweep_grace_seconds: str | None
    """`SWEEP_GRACE_SECONDS`: the grace period of the sweep in whole seconds, by default 900."""
    database_url: str | None
    """`DATABASE_URL`: a PostgreSQL connection URI. Takes precedence over the secret."""
    database_secret_arn: str | None
    """`DATABASE_SECRET_ARN`: the secret in Secrets Manager that holds the connection's parameters."""
    load_database_url: str | None
    """`LOAD_DATABASE_URL`: the URI of the database that rows are loaded into; None for Assay's own."""
    load_database_secret_arn: str | None
    """`LOAD_DATABASE_SECRET_ARN`: the secret that holds its connection's parameters."""
    owner_claim: str | None
    """`OWNER_CLAIM`: the claim of a request's token that names the owner whose uploads may be seen, such as `email`;
    None if every caller may see all. With sign-in it is `email`, if none is set."""
    sign_in_issuer: str | None
    """`SIGN_IN_ISSUER`: the URL of the OpenID Connect issuer that people sign in with; None for IAM."""
    sign_in_client_id: str | None
    """`SIGN_IN_CLIENT_ID`: the id of the page's client, a public one."""
    sign_in_audiences: str | None
    """`SIGN_IN_AUDIENCES`: the audiences of accepted tokens, separated by commas; None for the client's id."""
    sign_in_scopes: str | None
    """`SIGN_IN_SCOPES`: the scopes that the page requests, separated by spaces; None for `openid email`."""
    sign_in_token: str | None
    """`SIGN_IN_TOKEN`: which token the page sends, `id_token` or `access_token`; None for the first."""
    sign_in_origins: str | None
    """`SIGN_IN_ORIGINS`: further origins of the issuer, separated by commas, that the page may send requests to."""
    operator_claim: str | None
    """`OPERATOR_CLAIM`: the claim and value of callers who see all uploads, such as `groups=assay-operators`."""
    link_secret: str | None
    """`LINK_SECRET`: the key that signs partner links, 32 characters or more. Takes precedence over the secret."""
    link_secret_arn: str | None
    """`LINK_SECRET_ARN`: the secret in Secrets Manager that holds this key as plain text."""
    database_iam_user: str | None
    """`DATABASE_IAM_USER`: for authentication by IAM, the database's resource id and user, such as
    `db-ABCDEFGHIJKL01234/assay`. The functions' policies are generated from it; the user that connects is the one in
    the connection string."""
    schemas_uri: str | None
    """`SCHEMAS_URI`: where in S3 more schemas are, such as `s3://bucket/prefix/`; None for those in the package."""
    max_object_bytes: str | None
    """`MAX_OBJECT_BYTES`: the largest file in bytes, compressed and decompressed; None for 1 GiB."""
    parts_above_bytes: str | None
    """`PARTS_ABOVE_BYTES`: objects above this size are validated in parts; None for none."""
    part_bytes: str | None
    """`PART_BYTES`: the size of a part; None for 256 MiB."""
    parts_concurrency: str | None
    """`PARTS_CONCURRENCY`: how many parts of an object are validated at once; None for 100."""
    max_load_bytes: str | None
    """`MAX_LOAD_BYTES`: the largest object in parts whose rows are loaded; None for 10 GiB."""
    event_bus: str | None
    """`EVENT_BUS`: the name or ARN of the event bus for verdict events; None to publish none."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; an empty variable is not set."""
        return cls(**{field.name: environment.get(field.name.upper()) or None for field in fields(cls)})

    @property
    def object_bytes(self) -> int:
        """The largest file in bytes; raises SettingsIncomplete if the variable is no such number."""
        what = f"a number of bytes, such as {_OBJECT_BYTES}"
        return self._whole_number("max_object_bytes", _OBJECT_BYTES, range(1, _MOST_OBJECT_BYTES + 1), what)

    @property
    def parts_above(self) -> int | None:
        """The largest object that is validated as a whole, if others are validated in parts."""
        if self.parts_above_bytes is None:
            return None
        what = "a number of bytes"
        return self._whole_number("parts_above_bytes", 0, range(_MOST_OBJECT_BYTES + 1), what)

    @property
    def bytes_of_part(self) -> int:
        """The size of a part."""
        return self._whole_number("part_bytes", _PART_BYTES, range(1, _MOST_PART_BYTES + 1), "a number of bytes")

    @property
    def concurrent_parts(self) -> int:
        """How many parts of an object are validated at once."""
        allowed = range(1, _MOST_CONCURRENT_PARTS + 1)
        return self._whole_number("parts_concurrency", _CONCURRENT_PARTS, allowed, "a number of functions")

    @property
    def load_bytes(self) -> int:
        """The largest object in parts whose rows are loaded."""
        return self._whole_number("max_load_bytes", _LOAD_BYTES, range(1, _MOST_OBJECT_BYTES + 1), "a number of bytes")

    @property
    def whole_bytes(self) -> int:
        """The largest object that one function validates."""
        above = self.parts_above
        return self.object_bytes if above is None else min(self.object_bytes, max(above, _OBJECT_BYTES))

    @property
    def sweep_grace(self) -> timedelta:
        """The grace period of the sweep; raises SettingsIncomplete if the variable is no such number."""
        what = "a whole number of seconds"
        allowed = range(_MOST_SWEEP_GRACE_SECONDS + 1)
        return timedelta(seconds=self._whole_number("sweep_grace_seconds", _SWEEP_GRACE_SECONDS, allowed, what))

    def _whole_number(self, name: str, usual: int, allowed: range, what: str) -> int:
        text = getattr(self, name) or str(usual)
        # Python refuses to parse a number with thousands of digits.
        is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(allowed[-1]))
        if not (is_number and int(text) in allowed):
            reach = f"from {allowed[0]} to {allowed[-1]}"
            raise SettingsIncomplete(f"{name.upper()} is {what}, {reach}, not {text[:_MOST_SHOWN]}")
        return int(text)

    def require(self, *needs: str) -> None:
        """Raise SettingsMissing unless all of these are there; `A or B` is one need, met by either."""
        missing = [need for need in needs if not any(getattr(self, name.lower()) for name in need.split(" or "))]
        if missing:
            raise SettingsMissing(f"the environment lacks {', '.join(missing)}")


_OBJECT_BYTES = 1024 * 1024 * 1024
"""csv_validator checks this many bytes in time even if every record goes to the reference checker."""
_LOAD_BYTES = 10 * 1024**3
"""row_loader loads this many bytes in time: 840 seconds at 13 MB/s."""
_MOST_OBJECT_BYTES = 50 * 1024**4
"""The maximum size of an object in S3: 50 TiB."""
_PART_BYTES = 256 * 1024 * 1024
"""One function reads this in some seconds."""
_MOST_PART_BYTES = 4 * 1024**3
_CONCURRENT_PARTS = 100
_MOST_CONCURRENT_PARTS = 10_000
"""Step Functions runs no more children of a Map at once."""
_MOST_SHOWN = 40
"""How many characters of an invalid setting are repeated."""
DATABASE = "DATABASE_URL or DATABASE_SECRET_ARN"
STATE_MACHINE_ARN = "STATE_MACHINE_ARN"
STATE_MACHINE = f"STATE_MACHINE_NAME or {STATE_MACHINE_ARN}"
BUCKET = "UPLOADS_BUCKET"
