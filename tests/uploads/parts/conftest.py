"""The use cases on an emulated S3."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.uploads.parts.in_parts import Datasets, InParts

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def in_parts(s3: "S3Client") -> Callable[..., InParts]:
    """Return the use cases for a default schema, with other sizes if asked for."""

    def made(schema: Any, **sizes: int) -> InParts:
        return InParts(client=s3, schemas=Datasets({"default": schema}), **sizes)

    return made
