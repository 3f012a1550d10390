"""What S3 says when an object arrives.

The form is that of S3's event message, version 2.x. It says more than Assay needs, so that this, unlike our own
contracts, takes no offence at what it does not know. The object's key is URL-encoded in it, with plus for space.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote_plus

from chalice.app import BaseLambdaEvent

from chalicelib.domain.attempt import ObjectCreated
from chalicelib.errors import RequestMalformed


class Notification(BaseLambdaEvent):
    """An event as it came: Chalice's own class reads the first record before anybody can say what is wrong with it."""

    def _extract_attributes(self, event_dict: object) -> None:
        """Leave it to `objects_created`."""


def objects_created(event: object) -> Iterator[ObjectCreated | RequestMalformed]:
    """Give the object of each record, or the error that says where the event is malformed.

    The message that S3 sends when a notification is set up has no records, and so no objects.
    """
    records = event.get("Records", []) if isinstance(event, Mapping) else None
    if not isinstance(records, list):
        yield RequestMalformed(
            "$.Records: expected an array" if isinstance(event, Mapping) else "$: expected an object"
        )
        return
    for index, record in enumerate(records):
        try:
            yield _object_created(_Place(record, f"$.Records[{index}]"))
        except RequestMalformed as error:
            yield error


class _Place:
    """A value in the event, and the path that leads to it."""

    def __init__(self, value: object, path: str) -> None:
        self._value = value
        self._path = path

    def __getitem__(self, name: str) -> "_Place":
        if not isinstance(self._value, Mapping):
            raise RequestMalformed(f"{self._path}: expected an object")
        return _Place(self._value.get(name), f"{self._path}.{name}")

    def text(self) -> str:
        if not isinstance(self._value, str) or not self._value:
            raise RequestMalformed(f"{self._path}: expected some text")
        return self._value

    def optional_text(self) -> str | None:
        return None if self._value is None else self.text()


def _object_created(record: _Place) -> ObjectCreated:
    created = record["s3"]["object"]
    return ObjectCreated(
        bucket=record["s3"]["bucket"]["name"].text(),
        key=unquote_plus(created["key"].text()),
        version_id=created["versionId"].optional_text(),
        etag=created["eTag"].optional_text() or "",
        sequencer=created["sequencer"].optional_text() or "",
    )
