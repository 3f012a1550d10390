"""The use cases on an emulated S3, as for objects in parts."""

from tests.uploads.parts.conftest import in_parts

__all__ = ["in_parts"]
