"""A shortcut to compile field descriptors."""

from typing import Any

from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.field_types import FieldType, field_type


def compiled(**descriptor: Any) -> FieldType:
    """Compile a field's type, format and properties."""
    return field_type(Node(descriptor))
