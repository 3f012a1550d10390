"""The OpenAPI 3.1 description of the HTTP API, generated from the routes and their contracts."""

import inspect
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen
from chalice import Chalice, IAMAuthorizer
from chalice.app import RouteEntry

from chalicelib import schemas
from chalicelib.errors import AssayError, LinkInvalid, OwnerUnknown, RequestMalformed, Unavailable
from chalicelib.http import headers as http_headers
from chalicelib.http.views import STATUSES, JsonView, Operation
from chalicelib.uploads.field_validators import FieldValidator
from chalicelib.uploads.object_key import UPLOAD_ID
from chalicelib.validation.json_names import json_name

_ALWAYS: tuple[type[AssayError], ...] = (RequestMalformed, Unavailable)
_TYPES: Mapping[object, Mapping[str, str]] = MappingProxyType(
    {
        str: {"type": "string"},
        int: {"type": "integer"},
        bool: {"type": "boolean"},
        datetime: {"type": "string", "format": "date-time"},
        NoneType: {"type": "null"},
    }
)
_IN_PATHS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "upload_id": {"type": "string", "format": "upload-id", "pattern": f"^{UPLOAD_ID}$"},
        "name": {"type": "string", "format": "schema-name", "pattern": f"^{schemas.NAME}$"},
    }
)
_DESCRIPTION = """\
Exact, durable verdicts on CSV files.

On AWS, API Gateway answers some requests itself, with `{"message": …}` instead of problem details: 401 or 403 for
missing or refused credentials, 403 for an unknown route, 413 for a body larger than 10 MB, 429 for too many requests,
502 and 504 if the function fails or takes longer than 29 seconds. Requests can be repeated after 429, 502 and 504."""
_IN_BRACES = re.compile(r"\{(\w+)\}")


@frozen(kw_only=True)
class Problem:
    """Problem details (RFC 9457)."""

    type: str
    title: str
    """The name of the error."""
    status: int
    detail: str


def document(app: Chalice, address: str) -> dict[str, Any]:
    """Return the description of all routes of an app that have a JSON view, at the API's URL `address`."""
    components: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for path, entries in app.routes.items():
        described = {
            method.lower(): _operation(entry, entry.view_function, components)
            for method, entry in entries.items()
            if isinstance(entry.view_function, JsonView)
        }
        if described:
            paths[_IN_BRACES.sub(lambda name: f"{{{json_name(name[1])}}}", path)] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Assay", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": address}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _security_schemes(app)},
    }


def _operation(entry: RouteEntry, view: JsonView, components: dict[str, Any]) -> dict[str, Any]:
    operation = view.operation
    answer = get_type_hints(view.ask)["return"]
    described: dict[str, Any] = {
        "operationId": json_name(view.ask.__name__),
        "summary": inspect.cleandoc(view.ask.__doc__ or "").partition("\n")[0],
        "parameters": [*_path_parameters(entry), *_query_parameters(operation.query, components)],
        "responses": _responses(entry, operation, answer, components),
    }
    if operation.body:
        content = {"application/json": {"schema": _schema(operation.body, components, is_request=True)}}
        described["requestBody"] = {"required": True, "content": content}
    if entry.authorizer:
        described["security"] = [{entry.authorizer.name: []}]
    elif LinkInvalid in operation.problems:
        described["security"] = [{_LINK: []}]
    return described


def _path_parameters(entry: RouteEntry) -> Iterator[dict[str, Any]]:
    for name in entry.view_args:
        yield {"name": json_name(name), "in": "path", "required": True, "schema": _IN_PATHS[name]}


