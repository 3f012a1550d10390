"""Whatever is proposed, the file is valid by it: generated files, with all that real ones have."""

from random import Random

import pytest

from chalicelib.validation import validate
from chalicelib.validation.inference import propose

COLUMNS = (
    lambda rng, row: str(row),
    lambda rng, row: f"{rng.randrange(100_000):05}",
    lambda rng, row: f"{rng.randrange(10_000) / 100:.2f}",
    lambda rng, row: f"{rng.randrange(10_000)},{rng.randrange(100):02}",
    lambda rng, row: f"{rng.randrange(1, 999)}.{rng.randrange(1000):03},{rng.randrange(100):02}",
    lambda rng, row: f"{rng.randrange(1, 29):02}.{rng.randrange(1, 13):02}.{rng.randrange(1990, 2030)}",
    lambda rng, row: f"{rng.randrange(1, 13)}/{rng.randrange(1, 32)}/{rng.randrange(1990, 2030)}",
    lambda rng, row: f"2024-{rng.randrange(1, 13):02}-{rng.randrange(1, 32):02}",
    lambda rng, row: f"2024-01-{rng.randrange(1, 32):02} {rng.randrange(24):02}:{rng.randrange(60):02}",
    lambda rng, row: f"{rng.randrange(24):02}:{rng.randrange(60):02}",
    lambda rng, row: f"{rng.randrange(10**5)}e{rng.randrange(30)}",
    lambda rng, row: f"{rng.random() * 10 ** rng.randrange(-20, 20)}",
    lambda rng, row: rng.choice(("true", "false", "TRUE")),
    lambda rng, row: rng.choice(("Y", "N")),
    lambda rng, row: rng.choice(("open", "closed", "late")),
    lambda rng, row: rng.choice(("O'Neill", "a;b", "a, b", 'say "hi"', "two\nlines", "Müller", "Åse", "#1", " x ")),
    lambda rng, row: f"+49{rng.randrange(10**9)}",
    lambda rng, row: f"{rng.randrange(100)}%",
    lambda rng, row: f"user{row}@example.com",
    lambda rng, row: rng.choice(('{"x": 1}', "{}", '{"y": [1, 2]}')),
    lambda rng, row: f"2024{rng.randrange(1, 14):02}{rng.randrange(1, 33):02}",
    lambda rng, row: rng.choice(("NaN", "INF", "1.5")),
    lambda rng, row: "",
)
"""What the columns of real files have."""
MISSING = ("", "NA", "-", "NULL", "N/A", "?", " ")
LABELS = (
    "id",
    "Name",
    "Betrag, netto",
    "a;b",
    "Größe",
    "Datum",
    "x y",
    "2024",
    "field2",
    "status",
    "",
    " padded ",
    "ID",
)
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "windows-1252", "utf-16")


def written(cell: str, delimiter: str, rng: Random) -> str:
    """Return a cell as a careful program writes it."""
    needed = any(special in cell for special in (delimiter, '"', "\n", "\r")) or cell[:1] == " "
    return '"' + cell.replace('"', '""') + '"' if needed or rng.random() < 0.1 else cell


def generated(seed: int) -> bytes:
    """Return a file without broken rows, but with all the habits of real ones."""
    rng = Random(seed)
    delimiter = rng.choice((",", ",", ";", "\t", "|"))
    width, count = rng.randrange(2, 9), rng.choice((1, 2, 3, 10, 60, 200))
    makers = [rng.choice(COLUMNS) for _ in range(width)]
    gaps = [rng.choice((0, 0, 0.2)) for _ in range(width)]
    marks = [rng.choice(MISSING) for _ in range(width)]
    labels = [rng.choice(LABELS) if rng.random() < 0.5 else f"column{at}" for at in range(width)]
    rows = [
        [mark if rng.random() < gap else make(rng, row) for make, gap, mark in zip(makers, gaps, marks, strict=True)]
        for row in range(1, count + 1)
    ]
    table = [[labels[0] or "first", *labels[1:]], *rows]
    lines = [delimiter.join(written(cell, delimiter, rng) for cell in row) for row in table if any(row)]
    if rng.random() < 0.1:
        lines.insert(0, f"sep={delimiter}")
    if rng.random() < 0.1:
        lines[:0] = ["Report of the year", ""]
    if rng.random() < 0.1:
        lines.append("")
    end = rng.choice(("\n", "\r\n"))
    text = end.join(lines) + (end if rng.random() < 0.8 else "")
    return text.encode(rng.choice(ENCODINGS), errors="replace")


@pytest.mark.parametrize("seed", range(100))
def test_file_is_valid_by_its_own_proposal(seed: int) -> None:
    """Whatever its delimiter, encoding, labels, title lines, missing values and types are."""
    data = generated(seed)
    proposal = propose([data])
    assert proposal.refusal is None
    assert validate([data], proposal.schema).valid
