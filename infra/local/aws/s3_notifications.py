"""S3 event notifications, in S3's format."""

import secrets
import threading
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

from attrs import frozen


class Sequencer:
    """Hands out sequencers: 18 hexadecimal digits, each greater than all before it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> str:
        """Return the sequencer of an event that happens now."""
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return f"{self._last:018X}"


@frozen(kw_only=True)
class StoredObject:
    """A version of an object in a bucket; `version_id` is None where the bucket keeps no versions."""

    bucket: str
    key: str
    size: int
    etag: str
    version_id: str | None


def notification(
    name: str, stored: StoredObject, *, sequencer: str, region: str, configuration_id: str
) -> dict[str, Any]:
    """Return the event for `name`, such as "ObjectCreated:Put", of an object."""
    version = {} if stored.version_id is None else {"versionId": stored.version_id}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": region,
        "eventTime": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "eventName": name,
        "userIdentity": {"principalId": "AWS:AIDAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": secrets.token_hex(8).upper(),
            "x-amz-id-2": secrets.token_urlsafe(56),
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": stored.bucket,
                "ownerIdentity": {"principalId": "A3EXAMPLE"},
                "arn": f"arn:aws:s3:::{stored.bucket}",
            },
            "object": {
                # S3 encodes keys like form fields, but leaves the slashes.
                "key": quote_plus(stored.key, safe="/"),
                "size": stored.size,
                "eTag": stored.etag,
                **version,
                "sequencer": sequencer,
            },
        },
    }
    return {"Records": [record]}
