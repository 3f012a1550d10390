"""Python environments of our own."""

from pathlib import Path

from infra.deploy.environments import environment


def test_an_environment_is_made_once_for_what_is_asked_for(tmp_path: Path) -> None:
    """Asked for the same again, it is there; asked for something else, it is made again."""
    home = tmp_path / "cache" / "empty"
    python = environment(home, "# nothing\n")
    assert python.exists()
    trace = home / "trace"
    trace.touch()
    assert environment(home, "# nothing\n") == python
    assert trace.exists()
    environment(home, "# nothing else\n")
    assert not trace.exists()
