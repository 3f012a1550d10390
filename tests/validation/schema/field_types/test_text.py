"""Strings and booleans: the texts that are accepted."""

from typing import Any

import pytest

from chalicelib.validation import Schema
from tests.validation.schema.field_types.compiled import compiled

EMAIL = {"type": "string", "format": "email"}


# --- text -------------------------------------------------------------------------------------------------------------

ADDRESSES = (
    "ada@example.com",
    *(
        "ada@localhost",
        '"ada lovelace"@example.com',
        r'"a\"b"@example.com',
        "ada@[192.0.2.1]",
        "ada@[IPv6:2001:db8::1]",
    ),
    "a@b.co",
    "ada.lovelace+csv@mail.example.co.uk",
    "o'hara@example.com",
    "!#$%&'*+/=?^_`{|}~-@example.com",
    "1@2.com",
    "a@xn--mller-kva.de",
    "a@example.xn--p1ai",
    "jörg@müller.de",
    "用户@例子.广告",
    f"a@{'b' * 63}.com",
)
NO_ADDRESSES = (
    *(
        "",
        " ",
        "@",
        "ada",
        "ada@",
        "@example.com",
        "ada@[1.2.3]",
        "ada@[256.1.1.1]",
        '"ada@a.b',
        'a"b"@c.d',
        "ada.example.com",
    ),
    "ada@@example.com",
    *("a@b@example.com", " ada@example.com", "ada@example.com ", "ada @example.com", "ada@ example.com"),
    *("ada@example.com\n", "ada@exam\nple.com", "ada@example.com,bob@example.com", "Ada <ada@example.com>"),
    *(".ada@example.com", "ada.@example.com", "a..b@example.com", "ada@.example.com", "ada@example..com"),
    "ada@example.com.",
    *("ada@-example.com", "ada@example-.com", "ada@example.c", "ada@example.123", "ada@127.0.0.1", "a(b)@example.com"),
    *("a,b@example.com", "a;b@example.com", 'a"b@example.com', "a\\b@example.com", "mailto:ada@example.com"),
    f"a@{'b' * 64}.com",
)


@pytest.mark.parametrize("text", ["", " ", "x", "NaN", "\ufeff", "a\nb", "😀"])
def test_any_text_is_a_string(text: str) -> None:
    """Strings are not trimmed."""
    assert text == compiled(type="string").parse(text)
    assert text == compiled().parse(text)


