"""The upload that checks a deployment: it gets a verdict in time, or the error says how far it got."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen

from infra.deploy.stages import Stage
from infra.deploy.uploads import Deployed, NotStarted, NoVerdict

FILE = Path("samples", "good.csv")
MISSING = (HTTPStatus.NOT_FOUND, {"message": "there is no such upload"})
VALIDATED = (HTTPStatus.OK, {"status": "VALIDATED"})


@frozen(kw_only=True)
class Fake(Deployed):
    """A stage whose notifications begin at a certain upload."""

    stage: Stage = field(factory=lambda: Stage.read("dev"))
    api_url: str = "nowhere"
    takes_up_from: int = 0
    uploads: list[str] = field(factory=list)

    def put(self, path: Path, *, schema: str | None = None) -> str:
        """Count the upload; return its number as its id."""
        self.uploads.append(f"{path} {schema}")
        return str(len(self.uploads))

    def find(self, upload_id: str) -> tuple[int, Mapping[str, Any]]:
        """Return VALIDATED, or 404 for uploads before the notifications."""
        return MISSING if int(upload_id) < self.takes_up_from else VALIDATED


def test_file_is_uploaded_again_until_notifications_begin() -> None:
    """S3 sends no event about earlier uploads."""
    lines: list[str] = []
    deployed = Fake(takes_up_from=3)
    assert deployed.first_verdict(FILE, say=lines.append, patience=0) == {"status": "VALIDATED"}
    assert len(deployed.uploads) == 3
    assert len(lines) == 2


def test_missing_notifications_are_reported() -> None:
    """The number of uploads is limited, which takes some minutes."""
    deployed = Fake(takes_up_from=9)
    with pytest.raises(NotStarted, match="upload 4 is not taken up"):
        deployed.first_verdict(FILE, say=lambda _line: None, uploads=4, patience=0)
    assert len(deployed.uploads) == 4


def test_upload_with_an_attempt_is_not_repeated() -> None:
    """Only the time until its attempt begins is short; its verdict may take longer."""

    @frozen(kw_only=True)
    class Slow(Fake):
        def find(self, upload_id: str) -> tuple[int, Mapping[str, Any]]:  # noqa: ARG002 - equal for all uploads
            return HTTPStatus.OK, {"status": "VALIDATING"}

    with pytest.raises(NoVerdict, match="upload 1 is VALIDATING after 0 s"):
        Slow().wait_for_verdict(Slow().put(FILE), seconds=0, started_within=0)
