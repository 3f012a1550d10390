"""The documents agree with the code, and their links work."""

import inspect
import json
import re
from itertools import chain
from pathlib import Path

import pytest

from chalicelib import codec, errors
from chalicelib.aws import event_bridge as event_bus
from chalicelib.telemetry import metrics
from chalicelib.telemetry.log_fields import LogFields
from chalicelib.uploads.lifecycle import SUCCESSORS
from chalicelib.uploads.messages import Verdict
from chalicelib.validation.report import ErrorCode
from infra.deploy.stages import API_HANDLER

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()

_DIAGRAM = re.compile(r"```mermaid\nstateDiagram-v2\n(.*?)```", re.DOTALL)
_ARROW = re.compile(r"^ +(\w+) --> (\w+)", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
_ANCHOR = re.compile(r"\]\((?!https?:)([^)#]*)#([^)]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def _arrows(diagram: str) -> set[tuple[str, str]]:
    return set(_ARROW.findall(diagram))


def test_diagram_of_statuses_is_the_table_of_transitions() -> None:
    """The diagram has an arrow for each transition, and no other."""
    statuses, _ = _DIAGRAM.findall(ARCHITECTURE)
    table = {(before.value, after.value) for before, successors in SUCCESSORS.items() for after in successors}
    assert table == _arrows(statuses)


def test_diagram_of_the_state_machine_is_its_definition() -> None:
    """The diagram has an arrow for each transition between states, and no other."""
    _, machine = _DIAGRAM.findall(ARCHITECTURE)
    states = json.loads((ROOT / "statemachine" / "csv_processing.asl.json").read_text())["States"]
    definition = {
        (name, following)
        for name, state in states.items()
        for following in chain(
            [state[key] for key in ("Next", "Default") if key in state],
            [rule["Next"] for rule in [*state.get("Choices", []), *state.get("Catch", [])]],
        )
    }
    assert definition == _arrows(machine)


def test_tree_of_exceptions_is_complete() -> None:
    """The docstring of `errors` names each exception below its parent."""
    drawn = set(re.findall(r"[├└]── (\w+)", str(errors.__doc__)))
    assert drawn == {name for name, _ in inspect.getmembers(errors, inspect.isclass)} - {"AssayError"}


def test_error_codes_are_documented() -> None:
    """The table lists all error codes and no others."""
    table = ARCHITECTURE.partition("| code |")[2].partition("\n\n")[0]
    assert sorted(ErrorCode) == sorted(re.findall(r"`([a-z-]+)`", table))


def test_error_codes_of_the_state_machine_exist() -> None:
    """The definition is JSON and cannot import the enumeration."""
    definition = (ROOT / "statemachine" / "csv_processing.asl.json").read_text()
    assert [ErrorCode.SYSTEM_ERROR] == re.findall(r'"code": "([a-z-]+)"', definition)


def test_log_fields_are_documented() -> None:
    """The table lists all fields that a line may have, and no others."""
    table = OPERATIONS.partition("| log field |")[2].partition("\n\n")[0]
    documented = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(LogFields.__annotations__) == sorted(documented)


def test_metrics_are_documented() -> None:
    """Each function's metrics are listed, and the maximum number of metrics that AWS charges for."""
    documented: dict[str, set[str]] = {}
    function = ""
    for row in OPERATIONS.partition("| function | metric |")[2].partition("\n\n")[0].splitlines()[2:]:
        _, name, names, *_ = row.split("|")
        function = name.strip(" `") or function
        documented.setdefault(function, set()).update(re.findall(r"`(\w+)`", names))
    documented[API_HANDLER] = documented.pop("the HTTP API's")
    declared = {function: {it.name for it in table} for function, table in metrics.METRICS.items() if table}
    assert declared == documented
    everything = [metric for table in metrics.METRICS.values() for metric in table]
    statuses = 2 * sum(metric.by == ("outcome",) for metric in everything)
    schema = sum(2 if "outcome" in metric.by else 1 for metric in everything if "schema" in metric.by)
    codes = 2 * (len(ErrorCode) - 1)  # the validator and part_merger find no system-error
    cost = f"up to {len(everything) + codes} for a stage, {statuses} for the statuses and {schema} for each schema"
    assert cost in " ".join(OPERATIONS.split())


def test_alarms_are_documented() -> None:
    """Each alarm has a row that explains it; those for throttled functions share one."""
    alarms = (ROOT / "infra" / "alarms.tf").read_text()
    made = re.findall(r"^ {4,6}([a-z-]+) += \{", alarms, re.MULTILINE) + re.findall(
        r'"(?:\$\{.*\}-)?([a-z-]+)" =>', alarms
    )
    documented = re.findall(r"^\| `…-([a-z-]+)` \|", OPERATIONS, re.MULTILINE)
    assert sorted(made) == sorted(documented)


def test_example_of_a_verdict_event_is_correct() -> None:
    """Rules for EventBridge are written from the example."""
    example = json.loads(OPERATIONS.partition("This is its detail:\n\n```json\n")[2].partition("```")[0])
    known = codec.structure({name: value for name, value in example.items() if name != "version"}, Verdict)
    assert list(example.items()) == list(event_bus.detail(known).items())
    assert f"source `{event_bus.SOURCE}`" in OPERATIONS
    assert f"detail type `{event_bus.VERDICT_RECORDED}`" in " ".join(OPERATIONS.split())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_name_existing_files(document: Path) -> None:
    """Relative links name a file or folder of the project."""
    broken = [target for target in _LINK.findall(document.read_text()) if not (document.parent / target).exists()]
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_anchors_name_existing_headings(document: Path) -> None:
    """Anchors are compared with the headings as GitHub writes them."""
    broken = [
        f"{target}#{anchor}"
        for target, anchor in _ANCHOR.findall(document.read_text())
        if anchor not in _anchors(document.parent / target if target else document)
    ]
    assert broken == []


def _anchors(document: Path) -> set[str]:
    headings = _HEADING.findall(document.read_text())
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_glossary_defines_each_term_once() -> None:
    """A word with two meanings says of what it is, as in `label of a cell`."""
    entries = re.findall(r"^- (\*\*.+?):", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
    terms = [term for entry in entries for term in entry.split(", ")]
    assert sorted(set(terms)) == sorted(terms)


def test_glossary_names_modules_that_exist() -> None:
    """A path in the glossary is one of `chalicelib`, or of the project."""
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+(?:\.py)?|[a-z_]+\.py)`", (ROOT / "docs" / "glossary.md").read_text())
    assert "uploads/lifecycle.py" in named
    assert [path for path in named if not ((ROOT / "chalicelib" / path).exists() or (ROOT / path).exists())] == []
