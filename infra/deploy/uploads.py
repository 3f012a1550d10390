"""Upload a file to a deployed stage, and read its verdict from the stage's HTTP API."""

import json
import math
import time
import uuid
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import boto3
from attrs import frozen
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError
from botocore.httpsession import URLLib3Session

from infra.deploy.api_function import ask_function
from infra.deploy.stages import API_HANDLER, Stage

_GLANCE: Final = 0.2  # seconds between looks
_UPLOADS: Final = 12
_STARTED_SECONDS: Final = 30.0
_VERDICTS: Final = frozenset({"VALIDATED", "VALIDATION_FAILED"})


class NoVerdict(Exception):
    """An upload got no verdict in time; the message has its last status."""


class Unprotected(Exception):
    """The HTTP API answers requests without credentials."""


class NotStarted(NoVerdict):
    """An upload got no verdict, because no attempt at it began."""


@frozen(kw_only=True)
class Deployed:
    """A deployed stage, and the URL of its HTTP API."""

    stage: Stage
    api_url: str

    def put(self, path: Path, *, schema: str | None = None) -> str:
        """Put a file into the bucket, and return its upload id; `schema` names its dataset."""
        upload_id = f"smoke-{uuid.uuid4()}"
        extra = {"Metadata": {"schema": schema}} if schema else {}
        key = f"uploads/smoke/{upload_id}/{path.name}"
        boto3.client("s3").upload_file(str(path), self.stage.bucket, key, ExtraArgs=extra)
        return upload_id

    def find(self, upload_id: str) -> tuple[int, Mapping[str, Any]]:
        """Request an upload from the HTTP API; return the status code and the JSON of the answer."""
        return self.ask("GET", f"uploads/{upload_id}")

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Mapping[str, Any]]:
        """Send a request to the HTTP API, signed with IAM credentials; return status code and JSON of the answer.

        Where people sign in, API Gateway accepts no signature: the function is invoked instead.
        """
        if self.stage.has_sign_in:
            return ask_function(self.stage.function(API_HANDLER), method, path, body)
        session = boto3.Session()
        credentials = session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        data = json.dumps(body) if body else None
        request = AWSRequest(method, f"{self.api_url}{path}", headers=headers, data=data)
        SigV4Auth(credentials, "execute-api", session.region_name).add_auth(request)
        answer = URLLib3Session().send(request.prepare())
        try:
            return answer.status_code, json.loads(answer.content)
        except ValueError:
            return answer.status_code, {"answer": answer.text}

    def require_authorization(self) -> None:
        """Raise Unprotected unless the HTTP API refuses a request without credentials."""
        status = URLLib3Session().send(AWSRequest("GET", f"{self.api_url}uploads").prepare()).status_code
        if status not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise Unprotected(f"GET /uploads without credentials answers {status}")

    def wait_for_verdict(
        self,
        upload_id: str,
        *,
        seconds: float = 120.0,
        started_within: float = math.inf,
        watch: Callable[[], None] = lambda: None,
    ) -> Mapping[str, Any]:
        """Wait until an upload has a verdict, and return the upload as the HTTP API shows it; raises NoVerdict.

        `started_within` is in seconds too. `watch` is called at each look, and may raise an exception to end the wait.
        """
        began = time.monotonic()
        while True:
            code, upload = self.find(upload_id)
            if code not in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}:
                raise NoVerdict(f"GET /uploads/{upload_id} answers {code}: {json.dumps(upload)}")
            if code == HTTPStatus.OK and upload["status"] in _VERDICTS:
                return upload
            watch()
            waited = time.monotonic() - began
            if code == HTTPStatus.NOT_FOUND and waited > min(started_within, seconds):
                raise NotStarted(f"upload {upload_id} is not taken up after {waited:.0f} s")
            if waited > seconds:
                raise NoVerdict(f"upload {upload_id} is {upload['status']} after {seconds:g} s")
            time.sleep(_GLANCE)

    def first_verdict(
        self, path: Path, *, say: Callable[[str], None], uploads: int = _UPLOADS, patience: float = _STARTED_SECONDS
    ) -> Mapping[str, Any]:
        """Upload a file again every `patience` seconds, until an attempt begins; return that upload with its verdict.

        S3 may take about five minutes to send a new bucket's notifications. The sweep finds earlier uploads, but only
        later than this waits. Raises NoVerdict.
        """
        for _ in range(uploads - 1):
            try:
                return self.wait_for_verdict(self.put(path), started_within=patience)
            except NotStarted as trouble:
                say(f"{trouble}; the bucket's notifications may take minutes to begin: once more ...")
        return self.wait_for_verdict(self.put(path), started_within=patience)


def api_url(deployed_file: Path, endpoint: str | None = None) -> str:
    """Return the URL of the HTTP API that Chalice deployed; an emulated AWS serves it at its endpoint."""
    resources = json.loads(deployed_file.read_text())["resources"]
    (api,) = (resource for resource in resources if resource["resource_type"] == "rest_api")
    if endpoint is None:
        return str(api["rest_api_url"])
    stage = api["rest_api_url"].rstrip("/").rpartition("/")[2]
    return f"{endpoint}/restapis/{api['rest_api_id']}/{stage}/_user_request_/"
