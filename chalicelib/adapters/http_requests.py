"""What an HTTP request asks for, held against contracts: nothing that it says is silently passed over."""

import json
from typing import Any

from attrs import frozen
from chalice.app import MultiDict, Request

from chalicelib import codec
from chalicelib.errors import RequestMalformed

BODY_BYTES = 256 * 1024
"""The most that a body may have."""


@frozen
class Nothing:
    """The contract of a query without parameters."""


def read(request: Request, query: type, body: type | None) -> dict[str, Any]:
    """Give the query and the body as their contracts have them; raises RequestMalformed.

    Where the contract is that there is none, it must be empty, and is not given.
    """
    found: dict[str, Any] = {"query": _query(request, query)}
    if body is not None:
        found["body"] = codec.structure(_json(request), body, "body")
    elif _raw(request):
        raise RequestMalformed("body: expected none")
    if query is Nothing:
        del found["query"]
    return found


def _query(request: Request, contract: type) -> object:
    parameters = request.query_params or MultiDict({})
    if twice := sorted(name for name in parameters if len(parameters.getlist(name)) > 1):
        raise RequestMalformed(f"query: {', '.join(twice)} given more than once")
    return codec.structure_texts(parameters, contract, "query")


def _json(request: Request) -> object:
    raw = _raw(request)
    if len(raw) > BODY_BYTES:
        raise RequestMalformed(f"body: expected at most {BODY_BYTES} bytes")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise RequestMalformed("body: expected JSON") from None


def _raw(request: Request) -> bytes:
    try:
        return bytes(request.raw_body)
    except ValueError:
        raise RequestMalformed("body: expected UTF-8, or Base64 where that is announced") from None
