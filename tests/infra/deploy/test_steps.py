"""Steps: each prints its outcome; the first failure ends them with advice."""

from collections.abc import Callable
from typing import NoReturn

from infra.deploy.steps import Refused, Step, run
from infra.deploy.uploads import Unprotected


def step(title: str, do: Callable[[], str]) -> Step:
    """Return a step."""
    return Step(title=title, remedy=f"look after the {title}", do=do)


def fail() -> NoReturn:
    """Raise as a failing step does."""
    raise Refused("the road is closed")


def test_steps_are_printed_in_order_with_their_outcomes() -> None:
    """A step prints title, outcome and duration."""
    said: list[str] = []
    assert run([step("bread", lambda: "baked"), step("wine", lambda: "pressed")], said.append)
    assert [line.partition(" (")[0] for line in said] == ["\n[1/2] bread", "  baked", "\n[2/2] wine", "  pressed"]


def test_failed_step_ends_the_deployment_with_advice() -> None:
    """The following steps do not run, and the output says so."""
    said: list[str] = []
    taken: list[str] = []

    def take() -> str:
        taken.append("wine")
        return "pressed"

    assert not run([step("bread", fail), step("wine", take), step("cheese", take)], said.append)
    assert taken == []
    assert said == [
        "\n[1/3] bread",
        "  failed: the road is closed\n  What to do: look after the bread",
        "  Steps 2 to 3 were not taken.",
    ]


def test_open_api_fails_its_step() -> None:
    """An HTTP API that answers without credentials is reported like any other failure, without a traceback."""

    def smoke() -> NoReturn:
        raise Unprotected("GET /uploads without credentials answers 200")

    said: list[str] = []
    assert not run([step("sample", smoke)], said.append)
    assert "failed: GET /uploads without credentials answers 200" in said[1]
