"""Who calls: how people sign in, what authorizes a request, and the owner whose uploads it may see."""

import os
from typing import Any

from chalice import Blueprint, IAMAuthorizer
from chalice.app import AuthRequest

from chalicelib.bootstrap import services
from chalicelib.http import requests as http_requests
from chalicelib.http import sign_in, views
from chalicelib.http.sign_in import Caller, SignInOptions
from chalicelib.telemetry import logs

AUTHORIZATION_SECONDS = 60
"""How long API Gateway reuses the authorizer's answer for a token, even if the token expires meanwhile."""

# `app` is the module in which Lambda looks for handlers: it imports the authorizer.
routes = Blueprint("app")


@routes.authorizer(ttl_seconds=AUTHORIZATION_SECONDS)
def token_authorizer(request: AuthRequest) -> dict[str, Any]:
    """Authorize a request by its bearer token, where people sign in."""
    with logs.invocation(os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "token_authorizer"), ""):
        return services().authorizer.authorize(request.token, request.method_arn)


# A method has one authorizer: a stage either lets people sign in, or takes requests signed with IAM credentials.
AUTHORIZER = token_authorizer if os.environ.get("SIGN_IN_ISSUER") else IAMAuthorizer()


def owner() -> str | None:
    """Return the owner whose uploads the current request may see; None for all."""
    return http_requests.owner(routes.current_request, services().owner_claim)


def caller() -> str:
    """Return the current request's caller, for the audit."""
    return f"api:{http_requests.caller(routes.current_request, owner())}"


@routes.route("/sign-in")
@views.json_view(routes)
def show_sign_in() -> SignInOptions:
    """Get what a page needs to sign people in."""
    return sign_in.options(services().sign_in)


@routes.route("/caller", authorizer=AUTHORIZER)
@views.json_view(routes)
def show_caller() -> Caller:
    """Get your own name, and the owner whose uploads you see."""
    return Caller(name=http_requests.caller(routes.current_request, owner()), owner=owner())
