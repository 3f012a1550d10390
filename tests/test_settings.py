"""Settings, read once from the environment."""

from datetime import timedelta

import pytest

from chalicelib.bootstrap import Services
from chalicelib.errors import SettingsIncomplete
from chalicelib.settings import DATABASE, STATE_MACHINE, Settings


def test_all_that_is_missing_is_named_at_once() -> None:
    """All are reported at once."""
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
    """csv_validator, which reads files of others, has no access to the database."""
    services = Services(Settings.from_environment({}))
    assert services.objects is not None
    with pytest.raises(SettingsIncomplete, match="DATABASE_URL or DATABASE_SECRET_ARN"):
        services.uploads.find("42")


@pytest.mark.parametrize(("text", "size"), [("", 1_073_741_824), ("1", 1), ("5000000000", 5_000_000_000)])
def test_a_file_may_be_as_large_as_the_stage_says(text: str, size: int) -> None:
    """One that says nothing allows 1 GiB."""
    assert size == Settings.from_environment({"MAX_OBJECT_BYTES": text}).object_bytes


@pytest.mark.parametrize("text", ["0", "1 GB", "-1", "1e9", "\u0661", "9" * 14, "9" * 5_000])
def test_a_size_that_is_no_number_is_refused(text: str) -> None:
    """With what it should look like."""
    with pytest.raises(SettingsIncomplete, match="MAX_OBJECT_BYTES is a number of bytes, such as 1073741824, "):
        Services(Settings.from_environment({"MAX_OBJECT_BYTES": text})).max_object_bytes  # noqa: B018 - it reads the number


@pytest.mark.parametrize(("text", "seconds"), [("", 900), ("0", 0), ("2592000", 2_592_000)])
def test_a_sweep_waits_for_as_long_as_the_stage_says(text: str, seconds: int) -> None:
    """One that says nothing has a quarter of an hour, and none has more than 30 days."""
    assert timedelta(seconds=seconds) == Settings.from_environment({"SWEEP_GRACE_SECONDS": text}).sweep_grace


@pytest.mark.parametrize("text", ["-1", "900 s", "1.5", "\xb2", "\u0661", "2592001", "9" * 15, "9" * 5_000])
def test_a_grace_that_is_no_number_of_seconds_is_refused(text: str) -> None:
    """With its name, what it should look like, and not all of what it is."""
    with pytest.raises(SettingsIncomplete) as refused:
        Settings.from_environment({"SWEEP_GRACE_SECONDS": text}).sweep_grace  # noqa: B018 - it reads the number
    expected = f"SWEEP_GRACE_SECONDS is a whole number of seconds, from 0 to 2592000, not {text[:40]}"
    assert expected == str(refused.value)
