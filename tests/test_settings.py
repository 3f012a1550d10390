"""Settings, read once from the environment."""

import pytest

from chalicelib.errors import SettingsIncomplete
from chalicelib.settings import Settings


def test_all_that_is_missing_is_named_at_once() -> None:
    """Nobody has to mend one to learn of the next."""
    with pytest.raises(SettingsIncomplete) as incomplete:
        Settings.from_environment({"DATABASE_URL": ""})
    assert str(incomplete.value) == "the environment lacks STATE_MACHINE_NAME, DATABASE_URL or DATABASE_SECRET_ARN"


@pytest.mark.parametrize("database", ["DATABASE_URL", "DATABASE_SECRET_ARN"])
def test_database_is_found_by_url_or_by_secret(database: str) -> None:
    """Either will do."""
    settings = Settings.from_environment({"STATE_MACHINE_NAME": "m", database: "d"})
    assert "d" in (settings.database_url, settings.database_secret_arn)
    assert settings.schemas_uri is None
