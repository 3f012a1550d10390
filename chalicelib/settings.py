"""What the environment tells Assay, read once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Self

from attrs import fields, frozen

from chalicelib.errors import SettingsIncomplete

_SWEEP_GRACE_SECONDS = 900
"""S3, Lambda and Step Functions have done by then what they do by themselves, nearly always."""
_MOST_SWEEP_GRACE_SECONDS = 30 * 24 * 60 * 60
"""30 days; to wait for longer would be as good as no sweep."""


@frozen(kw_only=True)
class Settings:
    """The settings of one deployment; None where the environment has none.

    Which of them are needed depends on what is asked for: `require` says which are missing.
    """

    state_machine_name: str | None
    """`STATE_MACHINE_NAME`. Its ARN is built from that of the function that runs."""
    state_machine_arn: str | None
    """`STATE_MACHINE_ARN`, for whoever is no function; goes before the name."""
    uploads_bucket: str | None
    """`UPLOADS_BUCKET`: the bucket into which files are dropped."""
    sweep_grace_seconds: str | None
    """`SWEEP_GRACE_SECONDS`: how old something is before a sweep looks at it; a whole number, by default 900."""
    database_url: str | None
    """`DATABASE_URL`: a PostgreSQL connection URI. Goes before the secret."""
    database_secret_arn: str | None
    """`DATABASE_SECRET_ARN`: the secret in Secrets Manager that holds the connection's particulars."""
    owner_claim: str | None
    """`OWNER_CLAIM`: the claim of a request's token that names whose uploads may be seen, as in `email`; None where
    whoever may ask may see all."""
    link_secret: str | None
    """`LINK_SECRET`: what links to an upload are signed with, 32 characters or more. Goes before the secret."""
    link_secret_arn: str | None
    """`LINK_SECRET_ARN`: the secret in Secrets Manager that has it, as plain text."""
    database_iam_user: str | None
    """`DATABASE_IAM_USER`: if IAM is to authenticate us, the database's resource id and our user there, as in
    `db-ABCDEFGHIJKL01234/assay`. Permissions are written from it; the user that connects is the connection's own."""
    schemas_uri: str | None
    """`SCHEMAS_URI`: where in S3 further schemas are, as in `s3://bucket/prefix/`; None for those in the package."""
    max_object_bytes: str | None
    """`MAX_OBJECT_BYTES`: how large a file may be, decompressed if it is compressed; None for 1 GiB."""
    event_bus: str | None
    """`EVENT_BUS`: the name or the ARN of the event bus that is told of verdicts; None to tell nobody."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; an empty one is none."""
        return cls(**{field.name: environment.get(field.name.upper()) or None for field in fields(cls)})

    @property
    def object_bytes(self) -> int:
        """How large a file may be; raises SettingsIncomplete if what the environment has is no such number."""
        what = f"a number of bytes, such as {_OBJECT_BYTES}"
        return self._whole_number("max_object_bytes", _OBJECT_BYTES, range(1, _MOST_OBJECT_BYTES + 1), what)

    @property
    def sweep_grace(self) -> timedelta:
        """How old something is before a sweep looks at it; raises SettingsIncomplete if it is no such number."""
        what = "a whole number of seconds"
        allowed = range(_MOST_SWEEP_GRACE_SECONDS + 1)
        return timedelta(seconds=self._whole_number("sweep_grace_seconds", _SWEEP_GRACE_SECONDS, allowed, what))

    def _whole_number(self, name: str, usual: int, allowed: range, what: str) -> int:
        text = getattr(self, name) or str(usual)
        # What has more digits than the largest may be so long that Python would not read it.
        is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(allowed[-1]))
        if not (is_number and int(text) in allowed):
            reach = f"from {allowed[0]} to {allowed[-1]}"
            raise SettingsIncomplete(f"{name.upper()} is {what}, {reach}, not {text[:_MOST_SHOWN]}")
        return int(text)

    def require(self, *needs: str) -> None:
        """Raise SettingsIncomplete unless all of these are there; `A or B` is one need, met by either."""
        missing = [need for need in needs if not any(getattr(self, name.lower()) for name in need.split(" or "))]
        if missing:
            raise SettingsIncomplete(f"the environment lacks {', '.join(missing)}")


_OBJECT_BYTES = 1024 * 1024 * 1024
"""What the validator checks within its time even where every record goes to the exact checker."""
_MOST_OBJECT_BYTES = 50 * 1024**4
"""S3 has no larger objects."""
_MOST_SHOWN = 40
"""So much of a setting is repeated, in characters."""
DATABASE = "DATABASE_URL or DATABASE_SECRET_ARN"
STATE_MACHINE_ARN = "STATE_MACHINE_ARN"
STATE_MACHINE = f"STATE_MACHINE_NAME or {STATE_MACHINE_ARN}"
BUCKET = "UPLOADS_BUCKET"
