"""Compare requests and responses with the HTTP API's OpenAPI document."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
from attrs import field, frozen

from chalicelib import errors


@frozen(kw_only=True)
class Exchange:
    """A request of the page and its response."""

    method: str
    path: str
    query: Mapping[str, str]
    request_body: Any
    """The body of the request, or None."""
    status: int
    media_type: str | None
    response_body: Any
    """The body of the response, or None."""

    def __str__(self) -> str:
        """Return method, path and status."""
        return f"{self.method} {self.path}: {self.status}"


@frozen(kw_only=True)
class Contract:
    """The operations of an OpenAPI document."""

    document: Mapping[str, Any]
    _validators: dict[str, jsonschema_rs.Draft202012Validator] = field(factory=dict, init=False)

    def breaches(self, exchange: Exchange) -> Iterator[str]:
        """Yield the differences between an exchange and the document."""
        operation, in_path = self._operation(exchange.method.lower(), exchange.path)
        if operation is None:
            yield "there is no such operation"
            return
        yield from self._of_request(exchange, operation, in_path)
        yield from self._of_response(exchange, operation)

    def _operation(self, method: str, path: str) -> tuple[Mapping[str, Any] | None, Mapping[str, str]]:
        for template, operations in self.document["paths"].items():
            found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template), path)
            if found and method in operations:
                return operations[method], found.groupdict()
        return None, {}

    def _of_request(
        self, exchange: Exchange, operation: Mapping[str, Any], in_path: Mapping[str, str]
    ) -> Iterator[str]:
        schemas = {it["name"]: it["schema"] for it in operation["parameters"]}
        for name, value in (*in_path.items(), *exchange.query.items()):
            if name not in schemas:
                yield f"{name}: there is no such parameter"
            else:
                number = schemas[name]["type"] == "integer"
                yield from self._against(schemas[name], int(value) if number else value, name)
        if "requestBody" in operation:
            yield from self._against(_json_of(operation["requestBody"]), exchange.request_body, "request_body")
        elif exchange.request_body is not None:
            yield "request_body: this operation has no body"

    def _of_response(self, exchange: Exchange, operation: Mapping[str, Any]) -> Iterator[str]:
        response = operation["responses"].get(str(exchange.status))
        if response is None:
            yield "there is no such response"
        elif content := response.get("content"):
            if exchange.media_type not in content:
                yield f"response_body: expected {' or '.join(content)}, not {exchange.media_type}"
                return
            yield from self._against(content[exchange.media_type]["schema"], exchange.response_body, "response_body")
            if exchange.media_type == "application/problem+json":
                yield from _of_problem(exchange.response_body, response["description"])

    def _against(self, schema: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
        key = json.dumps(schema)
        if key not in self._validators:
            whole = {**schema, "components": _closed(self.document["components"])}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        for error in self._validators[key].iter_errors(value):
            yield f"{'.'.join(map(str, (path, *error.instance_path)))}: {error.message}"


def _json_of(body: Mapping[str, Any]) -> Any:
    return body["content"]["application/json"]["schema"]


def _of_problem(problem: Mapping[str, Any], described: str) -> Iterator[str]:
    """Yield a difference if a problem is none of the described errors, nor a subclass of one."""
    known = getattr(errors, problem["title"], None)
    names = {problem["title"], *(kind.__name__ for kind in getattr(known, "__mro__", ()))}
    if names.isdisjoint(described.split(" or ")):
        yield f"response_body.title: expected {described}, not {problem['title']}"


def _closed(schema: Any) -> Any:
    """Forbid undescribed members: the page must not read them."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(value) for name, value in schema.items()}
    return {"additionalProperties": False, **closed} if "properties" in schema else closed
