"""Why a text is not one of the expected words, or not an address, a URI, a UUID or base64."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from chalicelib.validation.schema.causes.corrections import Cause, Correction, Parse, cause_by_corrections

_DASHES = str.maketrans(dict.fromkeys("\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}", "-"))


def word_cause(words: Iterable[str]) -> Cause:
    """Return a function that explains by how little a text differs from one of these words."""
    known = tuple(words)
    exact, folded = frozenset(known), frozenset(map(_folded, known))
    visible = frozenset(map(_visible, known))

    def cause(text: str) -> str | None:
        if text.strip() in exact:
            return "leave out the space around it"
        if _folded(text) in folded:
            return "only the case of its letters is wrong"
        is_word = any(map(str.isalpha, text)) and _visible(text) in visible
        return "only its spaces, hyphens or invisible characters are wrong" if is_word else None

    return cause


def _folded(text: str) -> str:
    return text.strip().casefold()


def _visible(text: str) -> str:
    kept = (each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each)[0] in "LNS")
    return "".join(kept).casefold()


def _replaced(pattern: str, by: str) -> Callable[[str], str]:
    form = re.compile(pattern)
    return lambda text: form.sub(by, text)


def pattern_cause(matches: Callable[[str], bool]) -> Cause:
    """Return a function that explains why a text does not match a pattern, if it nearly does."""

    def cause(text: str) -> str | None:
        return cause_by_corrections(text, lambda corrected: matches(corrected) or None, _NEARLY)

    return cause


_NEARLY: Sequence[Correction] = (
    Correction("write capital letters", str.upper),
    Correction("write small letters", str.lower),
    Correction("write the hyphen - for other dashes", lambda text: text.translate(_DASHES)),
    Correction("write no spaces", lambda text: re.sub(r"\s", "", text)),
    Correction("write no hyphens", lambda text: text.replace("-", "")),
)


_ADDRESSES: Sequence[Correction] = (
    Correction("write the address alone, without a name", lambda text: (re.findall("<([^<>]*)>$", text) or [text])[0]),
    Correction("leave out mailto:", _replaced("^mailto:", "")),
    Correction("write no spaces", _replaced(r"\s", "")),
    Correction("leave out the full stop or comma at the end", lambda text: text.rstrip(".,;")),
    Correction("write one address alone", lambda text: re.split("[,;/ ]", text, maxsplit=1)[0]),
    Correction("write two dots as one", _replaced(r"\.{2,}", ".")),
    Correction("write a dot for the comma", lambda text: text.replace(",", ".")),
)


def email_cause(parse: Parse) -> Cause:
    """Return a function that explains why a text is not an e-mail address."""

    def cause(text: str) -> str | None:
        if "@" not in text:
            return "the @ is missing"
        if advice := cause_by_corrections(text, parse, _ADDRESSES):
            return advice
        if text.endswith("@"):
            return "the part after the @ is missing"
        if text.startswith("@"):
            return "the part before the @ is missing"
        return "there is more than one @" if text.count("@") > 1 else None

    return cause


_ADDRESSES_OF_PAGES: Sequence[Correction] = (
    Correction("write spaces as %20", lambda text: text.replace(" ", "%20")),
    Correction("write / for \\", lambda text: text.replace("\\", "/")),
    Correction("write the scheme first, as in https://", lambda text: text if ":" in text else f"https://{text}"),
    Correction("write % as %25", _replaced("%(?![0-9A-Fa-f]{2})", "%25")),
    Correction("write other characters with %, as in %C3%A9", lambda text: quote(text, safe="%:/?#[]@!$&'()*+,;=~")),
)


def uri_cause(parse: Parse) -> Cause:
    """Return a function that explains why a text is not a URI with its scheme."""

    def cause(text: str) -> str | None:
        if re.match(r"(?:www\.)?[A-Za-z0-9.-]+(?:/|$)", text) and parse(f"https://{text}"):
            return "write the scheme first, as in https://"
        return cause_by_corrections(text, parse, _ADDRESSES_OF_PAGES)

    return cause


def _hyphenated(text: str) -> str:
    return re.sub(
        "^([0-9A-Fa-f]{8})([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})([0-9A-Fa-f]{12})$", r"\1-\2-\3-\4-\5", text
    )


_UUIDS: Sequence[Correction] = (
    Correction("leave out the braces", lambda text: text.strip("{}()")),
    Correction("leave out urn:uuid:", _replaced("(?i)^urn:uuid:", "")),
    Correction("write the hyphen - for other dashes", lambda text: text.translate(_DASHES)),
    Correction("write the hyphens, after 8, 4, 4 and 4 digits", _hyphenated),
)


def uuid_cause(parse: Parse) -> Cause:
    """Return a function that explains why a text is not a UUID."""

    def cause(text: str) -> str | None:
        if advice := cause_by_corrections(text, parse, _UUIDS):
            return advice
        digits = re.sub("[^0-9A-Za-z]", "", text)
        if re.search("[G-Zg-z]", digits):
            return "its digits are 0 to 9 and a to f"
        count = 32
        return None if len(digits) == count else f"it has {len(digits)} digits in place of {count}"

    return cause


_ENCODED: Sequence[Correction] = (
    Correction("leave out spaces and line breaks", _replaced(r"\s", "")),
    Correction("leave out the beginning, data:…;base64,", _replaced("^data:[^,]*,", "")),
    Correction("write + and / in place of - and _", lambda text: text.replace("-", "+").replace("_", "/")),
    Correction(
        "write = at the end, until the length is a multiple of four", lambda text: text + "=" * (-len(text) % 4)
    ),
)


def base64_cause(parse: Parse) -> Cause:
    """Return a function that explains why a text is not base64."""
    return lambda text: cause_by_corrections(text, parse, _ENCODED)
