"""S3: without list permission, a missing object is "access denied"; and ranges of versions are ranges."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from infra.rehearsal.emulator import permissions
from infra.rehearsal.emulator.patching import ministack, replace


def patch() -> None:
    """Patch ministack's S3."""
    for name in ("_get_object", "_head_object"):
        replace(ministack("services.s3"), name, _read)
    replace(ministack("services.s3"), "_get_object", _get)


def _read(original: Callable[..., Any], bucket: str, key: str, *arguments: Any, **named: Any) -> Any:
    """Answer "access denied" rather than "no such key", unless the caller's role may list the bucket.

    AWS does not document whether a condition on the prefix sees the object's key or nothing. So the role must be
    allowed to list in both cases.
    """
    answer = original(bucket, key, *arguments, **named)
    if answer[0] != HTTPStatus.NOT_FOUND:
        return answer
    role = _role_of_caller()
    if role is None or all(
        permissions.allows(role, "s3:ListBucket", resource=f"arn:aws:s3:::{bucket}", context=context)
        for context in ({}, {"s3:prefix": key})
    ):
        return answer
    denied = ministack("services.s3")._error  # noqa: SLF001 - there is no other way in
    return denied("AccessDenied", "Access Denied", HTTPStatus.FORBIDDEN.value, f"/{bucket}/{key}")


def _get(original: Callable[..., Any], bucket: str, key: str, headers: Any, *arguments: Any) -> Any:
    """Return a range of a version, where ministack returns all of it."""
    status, answered, body = original(bucket, key, headers, *arguments)
    if status != HTTPStatus.OK or not headers.get("range"):
        return status, answered, body
    found = ministack("services.s3")._parse_range(headers["range"], len(body))  # noqa: SLF001 - no other way in
    if found is None:
        return status, answered, body
    start, end = found
    whole = {name: value for name, value in answered.items() if not name.lower().startswith("x-amz-checksum-")}
    part = body[start : end + 1]
    sent = {"Content-Length": str(len(part)), "Content-Range": f"bytes {start}-{end}/{len(body)}"}
    return HTTPStatus.PARTIAL_CONTENT.value, whole | sent, part


def _role_of_caller() -> str | None:
    """Return the ARN of the role that makes the request, or None."""
    caller: str = ministack("core.iam_evaluator").caller_arn()
    if ":assumed-role/" not in caller:
        return None
    account, name = caller.split(":")[4], caller.split("/")[1]
    return f"arn:aws:iam::{account}:role/{name}"
