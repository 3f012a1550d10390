"""The deployment package: all its faults are reported together."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import evolve

from infra.deploy.packaging.package import PackageUnfit, inspect
from infra.deploy.packaging.requirements import RuntimeWheels, WheelsMissing, pinned
from infra.deploy.stages import PROJECT_ROOT, Stage

STAGE = evolve(Stage.read("dev"), architecture="x86_64", python="3.13")
APP = "csv_orchestrator = csv_validator = upload_status = migrate = app = None\n"
WHEEL = "Tag: py3-none-any\n"
FIT = {
    "app.py": APP,
    "chalicelib/rules.py": "LIMIT = 1\n",
    "chalicelib/rules.json": "{}",
    "chalice/__init__.py": "",
    "chalice/app.py": "",
    "touchstone.py": "",
    "touchstone-2.1.dist-info/METADATA": "Requires-Dist: gold_leaf (>=1); extra == 'shiny'\n",
    "touchstone-2.1.dist-info/WHEEL": WHEEL,
    "touchstone-2.1.dist-info/RECORD": "touchstone.py,,\ntouchstone-2.1.dist-info/METADATA,,\n"
    "touchstone-2.1.dist-info/WHEEL,,\ntouchstone-2.1.dist-info/RECORD,,\n",
    "gold_leaf-1.0.dist-info/METADATA": "",
    "gold_leaf-1.0.dist-info/WHEEL": "Tag: cp311-cp311-manylinux2014_x86_64\n",
    "gold_leaf-1.0.dist-info/RECORD": "gold_leaf-1.0.dist-info/METADATA,,\ngold_leaf-1.0.dist-info/WHEEL,,\n"
    "gold_leaf-1.0.dist-info/RECORD,,\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Create a project that the package above matches; its bytecode is ignored."""
    (tmp_path / "chalicelib" / "__pycache__").mkdir(parents=True)
    (tmp_path / "chalicelib" / "__pycache__" / "rules.pyc").touch()
    for name in ("app.py", "chalicelib/rules.py", "chalicelib/rules.json"):
        (tmp_path / name).write_text(FIT[name])
    (tmp_path / "requirements.txt").write_text("# what it needs\ntouchstone[shiny]==2.1\n")
    return tmp_path


def packed(project: Path, contents: Mapping[str, str]) -> Path:
    """Create a package with these contents."""
    path = project / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def test_valid_package_is_described(project: Path) -> None:
    """A package for another machine cannot be imported here, but everything else is checked."""
    contents = {**FIT, "gold_leaf-1.0.dist-info/WHEEL": "Tag: cp311-cp311-manylinux2014_aarch64\n"}
    package = inspect(packed(project, contents), project, evolve(STAGE, architecture="arm64"))
    assert package.distributions == {"touchstone": "2.1", "gold-leaf": "1.0"}
    assert package.files == len(FIT)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"chalicelib/rules.json": None}, "chalicelib/rules.json is missing"),
        ({"app.py": "pass"}, "app.py is not what it is in the project"),
        ({"chalice/app.py": None}, "chalice/app.py is missing"),
        ({"notes.txt": ""}, "notes.txt is superfluous: it belongs to nothing"),
        ({"chalicelib/__pycache__/rules.pyc": ""}, "chalicelib/__pycache__/rules.pyc is superfluous"),
        ({"touchstone-2.1.dist-info/METADATA": None}, "touchstone 2.1 is missing, though requirements.txt names it"),
        ({"touchstone-2.1.dist-info/METADATA": ""}, "gold-leaf is superfluous: nothing requires it"),
        (
            {"gold_leaf-1.0.dist-info/WHEEL": "Tag: cp311-cp311-manylinux2014_aarch64\n"},
            "gold_leaf-1.0.dist-info is built for manylinux2014_aarch64, not for x86_64",
        ),
    ],
)
def test_faults_of_a_package_are_reported(project: Path, change: Mapping[str, str | None], problem: str) -> None:
    """Chalice would deploy each of these packages."""
    contents = {name: content for name, content in {**FIT, **change}.items() if content is not None}
    with pytest.raises(PackageUnfit, match=problem):
        inspect(packed(project, contents), project, STAGE)


def test_version_that_differs_from_the_pinned_one_is_reported(project: Path) -> None:
    """For example, a package may have been built before the pin changed."""
    (project / "requirements.txt").write_text("touchstone==2.2\n")
    with pytest.raises(PackageUnfit, match=r"touchstone is of version 2\.1, not 2\.2 as in requirements\.txt"):
        inspect(packed(project, FIT), project, STAGE)


def test_oversized_package_is_reported(project: Path) -> None:
    """A cold start loads the whole package."""
    (project / "chalicelib" / "rules.json").write_text("x" * 17_000_000)
    contents = {**FIT, "chalicelib/rules.json": "x" * 17_000_000}
    with pytest.raises(PackageUnfit, match="are more than the 16777216 that we allow"):
        inspect(packed(project, contents), project, STAGE)


def test_all_faults_are_reported_at_once(project: Path) -> None:
    """The exception has all of them."""
    contents = {name: content for name, content in FIT.items() if name != "app.py"} | {"notes.txt": ""}
    with pytest.raises(PackageUnfit, match=r"app\.py is missing\nnotes\.txt is superfluous"):
        inspect(packed(project, contents), project, STAGE)


def test_requirements_are_those_of_the_stage(tmp_path: Path) -> None:
    """Markers are evaluated for Lambda's runtime, not for this machine."""
    (tmp_path / "requirements.txt").write_text(
        'old==1 ; python_full_version < "3.12" \\\n    --hash=sha256:0\n'
        "new==2 ; python_version >= '3.12' \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\n"
        "windows==3 ; sys_platform == 'win32' \\\n    --hash=sha256:3\n"
        "arm==4 ; platform_machine == 'aarch64' \\\n    --hash=sha256:4\n"
    )

    def names(stage: Stage) -> list[str]:
        return [requirement.name for requirement in pinned(tmp_path, stage)]

    assert ["new"] == names(STAGE)
    assert ["old", "arm"] == names(evolve(STAGE, python="3.11", architecture="arm64"))
    assert ["new==2 --hash=sha256:1 --hash=sha256:2"] == [
        " ".join(line.split()) for line in pinned(tmp_path, STAGE).values()
    ]


def test_requirement_without_a_wheel_for_the_runtime_is_reported(tmp_path: Path) -> None:
    """It is neither omitted nor built: a file of this machine would not run on Lambda."""
    lines = (PROJECT_ROOT / "requirements.txt").read_text()
    (tmp_path / "requirements.txt").write_text(lines[: lines.index(" \\")] + " --hash=sha256:" + "0" * 64)
    (tmp_path / "wheels").mkdir()
    with pytest.raises(WheelsMissing, match=r"(?i)hash"):
        RuntimeWheels(STAGE, tmp_path).build_site_packages(
            "cp313", str(tmp_path / "requirements.txt"), str(tmp_path / "wheels")
        )
