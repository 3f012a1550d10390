"""Tokens of several bytes: replaced by one byte each, wherever blocks end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.validation import Dialect, validate
from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.reading.tokens import Tokens
from tests.validation.verdicts import schema_of

DIALECTS = (
    Dialect(delimiter="||"),
    Dialect(delimiter="|||", quote_char="||"),
    Dialect(delimiter="ab", quote_char="ba", escape_char="aab", line_terminator="bbb"),
    Dialect(delimiter="§", quote_char="“", line_terminator="¶"),
)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(pieces=st.lists(st.sampled_from([b"|", b"a", b"b", b"\xc2", b"\xa7", b"\xb6", b"\xf8", b"x", "“".encode()])))
def test_tokens_are_found_wherever_blocks_end(dialect: Dialect, pieces: list[bytes]) -> None:
    """Blocks that cut a token in two give the same data as one block."""
    tokens = Tokens(dialect)
    whole = b"".join(tokens.replace_in(iter([b"".join(pieces)])))
    assert whole == b"".join(tokens.replace_in(iter(pieces)))
    assert whole == tokens.replaced(b"".join(pieces))


@given(text=st.text(alphabet="|ab§x“", max_size=30))
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


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ({"quoteChar": "|'"}, "a,b\n|'x,|'|'y|',2\n"),
        ({"quoteChar": "«", "delimiter": "::"}, "a::b\n«x::y«::2\n"),
        ({"escapeChar": "!!", "lineTerminator": "END"}, "a,bENDx!!,y,2END"),
    ],
)
@pytest.mark.parametrize("engine", list(Engine))
def test_file_with_long_tokens_is_checked(dialect: dict[str, str], text: str, engine: Engine) -> None:
    """By every engine that is asked for."""
    schema = schema_of({"type": "string", "constraints": {"minLength": 3}}, {"type": "integer"})
    report = validate([text.encode()], schema, dialect=dialect, engine=engine)
    assert (1, []) == (report.row_count, list(report.errors))
