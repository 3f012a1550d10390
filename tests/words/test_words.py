"""The texts of the page and the reports, in each language."""

import re
from importlib import resources
from itertools import chain

import pytest

from chalicelib import web, words
from chalicelib.validation import reporting
from chalicelib.validation.report import ErrorCode

OTHERS = [language for language in words.LANGUAGES if language != words.ENGLISH]


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_texts(language: str) -> None:
    """With the same placeholders, and forms for one and many in the same places."""
    english, other = words.texts(), words.texts(language)
    assert english.keys() == other.keys()
    assert [] == [key for key in english if words.placeholders(english[key]) != words.placeholders(other[key])]
    assert [] == [key for key in english if isinstance(english[key], str) != isinstance(other[key], str)]


@pytest.mark.parametrize("language", OTHERS)
def test_texts_are_translated(language: str) -> None:
    """Only names and short words are the same in both languages."""
    english, other = words.texts(), words.texts(language)
    same = {key for key, text in english.items() if text == other[key] and " " in str(text).replace("{", " {").strip()}
    assert same <= {"count.bytes", "report.option", "upload.title", "verdict.inRows", "status.PENDING"}


def test_every_code_has_its_words() -> None:
    """What is wrong, and what to do."""
    texts = words.texts()
    assert [] == [code for code in ErrorCode if not {f"codes.{code}.what", f"codes.{code}.todo"} <= texts.keys()]


def sources() -> list[str]:
    """Return what the page and the reports are made of: the document, the scripts, and the code that writes reports."""
    entries = chain(resources.files(web).iterdir(), resources.files(reporting).iterdir())
    return [entry.read_text("utf-8") for entry in entries if entry.name.endswith((".js", ".html", ".py"))]


@pytest.mark.parametrize("call", [r"\bt\(", r"\blocalized\(", r"\bwords\.text\(", r"\{\{"])
def test_every_key_in_the_sources_has_a_text(call: str) -> None:
    """In the scripts, where reports are written, and in the document."""
    named = {key for source in sources() for key in re.findall(rf"""{call}["']?([a-zA-Z]+\.\w[\w.-]*)["'}}]""", source)}
    assert named
    assert set() == named - words.texts().keys()


def test_every_text_is_used() -> None:
    """A source has its key, or builds keys that begin like it."""
    source = "\n".join(sources())
    built = set(re.findall(r"""["'`]([a-zA-Z]+\.)\$?\{""", source))
    named = set(re.findall(r"[a-zA-Z]+\.[\w.-]*\w", source))
    assert set() == {key for key in words.texts().keys() - named if not key.startswith(tuple(built))}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,de;q=0.9", "en"),
        ("fr,de;q=0.5", "de"),
        ("fr;q=0.9,en;q=0.1,de;q=0.2", "de"),
        ("de;q=0,fr", "en"),
        ("*", "en"),
        ("DE;q=x, ,;q=1", "en"),
    ],
)
def test_language_is_the_first_that_the_browser_prefers(header: str, language: str) -> None:
    """Of those that exist; English otherwise."""
    assert language == words.preferred(header)


def test_numbers_are_grouped_as_the_language_does() -> None:
    """And select the form of the text."""
    assert "1 row" == words.text("count.row", count=1)
    assert "12,000 rows" == words.text("count.row", count=12_000)
    assert "12.000 Zeilen" == words.text("count.row", "de", count=12_000)
