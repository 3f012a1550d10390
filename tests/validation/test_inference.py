"""A schema proposed from a sample."""

from typing import Any

import pytest

from chalicelib.errors import SampleUnusable
from chalicelib.validation import validate
from chalicelib.validation.inference import infer


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2"], {"type": "integer", "format": "decimal"}),
        (["1", "2.50"], {"type": "number", "format": "decimal"}),
        (["1", "2e5"], {"type": "number"}),
        (["true", "false"], {"type": "boolean"}),
        (["2024-02-29", "1999-12-31"], {"type": "date"}),
        (["2024-02-29T12:30:00Z"], {"type": "datetime"}),
        (["12:30:00"], {"type": "time"}),
        (["2024-02"], {"type": "yearmonth"}),
        (["ada@example.com"], {"type": "string", "format": "email"}),
        (["1", "x"], {"type": "string"}),
        (["0", "1"], {"type": "integer", "format": "decimal"}),
    ],
)
def test_narrowest_type_that_fits_every_cell_wins(cells: list[str], kind: dict[str, Any]) -> None:
    """What one cell is not, the column is not."""
    (field,) = infer(["\n".join(["a", *cells]).encode()])["fields"]
    assert kind.items() <= field.items()


def test_column_without_gaps_is_required() -> None:
    """And one with gaps is not; one without any value is text."""
    full, gappy, empty = infer([b"full,gappy,empty\n1,1,\n2,,\n"])["fields"]
    assert full["constraints"] == {"required": True}
    assert "constraints" not in gappy
    assert empty == {"name": "empty", "type": "string"}


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_delimiter_is_declared_if_it_is_no_comma(delimiter: str) -> None:
    """With what is proposed, the sample is valid."""
    sample = delimiter.join(("a", "b")) + "\n" + delimiter.join(("1", "x, y")) + "\n"
    schema = infer([sample.encode()])
    assert schema["dialect"] == {"delimiter": delimiter}
    assert validate([sample.encode()], schema).valid


@pytest.mark.parametrize(
    "sample", [b"", b"PK\x03\x04 and more", b'"never closed', b"libell\xe9,b\n1,2\n", b"a,a\n1,2\n"]
)
def test_sample_without_anything_to_go_by_is_refused(sample: bytes) -> None:
    """With the reason."""
    with pytest.raises(SampleUnusable):
        infer([sample])
