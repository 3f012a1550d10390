"""Rules for what surrounds the text of a cell of any type: spaces, quotes and apostrophes."""

from chalicelib.validation.repair.proposals import Proposal, change
from chalicelib.validation.schema.table_schema import Field

SPACE = r" \t\r\n\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""The members of a class: characters that look like a space."""
INVISIBLE = r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
"""The members of a class: characters without a width."""
_SINGLE = r"'\u2018\u2019\u201a\u201b`\u00b4"
_DOUBLE = r"\x22\u201c\u201d\u201e\u201f\u00ab\u00bb"
_ANY = r"[\s\S]"


def surroundings(field: Field) -> list[Proposal]:
    """Propose to leave out what surrounds the text."""
    space, invisible = f"[{SPACE}]", f"[{INVISIBLE}]"
    proposals = [
        Proposal(
            rule="strip-spaces",
            changes=(
                change(
                    f"{space}{_ANY}*|{_ANY}*{space}|{_ANY}*{invisible}{_ANY}*",
                    (f"{invisible}+", ""),
                    (f"^{space}+|{space}+$", ""),
                ),
            ),
        ),
    ]
    if field.type.is_json:
        straight = change(f"{_ANY}*[\u201c\u201d\u201e\u201f]{_ANY}*", ("[\u201c\u201d\u201e\u201f]", '"'))
        return [*proposals, Proposal(rule="smart-quotes", changes=(straight,))]
    return [
        *proposals,
        Proposal(rule="leading-apostrophe", changes=(change(rf"[{_SINGLE}][^{_SINGLE}]+", (f"^[{_SINGLE}]", "")),)),
        Proposal(
            rule="smart-quotes",
            changes=tuple(
                change(rf"[{marks}][^{marks}]+[{marks}]", (f"^[{marks}]|[{marks}]$", ""))
                for marks in (_SINGLE, _DOUBLE)
            ),
        ),
    ]
