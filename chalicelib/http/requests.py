"""Parse HTTP requests by contracts. Unknown parameters and members are refused, never ignored."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from chalice.app import MultiDict, Request

from chalicelib import codec, words
from chalicelib.errors import OwnerUnknown, RequestMalformed
from chalicelib.http.sign_in import OPERATOR
from chalicelib.uploads.object_key import SEGMENT

BODY_BYTES = 256 * 1024
"""The maximum size of a body."""


@frozen
class NoParameters:
    """The contract of a query without parameters."""


def read(request: Request, query: type, body: type | None) -> dict[str, Any]:
    """Return the parsed query and body as keyword arguments; raises RequestMalformed.

    A query or body without a contract must be empty, and is left out.
    """
    arguments: dict[str, Any] = {"query": _query(request, query)}
    if body is not None:
        arguments["body"] = codec.structure(_json(request), body, "body")
    elif _raw(request):
        raise RequestMalformed("body: expected none")
    if query is NoParameters:
        del arguments["query"]
    return arguments


def owner(request: Request, claim: str | None) -> str | None:
    """Return the owner in a claim of the request's token; None for an operator, or if no claim is configured.

    A Lambda authorizer passes the claims as members of its context, a Cognito authorizer as `claims`. Only a Lambda
    authorizer can let an operator pass. Raises OwnerUnknown if the claim is missing or not a valid owner.
    """
    if claim is None:
        return None
    context = request.context.get("authorizer") or {}
    if context.get(OPERATOR) == "true":
        return None
    claims = context.get("claims")
    name = (claims if isinstance(claims, Mapping) else context).get(claim)
    if not isinstance(name, str) or not SEGMENT.holds(name):
        raise OwnerUnknown(f"the request's token has no verified claim {claim} that names an owner")
    return name


def caller(request: Request, owner: str | None = None) -> str:
    """Return the name of a request's caller: the owner, the ARN that API Gateway authenticated, or the principal."""
    identity = request.context.get("identity") or {}
    context = request.context.get("authorizer") or {}
    return str(owner or identity.get("userArn") or context.get("principalId") or "anonymous")


def bearer_token(request: Request) -> str:
    """Return the token in the header `Authorization`; empty if there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def language(request: Request) -> str:
    """Return the language that a request prefers."""
    return words.preferred(request.headers.get("accept-language", ""))


def address(request: Request) -> str:
    """Return the URL of the API as the request has it, with the stage or base path, without a trailing slash."""
    context = request.context
    domain = context.get("domainName")
    origin = f"https://{domain}" if domain else f"http://{request.headers.get('host', 'localhost')}"
    segments = context["path"].rstrip("/").split("/")
    route = context["resourcePath"].rstrip("/")
    return origin + "/".join(segments[: len(segments) - route.count("/")])


def _query(request: Request, contract: type) -> object:
    parameters = request.query_params or MultiDict({})
    if repeated := sorted(name for name in parameters if len(parameters.getlist(name)) > 1):
        raise RequestMalformed(f"query: {', '.join(repeated)} given more than once")
    return codec.structure_texts(parameters, contract, "query")


def _json(request: Request) -> object:
    raw = _raw(request)
    if len(raw) > BODY_BYTES:
        raise RequestMalformed(f"body: expected at most {BODY_BYTES} bytes")
    try:
        return json.loads(raw, object_pairs_hook=_members)
    except (ValueError, RecursionError):
        raise RequestMalformed("body: expected JSON") from None


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the members of a JSON object; raises RequestMalformed if a name is repeated."""
    members = dict(pairs)
    if len(members) < len(pairs):
        repeated = sorted(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise RequestMalformed(f"body: {', '.join(repeated)} given more than once")
    return members


def _raw(request: Request) -> bytes:
    try:
        return bytes(request.raw_body)
    except ValueError:
        raise RequestMalformed("body: expected UTF-8, or Base64 where that is announced") from None
