"""Compares labels as people read them."""

import unicodedata


def loose(label: str) -> str:
    """Return a label without what readers overlook: case, white space, and invisible characters."""
    return _visible(unicodedata.normalize("NFKC", label)).casefold()


def difference_of(found: str, expected: str) -> str | None:
    """Return what two labels differ by, if it is case, white space or invisible characters alone."""
    if loose(found) != loose(expected):
        return None
    reasons = []
    if _visible(found) != _visible(expected):
        reasons.append("case" if _visible(found).casefold() == _visible(expected).casefold() else "the form of letters")
    odd = [character for character in (*found, *expected) if _is_invisible(character)]
    if odd and [each for each in found if _is_invisible(each)] != [each for each in expected if _is_invisible(each)]:
        name = unicodedata.name(odd[0], "a control character").title()
        reasons.append(f"an invisible character (U+{ord(odd[0]):04X}, {name})")
    elif _without_invisible(found) != _without_invisible(expected) and _spaces(found) != _spaces(expected):
        reasons.append("white space")
    return " and ".join(reasons) or "white space"


def _spaces(text: str) -> list[tuple[int, str]]:
    return [(at, character) for at, character in enumerate(text) if character.isspace()]


def _visible(text: str) -> str:
    if text.isascii() and text.isprintable() and " " not in text:  # as most labels are
        return text
    return "".join(each for each in text if not each.isspace() and not _is_invisible(each))


def _without_invisible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(each for each in text if not _is_invisible(each))


def _is_invisible(character: str) -> bool:
    """Return whether a character is not shown, or looks like an ordinary space."""
    return unicodedata.category(character) in {"Cf", "Cc", "Zs", "Zl", "Zp"} and character not in " \t\r\n"
