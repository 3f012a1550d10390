"""API Gateway: ImportRestApi and PutRestApi, by which Chalice creates its HTTP API, and settings that it removes."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from infra.rehearsal.emulator.patching import ministack, replace


def patch() -> None:
    """Patch ministack's API Gateway."""
    service = ministack("services.apigateway_v1")
    replace(service, "handle_request", _handle)
    replace(service, "_rest_api_view", _show)


async def _handle(original: Callable[..., Any], *request: Any) -> Any:
    method, path, _headers, body, query = request
    service = ministack("services.apigateway_v1")
    _empty, *parts = path.rstrip("/").split("/")
    match (method, parts):
        case ("POST", ["restapis"]) if "import" in query.get("mode", ()):
            api = service._import_rest_api(json.loads(body))  # noqa: SLF001 - there is no other way in
            return _view(service, api, HTTPStatus.CREATED)
        case ("PUT", ["restapis", api]):
            _overwrite(service, api, json.loads(body))
            return _view(service, api, HTTPStatus.OK)
    return await original(*request)


def _show(original: Callable[..., dict[str, Any]], api: dict[str, Any]) -> dict[str, Any]:
    """Return an API without settings that were removed: Chalice removes one by patching in an empty text."""
    if api.get("minimumCompressionSize") == "":
        api["minimumCompressionSize"] = None
    return original(api)


def _overwrite(service: Any, api: str, document: dict[str, Any]) -> None:
    """Replace the API's paths by those of the document."""
    resources = service._resources[api]  # noqa: SLF001 - there is no other way in
    for identifier in [identifier for identifier, resource in resources.items() if resource["path"] != "/"]:
        del resources[identifier]
    schemes = service._import_security_schemes(api, document)  # noqa: SLF001 - the same
    for path, item in document["paths"].items():
        service._import_path_item(api, path, item, schemes, document.get("security"))  # noqa: SLF001 - the same


def _view(service: Any, api: str, status: HTTPStatus) -> Any:
    shown = service._rest_api_view(service._rest_apis[api])  # noqa: SLF001 - there is no other way in
    return service._v1_response(shown, status.value)  # noqa: SLF001 - the same
