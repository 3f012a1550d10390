"""The secret scan finds secrets, and does not print them."""

from pathlib import Path

import pytest

from infra.scans import secrets

PLANTED = {
    "an AWS key": "key = '" + "AKIA" + "Z7RQ2LMNB5XW3TPD'",
    "a private key": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "a password in a URL": "postgresql://assay:" + "k9Xw2pLq7v" + "@db.internal.net/assay",
}


@pytest.mark.parametrize("what", PLANTED)
def test_planted_secret_is_found(tmp_path: Path, capfd: pytest.CaptureFixture[str], what: str) -> None:
    """The output has its place, but not the secret: the output is logged."""
    file = tmp_path / "settings.py"
    file.write_text(f"# nothing\n{PLANTED[what]}\n")
    assert secrets.scan([file]) == 1
    printed = capfd.readouterr()
    assert f"{file}:2" in printed.out + printed.err
    assert PLANTED[what] not in printed.out + printed.err


def test_allow_list_comment_is_respected(tmp_path: Path) -> None:
    """A line with the allow-list comment is accepted."""
    file = tmp_path / "settings.py"
    file.write_text(f"{PLANTED['an AWS key']}  # pragma: allowlist secret\n")
    assert secrets.scan([file]) == 0
