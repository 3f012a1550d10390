"""Reads ranges of objects from moto's files: moto itself reads the whole object for each range."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import local
from typing import Any
from unittest.mock import patch

from moto.s3.models import FakeKey
from moto.s3.responses import S3Response

_RANGE = re.compile(r"bytes=([0-9]+)-([0-9]*)", re.ASCII)


@contextmanager
def read_ranges() -> Iterator[None]:
    """Answer requests for a range without reading the rest of the object."""
    whole, get_object = FakeKey.value, S3Response.get_object
    asked = local()

    def value(key: FakeKey) -> bytes:
        """Return the content, or what the request of this thread asks for of it."""
        if (wanted := getattr(asked, "range", None)) is None:
            content: bytes = whole.fget(key)
            return content
        begin, end = wanted
        with key.lock:
            key._value_buffer.seek(begin)  # noqa: SLF001 - moto has no other way
            part: bytes = key._value_buffer.read(end - begin)  # noqa: SLF001
            return part

    def get(response: Any) -> Any:
        """Return the response to GetObject; other ranges than `bytes=1-2` and `bytes=1-` are left to moto."""
        match = _RANGE.fullmatch(response.headers.get("range", ""))
        size = response._get_key()[0].size if match else 0  # noqa: SLF001
        if match is None or int(match[1]) >= size:
            return get_object(response)
        begin, end = int(match[1]), min(int(match[2]) + 1, size) if match[2] else size
        asked.range = (begin, end)
        try:
            status, headers, content = get_object(response)
        finally:
            asked.range = None
        if status != HTTPStatus.OK or (begin, end) == (0, size):
            return status, headers, content
        headers = {name: value for name, value in headers.items() if not name.startswith("x-amz-checksum-")}
        headers |= {"content-range": f"bytes {begin}-{end - 1}/{size}", "content-length": str(end - begin)}
        return HTTPStatus.PARTIAL_CONTENT.value, headers, content

    with (
        patch.object(FakeKey, "value", property(value, whole.fset)),
        patch.object(S3Response, "get_object", get),
    ):
        yield
