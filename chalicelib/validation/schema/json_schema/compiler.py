"""Compiles a JSON Schema: resolves its references, and makes the checks of every subschema that they lead to."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema import patterns
from chalicelib.validation.schema.json_schema.evaluation import Check, Subschema, Violation

if TYPE_CHECKING:
    from referencing import Resource, Specification
    from referencing._core import Resolved, Resolver

MAX_SUBSCHEMAS = 10_000

_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"})
"""Keywords whose members are schemas by name."""
_VALUES = frozenset({"const", "enum", "default", "examples"})
"""Keywords whose value is never a schema."""
_LAST = ("unevaluatedItems", "unevaluatedProperties")
"""Keywords that need to know what the others have evaluated."""


class PatternUnchecked(Exception):
    """A pattern that is not checked could make a valid value an error, as under `not`."""


@frozen
class Draft:
    """A version of the specification."""

    keywords: Mapping[str, "Keyword"]
    definitions: tuple[str, ...] = ("$defs", "definitions")
    """Keywords whose members are examined as schemas, and apply only where they are referred to."""
    has_ref_alone: bool = False
    """Whether a `$ref` hides the keywords beside it."""
    has_written_integers: bool = False
    """Whether 1.0 is no integer."""


@frozen
class SchemaContext:
    """A schema object, as its keywords see it while it is compiled."""

    schema: Mapping[str, Any]
    draft: Draft
    is_exact: bool
    """Whether an unchecked pattern, which allows everything, could cause an error here, as under `not`."""
    compiler: "Compiler"
    resolver: "Resolver[Any]"
    in_place: list[Subschema]

    def subschema(self, contents: Any, keyword: str, *, is_exact: bool = False) -> Subschema:
        """Return the subschema for a part of the value. `keyword` is what a value violates if nothing is allowed."""
        if contents is False:
            return _forbidding(keyword)
        return self.compiler.subschema(contents, self.resolver, self.draft, is_exact=self.is_exact or is_exact)

    def same(self, contents: Any, keyword: str, *, is_exact: bool = False) -> Subschema:
        """Return the subschema for the value itself."""
        return self._applied(self.subschema(contents, keyword, is_exact=is_exact))

    def referred(self, reference: str) -> Subschema:
        """Return the subschema that a reference leads to."""
        return self._target(self.compiler.resolved(self.resolver, reference))

    def referred_recursively(self) -> Subschema:
        """Return the subschema that `$recursiveRef` leads to."""
        from referencing.jsonschema import lookup_recursive_ref  # noqa: PLC0415 - slow to import

        return self._target(lookup_recursive_ref(self.resolver))

    def matcher(self, pattern: str) -> patterns.Matches | None:
        """Return the test of a pattern; None if it is not checked. Raises PatternUnchecked if `is_exact`."""
        matches = self.compiler.matcher(pattern)
        if matches is None and self.is_exact:
            raise PatternUnchecked
        return matches

    def _target(self, resolved: "Resolved[Any]") -> Subschema:
        if resolved.contents is False:
            return self._applied(_forbidding("$ref"))
        return self._applied(self.compiler.target(resolved, self.draft, is_exact=self.is_exact))

    def _applied(self, subschema: Subschema) -> Subschema:
        self.in_place.append(subschema)
        return subschema


Keyword = Callable[[str, Any, SchemaContext], Check | None]
"""Compiles one keyword, given its name, its value and the schema around it; None if it checks nothing."""


def _forbidding(keyword: str) -> Subschema:
    violation = Violation(keyword)
    return Subschema((lambda _value, _evaluation, _evaluated: violation,))


@define(eq=False)
class Compiler:
    """The compilation of one JSON Schema. Subschemas are compiled one after another, however they are nested."""

    node: Node
    drafts: Mapping[str, Draft]
    """By URI."""
    matches: dict[str, patterns.Matches | None]
    """The compiled patterns; None for one that is not checked."""
    examine: Callable[[Any], None]
    """Refuses what is no schema."""
    _examined: set[int] = field(factory=set, init=False)
    """The identities of objects that are part of an examined schema."""
    _known: dict[Any, tuple[Subschema, Any]] = field(factory=dict, init=False)
    """With the schema object, which must live as long as its identity is used."""
    _waiting: list[tuple[Subschema, SchemaContext]] = field(factory=list, init=False)

    def compiled(self, resource: "Resource[Any]", draft: Draft) -> Subschema:
        """Return the compiled schema. Raises SchemaInvalid or PatternUnchecked."""
        from jsonschema_specifications import REGISTRY  # noqa: PLC0415 - slow to import, and few schemas need it

        root = self.subschema(resource.contents, REGISTRY.resolver_with_root(resource), draft, is_exact=False)
        while self._waiting:
            subschema, context = self._waiting.pop()
            subschema.checks = tuple(self._checks(context))
            subschema.asks_evaluated = any(name in context.schema for name in _LAST)
        self._refuse_circles()
        return root

    def subschema(self, contents: Any, resolver: "Resolver[Any]", draft: Draft, *, is_exact: bool) -> Subschema:
        """Return the subschema of a schema object, which may be compiled later."""
        if not isinstance(contents, Mapping):
            if contents is True:
                return Subschema()
            self.node.refuse("not a JSON Schema: a $ref leads to something else than a schema")
        draft = self.draft_of(contents, draft)
        resolver = resolver.in_subresource(self._specification(draft).create_resource(contents))
        is_exact = is_exact and None in self.matches.values()
        # What a dynamic reference leads to depends on the resources that led here.
        scope = [uri for uri, _ in resolver.dynamic_scope()]
        key = (id(contents), tuple(dict.fromkeys(scope)), tuple(dict.fromkeys(reversed(scope))), is_exact)
        if key in self._known:
            subschema, _ = self._known[key]
            subschema.is_shared = True
            return subschema
        if len(self._known) == MAX_SUBSCHEMAS:
            self.node.refuse(f"has more than {MAX_SUBSCHEMAS:,} subschemas")
        self._examined.add(id(contents))
        self._examined |= {id(each) for name in draft.definitions for each in contents.get(name, {}).values()}
        subschema = Subschema()
        self._known[key] = subschema, contents
        self._waiting.append((subschema, SchemaContext(contents, draft, is_exact, self, resolver, subschema.in_place)))
        return subschema

    def target(self, resolved: "Resolved[Any]", draft: Draft, *, is_exact: bool) -> Subschema:
        """Return the subschema that a reference leads to, which may be anywhere."""
        contents = resolved.contents
        draft = self.draft_of(contents, draft)
        if isinstance(contents, Mapping) and id(contents) not in self._examined:
            self.examine(contents)
        return self.subschema(contents, resolved.resolver, draft, is_exact=is_exact)

    def resolved(self, resolver: "Resolver[Any]", reference: str) -> "Resolved[Any]":
        """Look up a reference. Nothing is fetched: it reaches the schema itself and the specifications."""
        from referencing.exceptions import Unresolvable  # noqa: PLC0415

        try:
            return resolver.lookup(reference)
        except (Unresolvable, TypeError, ValueError):
            self.node.refuse(
                f"the $ref {reference!r} leads nowhere: only this schema and the JSON Schema specifications "
                "can be referenced"
            )

    def matcher(self, pattern: str) -> patterns.Matches | None:
        """Return the test of a pattern, compiled once."""
        if pattern not in self.matches:
            self.matches[pattern] = patterns.anywhere(Node(pattern, self.node.path, self.node.remarks))
        return self.matches[pattern]

    def draft_of(self, contents: Any, default: Draft) -> Draft:
        """Return the draft that a schema object declares, or else the one around it."""
        declared = contents.get("$schema") if isinstance(contents, Mapping) else None
        return self.drafts.get(declared.rstrip("#"), default) if isinstance(declared, str) else default

    def _specification(self, draft: Draft) -> "Specification[Any]":
        from referencing.jsonschema import specification_with  # noqa: PLC0415

        return specification_with(next(uri for uri, known in self.drafts.items() if known is draft))

    def _checks(self, context: SchemaContext) -> Iterator[Check]:
        schema, keywords = context.schema, context.draft.keywords
        names: Collection[str] = [*(name for name in schema if name not in _LAST), *_LAST]
        if context.draft.has_ref_alone and "$ref" in schema:
            names = ["$ref"]
        for name in names:
            if name in schema and name in keywords and (check := keywords[name](name, schema[name], context)):
                yield check

    def _refuse_circles(self) -> None:
        """Refuse references that lead back without going into the value."""
        finished: set[Subschema] = set()
        for start, _ in self._known.values():
            path: dict[Subschema, Iterator[Subschema]] = {}
            if start not in finished:
                path[start] = iter(start.in_place)
            while path:
                subschema = next(reversed(path))
                following = next(path[subschema], None)
                if following is None:
                    del path[subschema]
                    finished.add(subschema)
                elif following in path:
                    self.node.refuse("a $ref leads back to itself without going into the value")
                elif following not in finished:
                    path[following] = iter(following.in_place)


def checked_patterns(node: Node) -> dict[str, patterns.Matches | None]:
    """Compile all patterns of a schema; leave those unchecked that do not run in linear time."""
    return {pattern.value: patterns.anywhere(pattern) for schema in _schemas(node) for pattern in _patterns(schema)}


def _schemas(node: Node) -> Iterator[Node]:
    """Iterate over a schema and all schemas within it."""
    if isinstance(node.value, Mapping):
        yield node
        for name, child in node.members():
            if name in _NAMED and isinstance(child.value, Mapping):
                for _, member in child.members():
                    yield from _schemas(member)
            elif name not in _VALUES:
                yield from _schemas(child)
    elif isinstance(node.value, list):
        for item in node.items():
            yield from _schemas(item)


def _patterns(schema: Node) -> Iterator[Node]:
    pattern = schema.child("pattern")
    if pattern is not None and isinstance(pattern.value, str):
        yield pattern
    named = schema.child("patternProperties")
    if named is not None and isinstance(named.value, Mapping):
        yield from (Node(name, f"{named.path}[{name!r}]", named.remarks) for name in named.value)
