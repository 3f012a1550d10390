"""What S3 says when an object arrives.

The form is that of S3's event message, version 2.x. It says more than Assay needs, so that this, unlike our own
contracts, takes no offence at what it does not know. The object's key is URL-encoded in it, with plus for space.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote_plus

from chalicelib.aws.foreign_payloads import Place
from chalicelib.errors import RequestMalformed
from chalicelib.uploads.attempts import ObjectCreated


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
            yield _object_created(Place(record, f"$.Records[{index}]"))
        except RequestMalformed as error:
            yield error


def _object_created(record: Place) -> ObjectCreated:
    created = record["s3"]["object"]
    return ObjectCreated(
        bucket=record["s3"]["bucket"]["name"].text(),
        key=unquote_plus(created["key"].text()),
        version_id=created["versionId"].optional_text(),
        etag=created["eTag"].optional_text() or "",
        sequencer=created["sequencer"].optional_text() or "",
    )