@pytest.mark.parametrize("text", ADDRESSES)
def test_addresses_in_use_are_accepted(text: str) -> None:
    """An address is a dot-atom, @, and a host name of two labels or more, in any script."""
    assert text == compiled(**EMAIL).parse(text)


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_broken_addresses_are_refused(text: str) -> None:
    """Spaces, empty labels and a second address are refused."""
    assert compiled(**EMAIL).parse(text) is None


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (
            "uri",
            [
                *("http://example.com", "https://example.com/a/b?c=d&e=f#g", "ftp://ftp.example.com/x.csv"),
                *("mailto:ada@example.com", "urn:isbn:0451450523", "tel:+1-816-555-1212", "file:///etc/hosts"),
                *("http://[2001:db8::7]/c=GB?one", "http://user@example.com:8080", "HTTP://EXAMPLE.COM", "a:b"),
                *("http://example.com/%C3%A9", "data:text/plain,hello", "s3://bucket/key"),
            ],
        ),
        (
            "uuid",
            [
                "123e4567-e89b-12d3-a456-426614174000",
                "123E4567-E89B-12D3-A456-426614174000",
                f"{'0' * 8}{'-0000' * 3}-{'0' * 12}",
            ],
        ),
        ("binary", ["YQ==", "YWI=", "YWJj", "+/+/", "YWJjZGVm"]),
    ],
)
def test_texts_of_a_format_are_accepted(kind: str, texts: list[str]) -> None:
    """A URI has a scheme (RFC 3986), a UUID its hyphens (RFC 9562), binary data is base64 (RFC 4648)."""
    form = compiled(type="string", format=kind)
    assert texts == [form.parse(text) for text in texts]


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (
            "uri",
            [
                *("", "example.com", "/a/b", "//example.com", "://example.com", "1a:b", "http://exa mple.com"),
                *(" http://example.com", "http://example.com ", "http://example.com\n", "http://example.com/é"),
                *("http://example.com/%zz", "http://example.com/%2", "C:\\x", "http://example.com/<x>", "a{b}:c"),
                *("http://[::1", "http://example.com/[x]", "http://example.com#a#b", 'http://example.com/"x"'),
            ],
        ),
        (
            "uuid",
            [
                *("", "123e4567e89b12d3a456426614174000", "{123e4567-e89b-12d3-a456-426614174000}"),
                *("123e4567-e89b-12d3-a456-42661417400", "123e4567-e89b-12d3-a456-4266141740000"),
                *("g23e4567-e89b-12d3-a456-426614174000", "urn:uuid:123e4567-e89b-12d3-a456-426614174000"),
                *("123e4567-e89b-12d3-a456-42661417400\n", "123e4567-e89b-12d3-a4564-26614174000"),
            ],
        ),
        ("binary", ["YQ", "YQ=", "YQ===", "Y", "=", "YW Jj", "YWJj\n", "YWJ-", "YWJ_", "é", "YQ==YQ=="]),
    ],
)
def test_other_texts_are_refused(kind: str, texts: list[str]) -> None:
    """A text that does not have the format is refused; nothing is trimmed."""
    form = compiled(type="string", format=kind)
    assert [] == [text for text in texts if form.parse(text) is not None]


@pytest.mark.parametrize("text", ["", " ", "1", "true", "{", "a\nb"])
def test_anything_is_anything(text: str) -> None:
    """`any`, which is the default, takes cells as they are."""
    assert text == compiled(type="any").parse(text)
    assert text == compiled().parse(text)


# --- truth ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("true", True), ("True", True), ("TRUE", True), ("1", True)),
        *(("false", False), ("False", False), ("FALSE", False), ("0", False)),
    ],
)
def test_booleans_are_table_schemas_eight_words(text: str, *, value: bool) -> None:
    """The default words are the specification's eight."""
    assert value is compiled(type="boolean").parse(text)


@pytest.mark.parametrize(
    "text", ["", "t", "f", "yes", "no", "Y", "on", "tRUE", "2", "-1", "01", " true", "true ", "true\n"]
)
def test_other_words_are_refused(text: str) -> None:
    """Other spellings and spaces are refused."""
    assert compiled(type="boolean").parse(text) is None


def test_declared_words_replace_the_eight() -> None:
    """TrueValues and falseValues replace their defaults independently."""
    kind = compiled(type="boolean", trueValues=["ja", "j"], falseValues=["nein"])
    assert [True, True, False, None, None] == [kind.parse(text) for text in ("ja", "j", "nein", "true", "0")]
    assert "one of ja, j, nein" == kind.expected
    half = compiled(type="boolean", trueValues=["ja"])
    assert [True, None, False] == [half.parse(text) for text in ("ja", "true", "false")]


@pytest.mark.parametrize(
    ("descriptor", "word", "value"),
    [
        ({"trueValues": ["x"], "falseValues": ["x", "y"]}, "x", True),
        ({"trueValues": ["0"]}, "0", True),
        ({"falseValues": ["a", "true"]}, "true", False),
    ],
)
def test_a_word_of_both_lists_is_true_unless_only_the_other_declares_it(
    descriptor: dict[str, Any], word: str, *, value: bool
) -> None:
    """A declared word takes precedence over a default one, and a word that both lists declare counts as true."""
    assert value is compiled(type="boolean", **descriptor).parse(word)
    fields = {"fields": [{"name": "a", "type": "boolean", **descriptor}]}
    assert ("trueValues" in descriptor and "falseValues" in descriptor) == bool(Schema.from_descriptor(fields).warnings)
