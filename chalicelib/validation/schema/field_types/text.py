"""Text, booleans, and cells of any content."""

import json
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.causes.corrections import Cause, Parse
from chalicelib.validation.schema.causes.texts import base64_cause, email_cause, uri_cause, uuid_cause, word_cause
from chalicelib.validation.schema.field_types.field_type import LENGTHS, TEXT, FieldType, format_of, texts_as_keys
from chalicelib.validation.schema.field_types.ranges import any_of

_TEXT = (*LENGTHS, "pattern")


def any_(_: Node) -> FieldType:
    """Compile the type of any text."""
    return FieldType(expected="anything", parse=str, form=TEXT, keys=texts_as_keys, parse_json=json.dumps)


def string(node: Node) -> FieldType:
    """Compile the type of text, in the form that the field's format names."""
    match format_of(node, "email", "uri", "binary", "uuid"):
        case "email":
            return _written("an e-mail address", "anna@example.org", _EMAIL, email_cause)
        case "uri":
            return _written("a URI with its scheme", "https://example.org/", _URI, uri_cause)
        case "uuid":
            return _written("a UUID", "123e4567-e89b-42d3-a456-426614174000", _UUID, uuid_cause)
        case "binary":
            return FieldType(
                expected="binary data in base64",
                examples=("SGVsbG8=",),
                parse=_parse_base64,
                cause=base64_cause(_parse_base64),
                form=_BASE64,
                is_whole=False,
                keys=texts_as_keys,
                constraints=_TEXT,
            )
    return FieldType(expected="text", parse=str, form=TEXT, keys=texts_as_keys, constraints=_TEXT, parse_json=_of_json)


def boolean(node: Node) -> FieldType:
    """Compile the type of true and false, with the field's words for them."""
    format_of(node)
    true = node.get("trueValues", descriptor.strings, _TRUE)
    false = node.get("falseValues", descriptor.strings, _FALSE)
    if both := [word for word in true if word in false]:
        # A declared word takes precedence over a default one.
        counts_as_false = "trueValues" not in node.as_object()
        true = [word for word in true if word not in both or not counts_as_false]
        if not counts_as_false and "falseValues" in node.as_object():
            node.warn(f"{', '.join(both)} is in trueValues and in falseValues, and counts as true")
    values: dict[str, bool] = dict.fromkeys(true, True) | {word: False for word in false if word not in true}
    return FieldType(
        expected="one of " + ", ".join(values),
        parse=values.get,
        examples=tuple(values),
        words=values,
        cause=word_cause(values),
        write=lambda value: next((word for word, meaning in values.items() if meaning is value), None),
        form=any_of(values),
        parse_json=lambda value: value if isinstance(value, bool) else None,
    )


_TRUE: Sequence[str] = ("true", "True", "TRUE", "1")
_FALSE: Sequence[str] = ("false", "False", "FALSE", "0")

_BEYOND_ASCII = r"\u00a1-\u1fff\u2c00-\u2fef\u3004-\ufdff\ufe70-\ufefe\uff66-\uffdc\U00010000-\U000e0fff"
"""Letters and marks of all scripts, without the spaces, signs and invisible characters that get pasted by mistake."""
_ATOM = rf"[A-Za-z0-9_{_BEYOND_ASCII}!#$%&'*+/=?^`{{|}}~-]+"
_LETTER = rf"[A-Za-z0-9{_BEYOND_ASCII}]"
_LABEL = rf"{_LETTER}(?:[A-Za-z0-9{_BEYOND_ASCII}-]{{0,61}}{_LETTER})?"
_TOP_LABEL = rf"(?:[A-Za-z{_BEYOND_ASCII}]{{2,63}}|[Xx][Nn]--[A-Za-z0-9-]{{1,59}})"
_QUOTED = rf'"(?:[ !#-\[\]-~{_BEYOND_ASCII}]|\\[ -~])*"'
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})"
_LITERAL = rf"\[(?:{_OCTET}(?:\.{_OCTET}){{3}}|[Ii][Pp][Vv]6:[0-9A-Fa-f:]{{2,39}}(?:{_OCTET}(?:\.{_OCTET}){{3}})?)\]"
_EMAIL = rf"(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})@(?:(?:{_LABEL}\.)+{_TOP_LABEL}|{_LABEL}|{_LITERAL})"
"""A mailbox of RFC 5321 and RFC 6531: a dot-atom or quoted string, @, a host name or an address literal."""

_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"

_URI_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_URI = (
    rf"[A-Za-z][A-Za-z0-9+.-]*:"
    rf"(?://(?:{_URI_CHARACTER}|\[[0-9A-Fa-fv:.]+\])*(?:/(?:{_URI_CHARACTER}|/)*)?|(?:{_URI_CHARACTER}|/)*)"
    rf"(?:\?(?:{_URI_CHARACTER}|[/?])*)?(?:#(?:{_URI_CHARACTER}|[/?])*)?"
)
"""RFC 3986 with a scheme: the characters, and where each is allowed."""

_BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"


def _of_json(value: Any) -> str | None:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _written(expected: str, example: str, form: str, cause: Callable[[Parse], Cause]) -> FieldType:
    """Return the type of texts that match an expression."""

    def parse(text: str) -> str | None:
        expression = form.replace(_BEYOND_ASCII, "") if text.isascii() else form
        return text if _compiled(expression).fullmatch(text) else None

    return FieldType(
        expected=expected,
        examples=(example,),
        parse=parse,
        cause=cause(parse),
        form=form,
        keys=texts_as_keys,
        constraints=_TEXT,
    )


@cache
def _compiled(form: str) -> re.Pattern[str]:
    """Compile an expression when a text is first parsed: one with the letters of all scripts takes 20 ms."""
    return re.compile(form)


def _parse_base64(text: str) -> str | None:
    try:
        b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return None
    return text
