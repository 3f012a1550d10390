"""What an HTTP request asks for, held against contracts: nothing that it says is silently passed over."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from chalice.app import Authorizer, CognitoUserPoolAuthorizer, IAMAuthorizer, MultiDict, Request

from chalicelib import codec
from chalicelib.errors import OwnerUnknown, RequestMalformed
from chalicelib.uploads.object_key import SEGMENT

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


def authorizer(user_pool_arns: str) -> Authorizer:
    """Give what has API Gateway make sure who asks: these user pools of Cognito, by their tokens; if none, IAM."""
    if not user_pool_arns:
        return IAMAuthorizer()
    return CognitoUserPoolAuthorizer("owners", provider_arns=[arn.strip() for arn in user_pool_arns.split(",")])


def owner(request: Request, claim: str | None) -> str | None:
    """Give the owner whom the request's token names in that claim; None where no claim is said to name one.

    A Cognito authorizer hands on the claims as such, one of one's own as what it tells besides. Raises OwnerUnknown if
    the claim is not there, or is no owner.
    """
    if claim is None:
        return None
    told = request.context.get("authorizer") or {}
    claims = told.get("claims")
    name = (claims if isinstance(claims, Mapping) else told).get(claim)
    if not isinstance(name, str) or not SEGMENT.holds(name):
        raise OwnerUnknown(f"the request's token has no claim {claim} that names an owner")
    return name


def caller(request: Request, owner: str | None = None) -> str:
    """Name whoever asks, as the audit is to have it: by the ARN that API Gateway has made sure of, or as an owner."""
    identity = request.context.get("identity") or {}
    return f"api:{owner or identity.get('userArn') or 'anonymous'}"


def address(request: Request) -> str:
    """Give the URL of the API as whoever asks knows it, with the stage or base path, without a slash at its end."""
    context = request.context
    domain = context.get("domainName")
    origin = f"https://{domain}" if domain else f"http://{request.headers.get('host', 'localhost')}"
    segments = context["path"].rstrip("/").split("/")
    route = context["resourcePath"].rstrip("/")
    return origin + "/".join(segments[: len(segments) - route.count("/")])


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
        return json.loads(raw, object_pairs_hook=_members)
    except (ValueError, RecursionError):
        raise RequestMalformed("body: expected JSON") from None


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Put an object's members together; raises RequestMalformed if one of them would be passed over."""
    members = dict(pairs)
    if len(members) < len(pairs):
        twice = sorted(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise RequestMalformed(f"body: {', '.join(twice)} given more than once")
    return members


def _raw(request: Request) -> bytes:
    try:
        return bytes(request.raw_body)
    except ValueError:
        raise RequestMalformed("body: expected UTF-8, or Base64 where that is announced") from None
