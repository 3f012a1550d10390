"""Deploys the app to the local AWS as `chalice deploy` and Terraform would."""

import importlib
import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, Final
from unittest.mock import patch

from attrs import frozen
from chalice.app import CloudWatchEventConfig, S3EventConfig, ScheduledEventConfig, ScheduleExpression
from chalice.config import Config

from infra.local.aws.account import LocalAws
from infra.local.aws.event_bridge import EventRule, Schedule
from infra.local.lambdas.environments import Function
from infra.local.project import PROJECT_ROOT

STAGE: Final = "local"
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
        "Action": "sts:AssumeRole",
    },
}


@frozen(kw_only=True)
class ObjectTrigger:
    """A bucket invokes `function` for `events` on keys that start with `prefix` and end with `suffix`."""

    bucket: str
    function: str
    events: tuple[str, ...]
    prefix: str
    suffix: str = ""

    def configuration(self, function_arn: str) -> dict[str, Any]:
        """Return the bucket's notification configuration."""
        return {
            "LambdaFunctionArn": function_arn,
            "Events": list(self.events),
            "Filter": {
                "Key": {
                    "FilterRules": [
                        {"Name": name, "Value": value}
                        for name, value in (("prefix", self.prefix), ("suffix", self.suffix))
                        if value
                    ]
                }
            },
        }


@frozen(kw_only=True)
class Deployment:
    """A stage's functions, what invokes them, and its state machine, with their names in AWS.

    `project` is the prefix of these names, `environment` the functions' environment variables, and `services` the app's
    cached factory of the parts that its functions use.
    """

    project: str
    functions: tuple[Function, ...]
    trigger: ObjectTrigger
    state_machine: str
    definition: str
    environment: Mapping[str, str]
    services: Any
    rules: tuple[EventRule, ...] = ()
    schedules: tuple[Schedule, ...] = ()


def describe_project() -> Deployment:
    """Read the app's own declarations, the stage's configuration and the state machine's definition."""
    config = json.loads((PROJECT_ROOT / ".chalice" / "config.json").read_text())
    environment: dict[str, str] = Config(STAGE, config_from_disk=config).environment_variables
    with patch.dict(os.environ, environment):  # the app reads its bucket's name when it is imported
        app = importlib.import_module("app")
    project = f"{config['app_name']}-{STAGE}"
    return Deployment(
        project=project,
        functions=declared_functions(app.app, config, project),
        trigger=declared_trigger(app.app, project),
        state_machine=environment["STATE_MACHINE_NAME"],
        definition=(PROJECT_ROOT / "statemachine" / "csv_processing.asl.json").read_text(),
        environment=environment,
        services=app.services,
        rules=declared_rules(app.app, project),
        schedules=declared_schedules(app.app, project),
    )


def declared_functions(declared: Any, config: Mapping[str, Any], project: str) -> tuple[Function, ...]:
    """Return the functions of a Chalice app: plain ones, and those behind events."""

    def function(name: str, path: str) -> Function:
        settings = Config(STAGE, function_name=name, config_from_disk=config)
        given = {"memory_size": settings.lambda_memory_size, "timeout": settings.lambda_timeout}
        return Function(
            name=f"{project}-{name}",
            handler=declared.handler_map[name],
            path=path,
            **{key: value for key, value in given.items() if value is not None},
        )

    return tuple(
        function(it.name, it.handler_string) for it in (*declared.pure_lambda_functions, *declared.event_sources)
    )


def declared_trigger(declared: Any, project: str) -> ObjectTrigger:
    """Return the one S3 trigger of a Chalice app."""
    (source,) = (source for source in declared.event_sources if isinstance(source, S3EventConfig))
    return ObjectTrigger(
        bucket=source.bucket,
        function=f"{project}-{source.name}",
        events=tuple(source.events),
        prefix=source.prefix,
        suffix=source.suffix or "",
    )


def declared_rules(declared: Any, project: str) -> tuple[EventRule, ...]:
    """Return the EventBridge rules of a Chalice app."""
    return tuple(
        EventRule(function=f"{project}-{source.name}", pattern=source.event_pattern)
        for source in declared.event_sources
        if isinstance(source, CloudWatchEventConfig)
    )


def declared_schedules(declared: Any, project: str) -> tuple[Schedule, ...]:
    """Return the schedules of a Chalice app."""
    return tuple(
        Schedule.of(f"{project}-{source.name}", _in_words(source.schedule_expression))
        for source in declared.event_sources
        if isinstance(source, ScheduledEventConfig)
    )


def _in_words(expression: str | ScheduleExpression) -> str:
    return expression if isinstance(expression, str) else str(expression.to_string())


def deploy(deployment: Deployment, aws: LocalAws) -> None:
    """Create the functions, the versioned bucket with its trigger, and the state machine."""
    role = _create_role(deployment.project, aws)
    _create_functions(deployment.functions, role, aws)
    _create_bucket(deployment.trigger, aws)
    _create_state_machine(deployment, role, aws)


def _create_role(name: str, aws: LocalAws) -> str:
    """Create one role for everything: permissions are not checked here, but the role must exist."""
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))
    return str(role["Role"]["Arn"])


def _create_functions(functions: Iterable[Function], role: str, aws: LocalAws) -> None:
    lambda_ = aws.client("lambda")
    for function in functions:
        lambda_.create_function(
            FunctionName=function.name,
            Role=role,
            Runtime="python3.11",
            Handler=function.name,
            Code={"ZipFile": b"the code is in this process"},
            MemorySize=function.memory_size,
            Timeout=function.timeout,
        )


def _create_bucket(trigger: ObjectTrigger, aws: LocalAws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=trigger.bucket)
    s3.put_bucket_versioning(Bucket=trigger.bucket, VersioningConfiguration={"Status": "Enabled"})
    configuration = trigger.configuration(aws.runtime.function_arn(trigger.function))
    s3.put_bucket_notification_configuration(
        Bucket=trigger.bucket,
        NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]},
    )


def _create_state_machine(deployment: Deployment, role: str, aws: LocalAws) -> None:
    definition = deployment.definition
    for function in deployment.functions:
        # Not string.Template: it would make `$` of `$$`, which begins the paths of the context object.
        placeholder = "${" + function.name.removeprefix(f"{deployment.project}-") + "_arn}"
        definition = definition.replace(placeholder, aws.runtime.function_arn(function.name))
    aws.client("stepfunctions").create_state_machine(name=deployment.state_machine, definition=definition, roleArn=role)
