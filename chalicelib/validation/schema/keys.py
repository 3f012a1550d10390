"""The keys of a Table Schema: unique values, the primary key, and references between columns."""

from collections.abc import Iterator, Sequence

from attrs import frozen

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.report import ErrorCode, Fault


@frozen(kw_only=True)
class Key:
    """Columns whose values together must be different in every row. A row that lacks one of them is not compared."""

    fields: tuple[int, ...]
    """0-based positions among the fields."""
    duplicate: Fault
    """The fault of a row that repeats the values of an earlier row."""


@frozen(kw_only=True)
class ForeignKey:
    """Columns whose values together must occur in other columns of some row."""

    fields: tuple[int, ...]
    """0-based positions among the fields."""
    reference: tuple[int, ...]
    """0-based positions of the referenced fields."""
    dangling: Fault
    """The fault of a row whose values occur nowhere."""
    orphaned: Fault
    """The fault of a row whose values occur only in faulty rows, where these are rejected."""


def keys(node: Node, fields_node: Node, names: Sequence[str]) -> Iterator[Key]:
    """Compile the keys of a schema: unique fields, unique keys, and the primary key, in this order."""
    for position, child in enumerate(fields_node.items()):
        constraints = child.child("constraints")
        if constraints and constraints.get("unique", descriptor.boolean, default=False):
            yield _key(ErrorCode.UNIQUE_ERROR, (position,), names)
    unique = node.child("uniqueKeys")
    if unique is not None and not unique.value:
        unique.refuse("expected at least one key")
    for child in unique.items() if unique else ():
        yield _key(ErrorCode.UNIQUE_ERROR, _positions(child, names), names)
    if primary := primary_key(node, names):
        yield _key(ErrorCode.PRIMARY_KEY, primary, names)


def primary_key(node: Node, names: Sequence[str]) -> tuple[int, ...]:
    """Return the positions of the primary key's fields, each of which is required; none if there is no such key."""
    primary = node.child("primaryKey")
    return _positions(primary, names) if primary else ()


def _key(code: ErrorCode, fields: tuple[int, ...], names: Sequence[str]) -> Key:
    listed = ", ".join(names[position] for position in fields)
    needed = "one" if len(fields) == 1 else "a combination"
    return Key(
        fields=fields,
        duplicate=Fault(code, f"an earlier row has the same {listed}: each row needs {needed} of its own"),
    )


def foreign_keys(node: Node, names: Sequence[str]) -> Iterator[ForeignKey]:
    """Compile the references within the file. Those to other resources are accepted, and left unchecked."""
    for child in listed.items() if (listed := node.child("foreignKeys")) else ():
        reference = child.child("reference") or child.refuse("a foreign key has a reference")
        fields = _positions(child.child("fields") or child.refuse("a foreign key has fields"), names)
        referred = reference.child("fields") or reference.refuse("a reference has fields")
        resource = reference.get("resource", descriptor.string, "")
        if len(fields) != len(_names(referred)):
            reference.refuse("expected as many fields as the foreign key has")
        if resource:
            child.leave_unchecked(f"it refers to the resource {resource}, and only the file itself is read")
            continue
        positions = _positions(referred, names)
        known = ", ".join(names[position] for position in positions)
        yield ForeignKey(
            fields=fields,
            reference=positions,
            dangling=Fault(ErrorCode.FOREIGN_KEY, f"no row has this {known}: add that row, or correct this one"),
            orphaned=Fault(ErrorCode.FOREIGN_KEY, f"the row with this {known} is rejected: correct that row"),
        )


def _positions(node: Node, names: Sequence[str]) -> tuple[int, ...]:
    """Return the positions of a key's fields. Of fields with the same name, the first one is meant."""
    wanted = _names(node)
    positions = {name: at for at, name in reversed(list(enumerate(names)))}
    for name in wanted:
        if name not in positions:
            node.refuse(f"no field is named {name!r}")
    return tuple(positions[name] for name in wanted)


def _names(node: Node) -> Sequence[str]:
    """Parse one name or an array of names."""
    names = (node.value,) if isinstance(node.value, str) else descriptor.strings(node)
    return names or node.refuse("expected at least one field's name")
