"""The local deployment has what the app declares."""

from typing import Any

from chalice.app import Chalice, Rate

from infra.local.aws.event_bridge import EventRule
from infra.local.deployment import (
    ObjectTrigger,
    declared_functions,
    declared_rules,
    declared_schedules,
    declared_trigger,
    describe_project,
)


def example_app() -> Any:
    """Return a Chalice app with a trigger and a plain function."""
    app = Chalice(app_name="example")
    app.on_s3_event(bucket="drop", prefix="in/", name="receiver")(lambda _event: None)
    app.lambda_function(name="worker")(lambda _event, _context: "done")
    return app


def test_every_declared_function_is_deployed_under_its_name_in_aws() -> None:
    """This holds for plain functions and for those with triggers."""
    functions = declared_functions(example_app(), {}, "example-local")

    assert {"example-local-receiver", "example-local-worker"} == {function.name for function in functions}


def test_memory_and_timeout_are_those_of_the_configuration() -> None:
    """A function's own configuration takes precedence over the stage's."""
    config = {
        "stages": {
            "local": {
                "lambda_timeout": 30,
                "lambda_functions": {"worker": {"lambda_timeout": 900, "lambda_memory_size": 1024}},
            }
        }
    }

    functions = {it.name: it for it in declared_functions(example_app(), config, "example-local")}

    worker, receiver = functions["example-local-worker"], functions["example-local-receiver"]
    assert (worker.memory_size, worker.timeout) == (1024, 900)
    assert (receiver.memory_size, receiver.timeout) == (128, 30)


def test_trigger_is_the_declared_one() -> None:
    """Only the app names bucket and prefix."""
    expected = ObjectTrigger(
        bucket="drop",
        function="example-local-receiver",
        events=("s3:ObjectCreated:*",),
        prefix="in/",
    )

    assert expected == declared_trigger(example_app(), "example-local")


def test_placeholders_are_functions_of_the_project() -> None:
    """Each placeholder of the state machine's definition has an ARN."""
    deployment = describe_project()

    definition = deployment.definition
    for function in deployment.functions:
        name = function.name.removeprefix(f"{deployment.project}-")
        definition = definition.replace(f"${{{name}_arn}}", "")
    assert "${" not in definition


def test_rules_and_schedules_are_the_declared_ones() -> None:
    """A rate may be a text or Chalice's object."""
    app: Any = Chalice(app_name="example")
    pattern = {"source": ["aws.states"]}
    app.on_cw_event(pattern, name="settler")(lambda _event: None)
    app.schedule("rate(5 minutes)", name="sweep")(lambda _event: None)
    app.schedule(Rate(1, unit=Rate.HOURS), name="count")(lambda _event: None)

    assert (EventRule(function="example-local-settler", pattern=pattern),) == declared_rules(app, "example-local")
    assert {"example-local-sweep": 300.0, "example-local-count": 3600.0} == {
        it.function: it.period for it in declared_schedules(app, "example-local")
    }
