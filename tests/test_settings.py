"""Settings, read once from the environment."""

import pytest

from chalicelib.bootstrap import Services
from chalicelib.errors import SettingsIncomplete
from chalicelib.settings import DATABASE, STATE_MACHINE, Settings


def test_all_that_is_missing_is_named_at_once() -> None:
    """Nobody has to mend one to learn of the next."""
    with pytest.raises(SettingsIncomplete) as incomplete:
        Settings.from_environment({"DATABASE_URL": ""}).require(STATE_MACHINE, DATABASE)
    assert str(incomplete.value) == (
        "the environment lacks STATE_MACHINE_NAME or STATE_MACHINE_ARN, DATABASE_URL or DATABASE_SECRET_ARN"
    )


@pytest.mark.parametrize("database", ["DATABASE_URL", "DATABASE_SECRET_ARN"])
def test_database_is_found_by_url_or_by_secret(database: str) -> None:
    """Either will do."""
    settings = Settings.from_environment({"STATE_MACHINE_NAME": "m", database: "d"})
    settings.require(STATE_MACHINE, DATABASE)
    assert "d" in (settings.database_url, settings.database_secret_arn)
    assert settings.schemas_uri is None


def test_what_is_not_needed_need_not_be_there() -> None:
    """The function that reads strangers' files knows nothing of the database."""
    services = Services(Settings.from_environment({}))
    assert services.validate_upload is not None
    with pytest.raises(SettingsIncomplete, match="DATABASE_URL or DATABASE_SECRET_ARN"):
        services.record_verdict  # noqa: B018 - a property that composes
