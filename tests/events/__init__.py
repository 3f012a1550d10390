"""Real payloads of the events that Assay receives, one a file."""

import json
from pathlib import Path
from typing import Any


def load(name: str) -> Any:
    """Return the event of that name, fresh."""
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text())
