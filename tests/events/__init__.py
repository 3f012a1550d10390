"""Real payloads of the events that Assay receives, one for each file."""

import json
from pathlib import Path
from typing import Any


def load(name: str) -> Any:
    """Return a new copy of the event with that name."""
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text())
