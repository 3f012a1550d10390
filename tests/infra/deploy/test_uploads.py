"""The upload that shows that a deployment works: a verdict in time, or how far it came."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen

from infra.deploy.stages import Stage
from infra.deploy.uploads import Deployed, NotTakenUp, NoVerdict

FILE = Path("samples", "good.csv")
MISSING = (HTTPStatus.NOT_FOUND, {"message": "there is no such upload"})
VALIDATED = (HTTPStatus.OK, {"status": "VALIDATED"})


@frozen(kw_only=True)
class Fake(Deployed):
    """A stage that takes up no upload before a certain one."""

    stage: Stage = field(factory=lambda: Stage.read("dev"))
    api_url: str = "nowhere"
    takes_up_from: int = 0
    uploads: list[str] = field(factory=list)

    def put(self, path: Path, *, schema: str | None = None) -> str:
        """Count it."""
        self.uploads.append(f"{path} {schema}")
        return str(len(self.uploads))

    def find(self, upload_id: str) -> tuple[int, Mapping[str, Any]]:
        """Answer at once."""
        return MISSING if int(upload_id) < self.takes_up_from else VALIDATED


def test_a_file_is_uploaded_again_until_the_notifications_begin() -> None:
    """What was uploaded before then will never be taken up."""
    lines: list[str] = []
    deployed = Fake(takes_up_from=3)
    assert deployed.first_verdict(FILE, say=lines.append, patience=0) == {"status": "VALIDATED"}
    assert len(deployed.uploads) == 3
    assert len(lines) == 2


def test_missing_notifications_are_reported() -> None:
    """After as many uploads as make some minutes."""
    deployed = Fake(takes_up_from=9)
    with pytest.raises(NotTakenUp, match="upload 4 is not taken up"):
        deployed.first_verdict(FILE, say=lambda _line: None, uploads=4, patience=0)
    assert len(deployed.uploads) == 4


def test_an_upload_that_was_taken_up_is_not_repeated() -> None:
    """It has longer: only to be taken up is it given little time."""

    @frozen(kw_only=True)
    class Slow(Fake):
        def find(self, upload_id: str) -> tuple[int, Mapping[str, Any]]:  # noqa: ARG002 - the same for all
            return HTTPStatus.OK, {"status": "VALIDATING"}

    with pytest.raises(NoVerdict, match="upload 1 is VALIDATING after 0 s"):
        Slow().await_verdict(Slow().put(FILE), seconds=0, taken_up_within=0)
