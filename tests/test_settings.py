"""Settings, read from the environment."""

from datetime import timedelta

import pytest

from chalicelib.bootstrap import Services
from chalicelib.errors import SettingsIncomplete
from chalicelib.settings import DATABASE, STATE_MACHINE, Settings


def test_all_missing_settings_are_named() -> None:
    """One exception names all of them."""
    with pytest.raises(SettingsIncomplete) as incomplete:
        Settings.from_environment({"DATABASE_URL": ""}).require(STATE_MACHINE, DATABASE)
    assert str(incomplete.value) == (
        "the environment lacks STATE_MACHINE_NAME or STATE_MACHINE_ARN, DATABASE_URL or DATABASE_SECRET_ARN"
    )


@pytest.mark.parametrize("database", ["DATABASE_URL", "DATABASE_SECRET_ARN"])
def test_database_is_found_by_url_or_by_secret(database: str) -> None:
    """One of the two settings is enough."""
    settings = Settings.from_environment({"STATE_MACHINE_NAME": "m", database: "d"})
    settings.require(STATE_MACHINE, DATABASE)
    assert "d" in (settings.database_url, settings.database_secret_arn)
    assert settings.schemas_uri is None


def test_unused_settings_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The function csv_validator has no access to the database, and runs without its settings."""
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "us-east-1")
    services = Services(Settings.from_environment({}))
    assert services.objects is not None
    with pytest.raises(SettingsIncomplete, match="DATABASE_URL or DATABASE_SECRET_ARN"):
        services.uploads.find("42")


@pytest.mark.parametrize(("text", "size"), [("", 1_073_741_824), ("1", 1), ("5000000000", 5_000_000_000)])
def test_maximum_size_of_a_file_is_a_setting(text: str, size: int) -> None:
    """The default is 1 GiB."""
    assert size == Settings.from_environment({"MAX_OBJECT_BYTES": text}).object_bytes


@pytest.mark.parametrize("text", ["0", "1 GB", "-1", "1e9", "\u0661", "9" * 14, "9" * 5_000])
def test_malformed_maximum_size_is_refused(text: str) -> None:
    """The message has an example."""
    with pytest.raises(SettingsIncomplete, match="MAX_OBJECT_BYTES is a number of bytes, such as 1073741824, "):
        Services(Settings.from_environment({"MAX_OBJECT_BYTES": text})).max_object_bytes  # noqa: B018 - it raises


@pytest.mark.parametrize(("text", "seconds"), [("", 900), ("0", 0), ("2592000", 2_592_000)])
def test_grace_period_of_the_sweep_is_a_setting(text: str, seconds: int) -> None:
    """The default is 15 minutes, the maximum 30 days."""
    assert timedelta(seconds=seconds) == Settings.from_environment({"SWEEP_GRACE_SECONDS": text}).sweep_grace


@pytest.mark.parametrize("text", ["-1", "900 s", "1.5", "\xb2", "\u0661", "2592001", "9" * 15, "9" * 5_000])
def test_malformed_grace_period_is_refused(text: str) -> None:
    """The message has the setting's name, what is expected, and at most 40 characters of the value."""
    with pytest.raises(SettingsIncomplete) as refused:
        Settings.from_environment({"SWEEP_GRACE_SECONDS": text}).sweep_grace  # noqa: B018 - reading it raises
    expected = f"SWEEP_GRACE_SECONDS is a whole number of seconds, from 0 to 2592000, not {text[:40]}"
    assert expected == str(refused.value)


@pytest.mark.parametrize(
    ("environment", "above", "whole"),
    [
        ({}, None, 1024**3),
        ({"MAX_OBJECT_BYTES": "100"}, None, 100),
        ({"MAX_OBJECT_BYTES": "5497558138880", "PARTS_ABOVE_BYTES": "1000"}, 1000, 1024**3),
        ({"MAX_OBJECT_BYTES": "5497558138880", "PARTS_ABOVE_BYTES": "2147483648"}, 2 * 1024**3, 2 * 1024**3),
        ({"MAX_OBJECT_BYTES": "100", "PARTS_ABOVE_BYTES": "0"}, 0, 100),
    ],
)
def test_one_function_has_a_limit_of_its_own_where_others_validate_in_parts(
    environment: dict[str, str], above: int | None, whole: int
) -> None:
    """Without parts it is that of all files."""
    settings = Settings.from_environment(environment)
    assert (above, whole) == (settings.parts_above, settings.whole_bytes)
    assert (256 * 1024**2, 100, 10 * 1024**3) == (
        settings.bytes_of_part,
        settings.concurrent_parts,
        settings.load_bytes,
    )


@pytest.mark.parametrize("name", ["PARTS_ABOVE_BYTES", "PART_BYTES", "PARTS_CONCURRENCY", "MAX_LOAD_BYTES"])
def test_malformed_setting_of_parts_is_refused(name: str) -> None:
    """The error names the setting and its range."""
    settings = Settings.from_environment({name: "many"})
    with pytest.raises(SettingsIncomplete, match=f"{name} is a number of .*, not many"):
        _ = settings.parts_above, settings.bytes_of_part, settings.concurrent_parts, settings.load_bytes
