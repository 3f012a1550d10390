"""The people who can sign in on this machine, and the page's client."""

from typing import Final

CLIENT_ID: Final = "assay"
OPERATORS: Final = "operators"
OPERATOR: Final = "olga"
PEOPLE: Final = ("ada", "bob", OPERATOR)


def password(name: str) -> str:
    """Return the password of one of the people."""
    return f"{name}-password"
