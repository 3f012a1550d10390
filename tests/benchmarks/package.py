"""The size of the deployment package, and how long imports take."""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from tests.benchmarks.contenders import Contender
from tests.benchmarks.environment import PYTHON, ROOT, pip, versions
from tests.benchmarks.results import Import, Package, Weight

_TIMES: Final = 9
_NOTHING: Final = "pass"
_OF_THE_PROJECT: Final = "import app"
"""The contenders' environment lacks Chalice, which the deployment package contains."""
_OF_THE_VALIDATOR: Final = "from chalicelib.validation import validate"


def examine(contenders: Iterable[Contender]) -> Package:
    """Return the sizes of Assay's requirements and of the contenders', and the times of imports."""
    peers = list(dict.fromkeys(each.distribution for each in contenders if each.distribution))
    return Package(
        requirements=tuple(_weights(["--requirement", "requirements.txt"])),
        application=_weight("Assay's own", [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*")], ROOT),
        peers=tuple(Weight.of_all(peer, _weights([peer])) for peer in peers),
        imports=tuple(_imports(peers)),
    )


def _weights(wanted: list[str]) -> Iterator[Weight]:
    """Install as for Lambda, and yield the size of each distribution, the largest first."""
    with tempfile.TemporaryDirectory() as directory, tempfile.NamedTemporaryFile("w") as pins:
        pins.writelines(f"{name}=={version}\n" for name, version in versions().items())
        pins.flush()
        pip("install", "--no-compile", "--target", directory, "--constraint", pins.name, *wanted)
        weights = [
            _weight(each.name, _files(each, Path(directory)), Path(directory))
            for each in distributions(path=[directory])
        ]
    yield from sorted(weights, key=lambda weight: -weight.zipped_bytes)


def _files(distribution: Distribution, directory: Path) -> Iterator[Path]:
    """Yield the files of a distribution except scripts, which pip installs elsewhere than recorded."""
    for file in distribution.files or ():
        path = directory / file
        if path.is_file():
            yield path


def _weight(name: str, files: Iterable[Path], root: Path) -> Weight:
    kept = sorted({path for path in files if path.is_file() and "__pycache__" not in path.parts})
    with tempfile.TemporaryFile() as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in kept:
            archive.write(path, path.relative_to(root))
        zipped = sum(each.compress_size for each in archive.infolist())
    return Weight(name=name, bytes=sum(path.stat().st_size for path in kept), zipped_bytes=zipped)


def _imports(peers: Iterable[str]) -> Iterator[Import]:
    """Time statements in fresh processes, in turns. The first time of each does not count."""
    statements = [_NOTHING, _OF_THE_PROJECT, _OF_THE_VALIDATOR, *(f"import {peer}" for peer in peers)]
    times: dict[str, list[float]] = {statement: [] for statement in statements}
    for _ in range(1 + _TIMES):
        for statement in statements:
            times[statement].append(_seconds(statement))
    for statement, (_, *warm) in times.items():
        yield Import(statement=statement, seconds=median(warm))


def _seconds(statement: str) -> float:
    python = sys.executable if statement == _OF_THE_PROJECT else str(PYTHON)
    began = perf_counter()
    subprocess.run([python, "-c", statement], cwd=ROOT, check=True)  # noqa: S603 - our own command line
    return perf_counter() - began
