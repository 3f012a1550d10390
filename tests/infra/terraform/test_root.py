"""The root, applied with a real provider to a local AWS."""

import io
import json
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import boto3
import pytest

from chalicelib.aws.event_bridge import SOURCE, VERDICT_RECORDED, VERSION
from infra.deploy.commands import CommandFailed
from infra.deploy.terraform import Terraform
from infra.rehearsal import provider
from tests.aws.test_event_bridge import DETAIL

pytestmark = pytest.mark.trial(minutes=4)  # each starts the provider, several times

REGION = "eu-west-1"
FUNCTIONS = (
    *("csv_orchestrator", "csv_validator", "part_validator", "seam_checker", "part_merger"),
    *("part_splitter", "split_joiner"),
    *("row_loader", "upload_status", "execution_settler", "upload_sweep"),
)
STATE_MACHINE = f"arn:aws:states:{REGION}:123456789012:stateMachine:assay-dev-csv-processing"


@pytest.fixture
def terraform(project: Path, provider_archive: Path, aws_endpoint: str) -> Terraform:
    """Configure the provider in the copied root."""
    root = project / "infra"
    extra = provider.use(provider_archive, root, endpoint=aws_endpoint, region=REGION)
    return Terraform(root=root, stage="dev", environment={**os.environ, **extra})


