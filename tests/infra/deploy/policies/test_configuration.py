"""`.chalice/config.json`: the settings of the deployed stages."""

import json
from pathlib import Path
from typing import Any

import pytest
from chalice.config import Config

from app import app
from infra.deploy.stages import API_HANDLER, FUNCTIONS, PROJECT_ROOT, PythonUnsupported, Stage, StageUnknown

CONFIG = json.loads((PROJECT_ROOT / ".chalice" / "config.json").read_text())
MACHINE = json.loads((PROJECT_ROOT / "statemachine" / "csv_processing.asl.json").read_text())
STAGES = ("dev", "prod")
API_GATEWAY_SECONDS = 29
CONNECTIONS = 80  # of a db.t4g.micro


def settings(stage: str, function: str) -> Any:
    """Return Chalice's configuration of a function."""
    return Config(stage, function_name=function, config_from_disk=CONFIG)


def test_every_function_of_the_app_is_configured() -> None:
    """A function without a policy would be deployed with a role without permissions."""
    declared = {it.name for it in (*app.pure_lambda_functions, *app.event_sources, *app.builtin_auth_handlers)}
    assert {*declared, API_HANDLER} == set(FUNCTIONS)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_has_its_own_policy_memory_timeout_and_retention(stage: str, function: str) -> None:
    """Chalice's defaults are 128 MB, 60 s, logs kept for ever, and a generated policy."""
    its = settings(stage, function)
    assert its.autogen_policy is False
    assert its.iam_policy_file == f"policy-{stage}-{function}.json"
    assert its.lambda_memory_size >= 256
    assert its.lambda_timeout
    assert its.log_retention_in_days >= 14
    assert its.xray_enabled is True
    assert its.lambda_architecture in {"arm64", "x86_64"}


@pytest.mark.parametrize("stage", STAGES)
def test_function_times_out_before_its_caller(stage: str) -> None:
    """Otherwise Step Functions would start it again while it runs, or API Gateway would respond without it."""
    states = MACHINE["States"]
    part = states["ValidateParts"]["ItemProcessor"]["States"]["ValidatePart"]
    segment = states["SplitParts"]["ItemProcessor"]["States"]["SplitSegment"]
    assert settings(stage, "csv_validator").lambda_timeout < states["ValidateCsv"]["TimeoutSeconds"]
    assert settings(stage, "part_validator").lambda_timeout < part["TimeoutSeconds"]
    assert settings(stage, "seam_checker").lambda_timeout < states["CheckSeams"]["TimeoutSeconds"]
    assert settings(stage, "part_merger").lambda_timeout < states["MergeParts"]["TimeoutSeconds"]
    assert settings(stage, "part_splitter").lambda_timeout < segment["TimeoutSeconds"]
    assert settings(stage, "split_joiner").lambda_timeout < states["JoinSplit"]["TimeoutSeconds"]
    assert settings(stage, "row_loader").lambda_timeout < states["PersistRows"]["TimeoutSeconds"]
    for name in ("MarkValidated", "MarkValidationFailed", "MarkSystemFailure"):
        assert settings(stage, "upload_status").lambda_timeout < states[name]["TimeoutSeconds"]
    assert settings(stage, "api_handler").lambda_timeout <= API_GATEWAY_SECONDS


@pytest.mark.parametrize("stage", STAGES)
def test_reserved_concurrency_fits_the_smallest_database(stage: str) -> None:
    """Each environment has one connection; the validators and token_authorizer have none, and reserve nothing."""
    reserved = Stage.read(stage).reserved_concurrency
    in_parts = {"part_validator", "seam_checker", "part_merger", "part_splitter", "split_joiner"}
    without = {"csv_validator", "token_authorizer"} | in_parts
    assert set(FUNCTIONS) - without == set(reserved)
    assert sum(reserved.values()) <= CONNECTIONS * 3 / 4


@pytest.mark.parametrize("stage", STAGES)
def test_sweep_times_out_before_the_next_one_starts(stage: str) -> None:
    """Concurrent sweeps are correct, but would add to the load that delays the first."""
    (schedule,) = (source.schedule_expression for source in app.event_sources if source.name == "upload_sweep")
    assert schedule == f"rate({settings(stage, 'upload_sweep').lambda_timeout // 60} minutes)"


@pytest.mark.parametrize("stage", STAGES)
def test_state_machine_has_the_name_that_terraform_gives_it(stage: str) -> None:
    """The orchestrator derives the ARN from that name and its own ARN; no step of the deployment compares them."""
    assert Stage.read(stage).state_machine == f"{CONFIG['app_name']}-{stage}-csv-processing"


def test_stages_share_no_names() -> None:
    """Resources and policy files of a stage have its name."""
    dev, prod = (json.dumps(CONFIG["stages"][stage]) for stage in STAGES)
    assert "prod" not in dev
    assert "dev" not in prod


def test_stages_contain_no_password() -> None:
    """Stages name the database's secret; a DSN in the configuration would be in git, and in the console."""
    for stage in CONFIG["stages"].values():
        assert "DATABASE_URL" not in stage["environment_variables"]


def test_stage_with_an_unsupported_python_is_refused(tmp_path: Path) -> None:
    """The deployment package would have no wheels for it."""
    config = json.loads(json.dumps(CONFIG))
    config["stages"]["dev"]["lambda_python_version"] = "3.9"
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    with pytest.raises(PythonUnsupported, match=r"one of 3\.11, 3\.12, 3\.13, 3\.14, not 3\.9"):
        Stage.read("dev", tmp_path)


def test_local_stage_cannot_be_deployed() -> None:
    """The local stage names no AWS resources."""
    with pytest.raises(StageUnknown, match=r"no stage 'local' to deploy; .* has dev, prod"):
        Stage.read("local")
