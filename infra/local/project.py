"""Where the project and its samples are."""

from pathlib import Path
from typing import Final

PROJECT_ROOT: Final = Path(__file__).resolve().parents[2]
GOOD_SAMPLE: Final = PROJECT_ROOT / "samples" / "good.csv"
BAD_SAMPLE: Final = PROJECT_ROOT / "samples" / "bad.csv"
