"""What `make serve` tells a person of the functions' warnings."""

from io import StringIO

import pytest

from chalicelib.telemetry import logs
from infra.local.serve import _warnings_told_to
from infra.local.story import Story


@pytest.mark.parametrize("place", [{"key": "uploads/nobody.csv"}, {"uploadId": "uploads/nobody.csv"}])
def test_a_warning_is_told_with_what_it_is_about(place: dict[str, str]) -> None:
    """An object, or an upload where that is all that is known."""
    out = StringIO()
    with _warnings_told_to(Story(out)):
        logs.warn("object rejected", **place, reason="it is none")
    assert "object rejected: uploads/nobody.csv: it is none\n" == out.getvalue()
