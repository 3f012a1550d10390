"""Tokens of several bytes: replaced by one byte each, wherever blocks end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.validation import Dialect
from chalicelib.validation.reading.tokens import Tokens

DIALECTS = (
    Dialect(delimiter="||"),
    Dialect(delimiter="|||", quote_char="||"),
    Dialect(delimiter="ab", quote_char="ba", escape_char="aab", line_terminator="bbb"),
    Dialect(delimiter="§", quote_char="“", line_terminator="¶"),
)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(pieces=st.lists(st.sampled_from([b"|", b"a", b"b", b"\xc2", b"\xa7", b"\xb6", b"\xf8", b"x", "“".encode()])))
@settings(deadline=None)
def test_tokens_are_found_wherever_blocks_end(dialect: Dialect, pieces: list[bytes]) -> None:
    """Blocks that cut a token in two give the same data as one block."""
    tokens = Tokens(dialect)
    whole = b"".join(tokens.replace_in(iter([b"".join(pieces)])))
    assert whole == b"".join(tokens.replace_in(iter(pieces)))
    assert whole == tokens.replaced(b"".join(pieces))


@given(text=st.text(alphabet="|ab§x“", max_size=30))
@settings(deadline=None)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_text_is_restored(dialect: Dialect, text: str) -> None:
    """A token in a quoted cell is text."""
    tokens = Tokens(dialect)
    assert text.encode() == tokens.restored(tokens.replaced(text.encode()))


def test_single_characters_of_ascii_are_left_alone() -> None:
    """They are one byte already."""
    tokens = Tokens(Dialect())
    assert (b",", b'"', b"", b"") == (tokens.delimiter, tokens.quote, tokens.escape, tokens.terminator)
    assert [b"a,\xf8"] == list(tokens.replace_in(iter([b"a,\xf8"])))
