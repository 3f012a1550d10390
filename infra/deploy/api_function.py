"""Requests to the function behind the HTTP API, without API Gateway.

A deployment has no person's token. Where people sign in, it invokes the function instead, for which IAM needs
`lambda:InvokeFunction`, with the context that the authorizer would pass for an operator.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import boto3
from chalice.local import LambdaEventConverter, RouteMatcher

from chalicelib.http.sign_in import OPERATOR


def ask_function(name: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
    """Invoke the function with an operator's request; return the status and the JSON of its response."""
    answer = boto3.client("lambda").invoke(FunctionName=name, Payload=json.dumps(request(method, path, body)).encode())
    output = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        return HTTPStatus.BAD_GATEWAY, output
    return output["statusCode"], json.loads(output["body"])


def request(method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the event that API Gateway would pass on for an operator's request."""
    from app import app  # noqa: PLC0415 - it reads the environment when it is imported

    data = None if body is None else json.dumps(body)
    event: dict[str, Any] = LambdaEventConverter(RouteMatcher(list(app.routes))).create_lambda_event(
        method, f"/{path}", {"Content-Type": "application/json", "Accept": "application/json"}, data
    )
    event["requestContext"]["authorizer"] = {OPERATOR: "true", "principalId": "deployment"}
    return {**event, "isBase64Encoded": False}
