"""The object key of an upload: `uploads/{owner}/{uploadId}/{filename}`."""

import re
from typing import Self

from attrs import frozen

from chalicelib.errors import KeyMalformed
from chalicelib.uploads.field_validators import matching

PREFIX = "uploads/"
_FORM = PREFIX + "{owner}/{uploadId}/{filename}"
UPLOAD_ID = r"[A-Za-z0-9_-]{1,64}"
_UPLOAD_ID = re.compile(UPLOAD_ID)

MOST_BYTES = 1024
"""The longest object key that S3 allows, in UTF-8."""

SEGMENT = matching(
    r"[^/\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]+",
    "1 to 255 characters, none of them a slash or a control character, and not ., .. or ${filename}",
    longest=255,
    # S3 replaces ${filename} in the key of a form by the name of the file.
    but=r"^\.{1,2}$|\$\{filename\}",
)
"""What Assay accepts as an owner or a file name; objects that are put directly may have others."""


@frozen(kw_only=True)
class KeyFilter:
    """The keys that the bucket's notification is sent for; `prefix` begins with `uploads/`."""

    prefix: str = PREFIX
    suffix: str = ""

    def accepts(self, key: str) -> bool:
        """Return whether the notification is sent for a key; upper and lower case differ."""
        return key.startswith(self.prefix) and key.endswith(self.suffix)


@frozen(kw_only=True)
class ObjectKey:
    """The parts of an object key.

    The owner is any non-empty segment, the upload id 1 to 64 of `A-Z a-z 0-9 _ -`, and the file name everything that
    follows, including slashes.
    """

    owner: str
    upload_id: str
    filename: str

    @classmethod
    def parse(cls, key: str) -> Self:
        """Parse a key that is already URL-decoded; raises KeyMalformed with the reason."""
        if not key.startswith(PREFIX):
            raise KeyMalformed(f"the key does not start with {PREFIX!r}; the form is {_FORM}")
        owner, _, rest = key.removeprefix(PREFIX).partition("/")
        upload_id, _, filename = rest.partition("/")
        if not owner:
            raise KeyMalformed(f"the owner is empty; the form is {_FORM}")
        if not is_upload_id(upload_id):
            raise KeyMalformed(f"the upload id is not 1 to 64 of A-Z a-z 0-9 _ -; the form is {_FORM}")
        if not filename or filename.endswith("/"):
            raise KeyMalformed(f"the file name is empty; the form is {_FORM}")
        if "\0" in key:
            raise KeyMalformed(f"a NUL character is in the key; the form is {_FORM}")
        return cls(owner=owner, upload_id=upload_id, filename=filename)

    def __str__(self) -> str:
        """Return the key as S3 has it."""
        return f"{PREFIX}{self.owner}/{self.upload_id}/{self.filename}"


def is_upload_id(text: str) -> bool:
    """Return whether the text can be an upload id."""
    return _UPLOAD_ID.fullmatch(text) is not None