@pytest.fixture
def deployed(project: Path, aws_endpoint: str) -> Path:
    """Create the functions and the HTTP API, and write the file that Chalice would write."""
    lambda_ = boto3.client("lambda", endpoint_url=aws_endpoint)
    iam = boto3.client("iam", endpoint_url=aws_endpoint)
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]}
    role = iam.create_role(RoleName="functions", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    resources = []
    for name in FUNCTIONS:
        made = lambda_.create_function(
            FunctionName=f"assay-dev-{name}",
            Role=role,
            Runtime="python3.11",
            Handler=f"app.{name}",
            Code={"ZipFile": _empty_package()},
        )
        resources.append({"name": name, "resource_type": "lambda_function", "lambda_arn": made["FunctionArn"]})
    resources.append(_http_api(aws_endpoint))
    path = project / ".chalice" / "deployed" / "dev.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"resources": resources, "schema_version": "2.0", "backend": "api"}))
    return path


def test_root_is_applied_and_destroyed(terraform: Terraform, deployed: Path) -> None:
    """The resources are as configured; a second plan changes nothing; destroying leaves nothing."""
    assert deployed.exists()
    terraform.init()
    assert terraform.plan()
    terraform.apply()
    outputs = terraform.outputs()

    assert_state_machine(outputs)
    assert_failed_events_go_to_the_queue(outputs)
    assert_alarms(outputs["alarm_names"])
    assert_api_is_throttled()
    dashboard = boto3.client("cloudwatch").get_dashboard(DashboardName="assay-dev")["DashboardBody"]
    assert STATE_MACHINE in dashboard
    assert not terraform.plan(), "a second plan changes something"

    assert "aws_sfn_state_machine.csv_processing" in terraform.resources()

    terraform.destroy()
    assert terraform.resources() == frozenset()
    assert boto3.client("stepfunctions").list_state_machines()["stateMachines"] == []
    assert boto3.client("logs").describe_log_groups()["logGroups"] == []
    assert boto3.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert boto3.client("cloudwatch").list_dashboards()["DashboardEntries"] == []
    assert boto3.client("sqs").list_queues().get("QueueUrls", []) == []
    assert [role["RoleName"] for role in boto3.client("iam").list_roles()["Roles"]] == ["functions"]


@pytest.mark.parametrize("left", ['{"resources": [], "schema_version": "2.0", "backend": "api"}', None])
def test_root_can_be_destroyed_without_chalices_file(terraform: Terraform, deployed: Path, left: str | None) -> None:
    """Chalice empties the file when it deletes the functions, and CI's artifacts expire."""
    terraform.init()
    assert terraform.plan()
    terraform.apply()
    deployed.unlink() if left is None else deployed.write_text(left)

    terraform.destroy()
    assert terraform.resources() == frozenset()
    assert boto3.client("sqs").list_queues().get("QueueUrls", []) == []
    lambda_ = boto3.client("lambda")
    with pytest.raises(lambda_.exceptions.ResourceNotFoundException):
        lambda_.get_function_event_invoke_config(FunctionName="assay-dev-csv_orchestrator")

    terraform.destroy()  # a second time succeeds, too


def test_alarm_on_an_impossible_duration_is_refused(terraform: Terraform, deployed: Path) -> None:
    """The validator's time-out is in .chalice/config.json."""
    assert deployed.exists()
    terraform.init()
    with pytest.raises(CommandFailed) as failure:
        attrs.evolve(terraform, variables={"validator_alarm_after_seconds": "840"}).plan()
    assert re.search(r"lambda_timeout\s+in\s+\.chalice/config\.json,\s+840", str(failure.value).replace("│", " "))


@pytest.mark.parametrize("bus", ["default", "verdicts"])
def test_invalid_files_are_reported_by_mail(terraform: Terraform, deployed: Path, project: Path, bus: str) -> None:
    """The rule matches this stage's files only, the topic accepts EventBridge only, and addresses are subscribed."""
    assert deployed.exists()
    publish_on(project, bus)
    if bus != "default":
        boto3.client("events").create_event_bus(Name=bus)
    terraform.init()
    mailing = attrs.evolve(terraform, variables={"verdict_mail_addresses": '["ada@example.com"]'})
    assert mailing.plan()
    mailing.apply()

    events, sns = boto3.client("events"), boto3.client("sns")
    rule = events.describe_rule(Name="assay-dev-verdict-mail", EventBusName=bus)
    assert json.loads(rule["EventPattern"]) == {
        "source": [SOURCE],
        "detail-type": [VERDICT_RECORDED],
        "detail": {
            "version": [VERSION],
            "status": ["VALIDATION_FAILED"],
            "systemFailure": [False],
            "bucket": ["assay-dev-uploads"],
        },
    }
    (target,) = events.list_targets_by_rule(Rule="assay-dev-verdict-mail", EventBusName=bus)["Targets"]
    assert set(target["InputTransformer"]["InputPathsMap"].values()) <= {f"$.detail.{name}" for name in DETAIL}
    policy = json.loads(sns.get_topic_attributes(TopicArn=target["Arn"])["Attributes"]["Policy"])
    assert policy["Statement"] == [
        {
            "Sid": "EventBridge",
            "Effect": "Allow",
            "Action": "sns:Publish",
            "Principal": {"Service": "events.amazonaws.com"},
            "Resource": target["Arn"],
        }
    ]
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=target["Arn"])["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ada@example.com")
    (alarm,) = boto3.client("cloudwatch").describe_alarms(AlarmNames=["assay-dev-verdict-mail-failed"])["MetricAlarms"]
    assert ("AWS/Events", "FailedInvocations", 0.0) == (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"])
    of_a_bus = {} if bus == "default" else {"EventBusName": bus}
    assert {it["Name"]: it["Value"] for it in alarm["Dimensions"]} == {"RuleName": rule["Name"], **of_a_bus}
    assert not mailing.plan(), "a second plan changes something"
    mailing.destroy()
    assert (events.list_rules(EventBusName=bus)["Rules"], sns.list_topics()["Topics"]) == ([], [])


@pytest.mark.parametrize("bus", [None, "arn:aws:events:eu-west-1:210987654321:event-bus/verdicts"])
def test_mail_without_an_event_bus_is_refused(
    terraform: Terraform, deployed: Path, project: Path, bus: str | None
) -> None:
    """The rule would match nothing: the stage publishes no verdicts, or on a bus of another account."""
    assert deployed.exists()
    if bus is not None:
        publish_on(project, bus)
    terraform.init()
    with pytest.raises(CommandFailed) as failure:
        attrs.evolve(terraform, variables={"verdict_mail_addresses": '["ada@example.com"]'}).plan()
    assert re.search(r"verdict_mail_addresses\s+needs\s+EVENT_BUS", str(failure.value).replace("│", " "))


def test_undeployed_stage_is_an_error_with_advice(terraform: Terraform) -> None:
    """The root shows the module's message."""
    terraform.init()
    with pytest.raises(CommandFailed, match="run chalice deploy"):
        terraform.plan()


def test_all_invalid_variables_are_named(terraform: Terraform) -> None:
    """Variables are checked before anything is created."""
    wrong = {
        "stage": "local",
        "log_kms_key_arn": "alias/assay",
        "notification_retries": "3",
        "notification_max_age_in_seconds": "30",
        "dead_letter_retention_in_days": "15",
        "alarm_topic_arn": "me@example.com",
        "validator_alarm_after_seconds": "0",
        "verdict_mail_addresses": '["nobody"]',
        "api_requests_per_second": "0",
        "api_burst": "0",
        "tags": '{"Stage": "test"}',
    }
    terraform.init()
    with pytest.raises(CommandFailed) as failure:
        attrs.evolve(terraform, variables=wrong).plan()
    named = set(re.findall(r'Invalid value for variable[\s\S]*?variable "(\w+)"', str(failure.value)))
    assert named == set(wrong)


def publish_on(project: Path, bus: str) -> None:
    """Configure an event bus for a stage of the copied project."""
    path = project / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    config["stages"]["dev"]["environment_variables"]["EVENT_BUS"] = bus
    path.write_text(json.dumps(config))


def assert_state_machine(outputs: Mapping[str, Any]) -> None:
    """Check its ARN, logs, tracing, definition and role."""
    assert outputs["state_machine_arn"] == STATE_MACHINE
    machine = boto3.client("stepfunctions").describe_state_machine(stateMachineArn=STATE_MACHINE)
    assert machine["type"] == "STANDARD"
    assert machine["tracingConfiguration"] == {"enabled": True}
    (destination,) = machine["loggingConfiguration"].pop("destinations")
    assert machine["loggingConfiguration"] == {"level": "ALL", "includeExecutionData": True}
    assert destination["cloudWatchLogsLogGroup"]["logGroupArn"] == f"{outputs['log_group_arn']}:*"
    groups = {
        it["logGroupName"]: it["retentionInDays"] for it in boto3.client("logs").describe_log_groups()["logGroups"]
    }
    assert groups == {outputs["log_group_name"]: 14, "/aws/lambda/assay-dev": 14}
    assert outputs["log_group_name"] == "/aws/states/assay-dev-csv-processing"

    states = json.loads(machine["definition"])["States"]
    states |= states["ValidateParts"]["ItemProcessor"]["States"] | states["SplitParts"]["ItemProcessor"]["States"]
    called = {state["Parameters"]["FunctionName"] for state in states.values() if state["Type"] == "Task"}
    own_events = {"csv_orchestrator", "execution_settler", "upload_sweep"}
    assert called == {outputs["lambda_arns"][name] for name in set(FUNCTIONS) - own_events}
    assert machine["roleArn"] == "arn:aws:iam::123456789012:role/assay-dev-csv-processing"
    policies = boto3.client("iam").list_role_policies(RoleName="assay-dev-csv-processing")["PolicyNames"]
    assert policies == ["assay-dev-csv-processing"]


def assert_failed_events_go_to_the_queue(outputs: Mapping[str, Any]) -> None:
    """Check that events on which the orchestrator fails go to the queue of dead letters."""
    config = boto3.client("lambda").get_function_event_invoke_config(FunctionName="assay-dev-csv_orchestrator")
    queue = boto3.client("sqs").get_queue_attributes(
        QueueUrl=outputs["dead_letter_queue_url"], AttributeNames=["QueueArn", "MessageRetentionPeriod"]
    )["Attributes"]
    assert queue["QueueArn"].endswith(":assay-dev-csv-orchestrator-dead-letters")
    assert queue["MessageRetentionPeriod"] == str(14 * 86400)
    assert config["DestinationConfig"]["OnFailure"] == {"Destination": queue["QueueArn"]}
    assert config["MaximumRetryAttempts"] == 2
    assert config["MaximumEventAgeInSeconds"] == 21600


def assert_alarms(names: list[str]) -> None:
    """Check that each alarm has a metric and dimensions that exist."""
    alarms = {alarm["AlarmName"]: alarm for alarm in boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]}
    assert sorted(alarms) == names
    watched = {
        name.removeprefix("assay-dev-"): (
            alarm["Namespace"],
            alarm["MetricName"],
            {it["Name"]: it["Value"] for it in alarm["Dimensions"]},
        )
        for name, alarm in alarms.items()
    }
    machine = {"StateMachineArn": STATE_MACHINE}

    def lambda_(function: str) -> dict[str, str]:
        return {"FunctionName": f"assay-dev-{function}"}

    assert watched == {
        "executions-failed": ("AWS/States", "ExecutionsFailed", machine),
        "executions-timed-out": ("AWS/States", "ExecutionsTimedOut", machine),
        "dead-letters": (
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": "assay-dev-csv-orchestrator-dead-letters"},
        ),
        "validator-duration": ("AWS/Lambda", "Duration", lambda_("csv_validator")),
        "part-validator-duration": ("AWS/Lambda", "Duration", lambda_("part_validator")),
        "part-merger-duration": ("AWS/Lambda", "Duration", lambda_("part_merger")),
        "part-splitter-duration": ("AWS/Lambda", "Duration", lambda_("part_splitter")),
        "split-joiner-duration": ("AWS/Lambda", "Duration", lambda_("split_joiner")),
        "row-loader-duration": ("AWS/Lambda", "Duration", lambda_("row_loader")),
        "row-loader-errors": ("AWS/Lambda", "Errors", lambda_("row_loader")),
        "execution-settler-gave-up": ("AWS/Lambda", "AsyncEventsDropped", lambda_("execution_settler")),
        "upload-sweep-overdue": ("AWS/Lambda", "Errors", lambda_("upload_sweep")),
        "http-api-faults": ("Assay", "faults", {"function": "assay-dev"}),
        "http-api-errors": ("AWS/Lambda", "Errors", {"FunctionName": "assay-dev"}),
        "http-api-throttled": ("AWS/Lambda", "Throttles", {"FunctionName": "assay-dev"}),
        "http-api-5xx": ("AWS/ApiGateway", "5XXError", {"ApiName": "assay", "Stage": "api"}),
        **{f"{name.replace('_', '-')}-throttled": ("AWS/Lambda", "Throttles", lambda_(name)) for name in FUNCTIONS},
    }
    assert {alarm["Threshold"] for alarm in alarms.values()} == {0.0, 3.0, 600_000.0, 630_000.0}
    assert {alarm["DatapointsToAlarm"] for alarm in alarms.values()} == {1}
    # A duration has the time at which the invocation began: the alarm must still consider it 14 minutes later.
    assert {name.removeprefix("assay-dev-") for name, it in alarms.items() if it["EvaluationPeriods"] != 1} == {
        "validator-duration",
        "part-validator-duration",
        "part-merger-duration",
        "part-splitter-duration",
        "split-joiner-duration",
        "row-loader-duration",
    }
    for late in (alarm for name, alarm in alarms.items() if name.endswith("-duration")):
        assert late["Period"] * (late["EvaluationPeriods"] - 1) > 840
    # The sweep's alarm is about missing runs; a single failed run is no alarm.
    overdue = alarms.pop("assay-dev-upload-sweep-overdue")
    assert (overdue["TreatMissingData"], overdue["Statistic"], overdue["Period"]) == ("breaching", "Minimum", 900)
    assert {alarm["TreatMissingData"] for alarm in alarms.values()} == {"notBreaching"}


def _http_api(endpoint: str) -> dict[str, str]:
    """Create an HTTP API with one route, and return what Chalice would write about it."""
    gateway = boto3.client("apigateway", endpoint_url=endpoint)
    api = gateway.create_rest_api(name="assay")["id"]
    (root,) = gateway.get_resources(restApiId=api)["items"]
    route = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    gateway.put_method(**route, authorizationType="NONE")
    gateway.put_integration(**route, type="MOCK")
    gateway.create_deployment(restApiId=api, stageName="api")
    url = f"https://{api}.execute-api.{REGION}.amazonaws.com/api/"
    return {"name": "rest_api", "resource_type": "rest_api", "rest_api_id": api, "rest_api_url": url}


def assert_api_is_throttled() -> None:
    """Check the limits of requests to all routes together."""
    gateway = boto3.client("apigateway")
    (api,) = gateway.get_rest_apis()["items"]
    settings = gateway.get_stage(restApiId=api["id"], stageName="api")["methodSettings"]["*/*"]
    assert (50.0, 100) == (settings["throttlingRateLimit"], settings["throttlingBurstLimit"])


def _empty_package() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("app.py", "")
    return buffer.getvalue()
