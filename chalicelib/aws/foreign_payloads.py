"""Payloads that others word, read as far as Assay needs them; what else is in them gives no offence."""

from collections.abc import Mapping

from chalice.app import BaseLambdaEvent

from chalicelib.errors import RequestMalformed


class ForeignEvent(BaseLambdaEvent):
    """An event as it came."""

    def _extract_attributes(self, event_dict: object) -> None:
        """Leave it to whoever reads it."""


class Place:
    """A value in a payload, and the path that leads to it."""

    def __init__(self, value: object, path: str = "$") -> None:
        """Begin at the payload as a whole."""
        self._value = value
        self._path = path

    def __getitem__(self, name: str) -> "Place":
        """Go to a member, which may be missing; raises RequestMalformed if this is no object."""
        if not isinstance(self._value, Mapping):
            raise RequestMalformed(f"{self._path}: expected an object")
        return Place(self._value.get(name), f"{self._path}.{name}")

    def text(self) -> str:
        """Give the text that is here; raises RequestMalformed if there is none."""
        if not isinstance(self._value, str) or not self._value:
            raise RequestMalformed(f"{self._path}: expected some text")
        return self._value

    def optional_text(self) -> str | None:
        """Give the text that is here, or None if nothing or an empty one is; raises RequestMalformed if it is no text.

        AWS leaves many a member out, and some, such as the error of an execution, may be empty.
        """
        return None if self._value in (None, "") else self.text()