def _query_parameters(query: Any, components: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, schema in _members(query, components, is_request=True).items():
        yield {"name": name, "in": "query", "schema": _without_null(schema)}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a query parameter, which may be left out, but cannot be null."""
    without = {key: [it for it in value if it is not None] if key == "enum" else value for key, value in schema.items()}
    return {**without, "type": without["type"][0]} if isinstance(without["type"], list) else without


def _responses(entry: RouteEntry, operation: Operation, answer: object, components: dict[str, Any]) -> dict[str, Any]:
    problems = [*_ALWAYS, *operation.problems, *([OwnerUnknown] if entry.authorizer else [])]
    kinds: dict[int, list[str]] = {}
    for problem in problems:
        kinds.setdefault(_status(problem), []).append(problem.__name__)
    content = {"application/problem+json": {"schema": _schema(Problem, components)}}
    responses: dict[str, Any] = {
        str(status): {"description": " or ".join(names), "content": content} for status, names in kinds.items()
    }
    if operation.body:
        responses[str(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)] = {"description": "the body is not JSON", "content": content}
    if entry.method == "GET" and operation.status == HTTPStatus.OK:
        responses[str(HTTPStatus.NOT_MODIFIED)] = {"description": "the response still has an ETag of If-None-Match"}
    responses[str(operation.status)] = {
        "description": operation.status.phrase,
        "content": {"application/json": {"schema": _schema(answer, components)}},
        "headers": _HEADERS.get(operation.headers, {}),
    }
    return dict(sorted(responses.items()))


_HEADERS: Mapping[object, Mapping[str, Any]] = MappingProxyType(
    {
        http_headers.location: {"Location": {"description": "the URL of the upload", "schema": {"type": "string"}}},
        http_headers.see_other: {"Location": {"description": "the URL of the report", "schema": {"type": "string"}}},
        http_headers.retry_after: {
            "Retry-After": {
                "description": "seconds to wait before asking again; absent once there is a verdict",
                "schema": {"type": "integer"},
            }
        },
    }
)


def _status(problem: type[AssayError]) -> int:
    return next(int(status) for kind, status in STATUSES.items() if issubclass(problem, kind))


def _schema(kind: Any, components: dict[str, Any], *, is_request: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of a type; contracts are added to the components."""
    if kind in _TYPES:
        return dict(_TYPES[kind])
    if attrs.has(kind):
        return _reference(kind, components, is_request=is_request)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return _either([_schema(it, components, is_request=is_request) for it in arguments])
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0], components, is_request=is_request)}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [str(member) for member in kind]}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1], components, is_request=is_request)}
    return {}


def _either(schemas_: list[dict[str, Any]]) -> dict[str, Any]:
    """Merge a nullable type into one schema, if the other type has one name."""
    other = next(it for it in schemas_ if it != _TYPES[NoneType])
    if "type" not in other:
        return {"anyOf": schemas_}
    nullable = {**other, "type": [other["type"], "null"]}
    return {**nullable, "enum": [*other["enum"], None]} if "enum" in other else nullable


def _reference(contract: Any, components: dict[str, Any], *, is_request: bool) -> dict[str, Any]:
    name = contract.__name__
    if name not in components:
        components[name] = {}  # ends the recursion of a contract that refers to itself
        fields = attrs.fields(contract)
        required = [json_name(it.name) for it in fields if it.default is attrs.NOTHING or not is_request]
        components[name] = {
            "type": "object",
            "description": inspect.cleandoc(contract.__doc__),
            "properties": _members(contract, components, is_request=is_request),
            "required": required,
            # Requests may not have further members. Responses may get some in a later version.
            **({"additionalProperties": False} if is_request else {}),
        }
    return {"$ref": f"#/components/schemas/{name}"}


def _members(contract: Any, components: dict[str, Any], *, is_request: bool) -> dict[str, dict[str, Any]]:
    hints = get_type_hints(contract)
    return {
        json_name(it.name): {
            **_schema(hints[it.name], components, is_request=is_request),
            **(it.validator.schema if isinstance(it.validator, FieldValidator) else {}),
            **({"default": it.default} if is_request and isinstance(it.default, int | str) else {}),
        }
        for it in attrs.fields(contract)
    }


def _security_schemes(app: Chalice) -> dict[str, Any]:
    authorizers = [entry.authorizer for entries in app.routes.values() for entry in entries.values()]
    schemes = {it.name: dict(_SIGNED if isinstance(it, IAMAuthorizer) else _BEARER) for it in authorizers if it}
    return {**schemes, _LINK: {**_BEARER, "description": "the token of a partner link: what follows its `#`"}}


_LINK = "link"
_SIGNED: Mapping[str, str] = MappingProxyType(
    {"type": "apiKey", "in": "header", "name": "Authorization", "description": "AWS Signature Version 4"}
)
_BEARER: Mapping[str, str] = MappingProxyType(
    {"type": "http", "scheme": "bearer", "description": "a token of the issuer that `GET /sign-in` names"}
)
