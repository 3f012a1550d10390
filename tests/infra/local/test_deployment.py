"""What is deployed locally is what the app declares."""

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


def toy_app() -> Any:
    """Return a Chalice app with a trigger and a plain function."""
    app = Chalice(app_name="toy")
    app.on_s3_event(bucket="drop", prefix="in/", name="receiver")(lambda _event: None)
    app.lambda_function(name="worker")(lambda _event, _context: "done")
    return app


def test_every_declared_function_is_deployed_under_its_name_in_aws() -> None:
    """Plain functions and those behind events both count."""
    functions = declared_functions(toy_app(), {}, "toy-local")

    assert {"toy-local-receiver", "toy-local-worker"} == {function.name for function in functions}


def test_memory_and_timeout_come_from_the_stages_configuration() -> None:
    """What is configured for a function alone goes before what the stage says."""
    config = {
        "stages": {
            "local": {
                "lambda_timeout": 30,
                "lambda_functions": {"worker": {"lambda_timeout": 900, "lambda_memory_size": 1024}},
            }
        }
    }

    functions = {it.name: it for it in declared_functions(toy_app(), config, "toy-local")}

    worker, receiver = functions["toy-local-worker"], functions["toy-local-receiver"]
    assert (worker.memory_size, worker.timeout) == (1024, 900)
    assert (receiver.memory_size, receiver.timeout) == (128, 30)


def test_the_trigger_is_the_one_that_is_declared() -> None:
    """Bucket and prefix stand in the app, and nowhere else."""
    expected = ObjectTrigger(
        bucket="drop",
        function="toy-local-receiver",
        events=("s3:ObjectCreated:*",),
        prefix="in/",
    )

    assert expected == declared_trigger(toy_app(), "toy-local")


def test_the_projects_placeholders_are_its_functions() -> None:
    """No placeholder of the state machine's definition is left without an ARN."""
    deployment = describe_project()

    definition = deployment.definition
    for function in deployment.functions:
        name = function.name.removeprefix(f"{deployment.project}-")
        definition = definition.replace(f"${{{name}_arn}}", "")
    assert "${" not in definition


def test_rules_and_schedules_are_those_that_are_declared() -> None:
    """A rate may be written as a text or as Chalice's own object."""
    app: Any = Chalice(app_name="toy")
    pattern = {"source": ["aws.states"]}
    app.on_cw_event(pattern, name="settler")(lambda _event: None)
    app.schedule("rate(5 minutes)", name="sweep")(lambda _event: None)
    app.schedule(Rate(1, unit=Rate.HOURS), name="count")(lambda _event: None)

    assert (EventRule(function="toy-local-settler", pattern=pattern),) == declared_rules(app, "toy-local")
    assert {"toy-local-sweep": 300.0, "toy-local-count": 3600.0} == {
        it.function: it.period for it in declared_schedules(app, "toy-local")
    }
