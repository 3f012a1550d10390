"""Steps: each prints what it does; the first failure ends them, and says what to do."""

from collections.abc import Callable
from typing import NoReturn

from infra.deploy.steps import Refused, Step, run


def step(title: str, do: Callable[[], str]) -> Step:
    """Make a step."""
    return Step(title=title, remedy=f"look after the {title}", do=do)


def fail() -> NoReturn:
    """Do what a step does that is not possible."""
    raise Refused("the road is closed")


def test_steps_are_printed_in_order_with_their_outcomes() -> None:
    """Title, outcome, and how long it took."""
    said: list[str] = []
    assert run([step("bread", lambda: "baked"), step("wine", lambda: "pressed")], said.append)
    assert [line.partition(" (")[0] for line in said] == ["\n[1/2] bread", "  baked", "\n[2/2] wine", "  pressed"]


def test_a_step_that_fails_ends_it_and_says_what_to_do() -> None:
    """The steps after it are not run, and that is printed."""
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
