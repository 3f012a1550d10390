"""Tell which schemas there are, and what is in them."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from chalicelib.uploads.listing import SchemaNames
from chalicelib.uploads.ports import SchemaShelf
from chalicelib.validation.descriptor import Node, refuse_too_deep


@frozen(kw_only=True)
class ShowSchemas:
    """Looks into the catalogue of schemas."""

    schemas: SchemaShelf

    def names(self) -> SchemaNames:
        """Give the names of all schemas; raises StorageUnavailable."""
        return SchemaNames(schemas=self.schemas.names())

    def descriptor(self, name: str) -> Mapping[str, Any]:
        """Give a schema's descriptor; raises SchemaUnknown with the names there are, SchemaInvalid, or Unavailable."""
        descriptor = self.schemas.load(name)
        # What is broken in another way is shown, so that one sees it; this could not be written as an answer.
        refuse_too_deep(Node(descriptor))
        return descriptor
