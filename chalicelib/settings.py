"""What the environment tells Assay, read once."""

from collections.abc import Mapping
from typing import Self

from attrs import frozen

from chalicelib.errors import SettingsIncomplete


@frozen(kw_only=True)
class Settings:
    """The settings of one deployment."""

    state_machine_name: str
    """`STATE_MACHINE_NAME`. Its ARN is built from the orchestrator's own."""
    database_url: str | None
    """`DATABASE_URL`: a PostgreSQL connection URI. Goes before the secret."""
    database_secret_arn: str | None
    """`DATABASE_SECRET_ARN`: the secret in Secrets Manager that holds the connection's particulars."""
    schemas_uri: str | None
    """`SCHEMAS_URI`: where in S3 further schemas are, as in `s3://bucket/prefix/`; None for those in the package."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; raises SettingsIncomplete with the names of all that are missing."""
        missing = [name for name in ("STATE_MACHINE_NAME",) if not environment.get(name)]
        if not (environment.get("DATABASE_URL") or environment.get("DATABASE_SECRET_ARN")):
            missing.append("DATABASE_URL or DATABASE_SECRET_ARN")
        if missing:
            raise SettingsIncomplete(f"the environment lacks {', '.join(missing)}")
        return cls(
            state_machine_name=environment["STATE_MACHINE_NAME"],
            database_url=environment.get("DATABASE_URL") or None,
            database_secret_arn=environment.get("DATABASE_SECRET_ARN") or None,
            schemas_uri=environment.get("SCHEMAS_URI") or None,
        )
