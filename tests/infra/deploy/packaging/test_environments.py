"""Python environments that the rehearsal creates."""

from pathlib import Path

from infra.deploy.packaging.environments import environment


def test_environment_is_created_once_for_its_requirements(tmp_path: Path) -> None:
    """Equal requirements reuse it; other requirements replace it."""
    home = tmp_path / "cache" / "empty"
    python = environment(home, "# nothing\n")
    assert python.exists()
    trace = home / "trace"
    trace.touch()
    assert environment(home, "# nothing\n") == python
    assert trace.exists()
    environment(home, "# nothing else\n")
    assert not trace.exists()
