"""The documents: true to the code, and with links that lead somewhere."""

import inspect
import json
import re
from itertools import chain
from pathlib import Path

import pytest

from chalicelib import errors, metrics
from chalicelib.domain.lifecycle import SUCCESSORS

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()

_DIAGRAM = re.compile(r"```mermaid\nstateDiagram-v2\n(.*?)```", re.DOTALL)
_ARROW = re.compile(r"^ +(\w+) --> (\w+)", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def _arrows(diagram: str) -> set[tuple[str, str]]:
    return set(_ARROW.findall(diagram))


def test_diagram_of_statuses_is_the_table_of_transitions() -> None:
    """One table, drawn."""
    statuses, _ = _DIAGRAM.findall(ARCHITECTURE)
    table = {(before.value, after.value) for before, successors in SUCCESSORS.items() for after in successors}
    assert table == _arrows(statuses)


def test_diagram_of_the_state_machine_is_its_definition() -> None:
    """One definition, drawn."""
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


def test_tree_of_exceptions_is_drawn_in_full() -> None:
    """The docstring of the errors shows every one of them."""
    drawn = set(re.findall(r"[├└]── (\w+)", str(errors.__doc__)))
    assert drawn == {name for name, _ in inspect.getmembers(errors, inspect.isclass)} - {"AssayError"}


def test_codes_of_errors_are_documented() -> None:
    """Whoever meets one can look it up."""
    sources = chain(ROOT.glob("chalicelib/**/*.py"), ROOT.glob("statemachine/*.json"))
    text = "\n".join(source.read_text() for source in sources)
    codes = set(re.findall(r'(?:Fault\(|_key\(|"code": )"([a-z-]+)"', text))
    documented = set(re.findall(r"`([a-z-]+)`", ARCHITECTURE.partition("| code |")[2].partition("\n\n")[0]))
    assert codes == documented
    assert codes == {*metrics.CODES, "system-error"}, "each is a metric of the validator's, but for what it never finds"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link names a file or folder that is there."""
    broken = [target for target in _LINK.findall(document.read_text()) if not (document.parent / target).exists()]
    assert broken == []
