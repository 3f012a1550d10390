"""Checks of the HTTP API of a deployed stage: one request for each route that needs a permission of its own."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import urllib3
from attrs import frozen

from infra.deploy.uploads import Deployed
from infra.rehearsal.waiting import CheckFailed

HTTP: Final = urllib3.PoolManager(timeout=60.0)
"""Sends requests without a signature; `urllib3.request` gives up after 3 seconds."""


@frozen(kw_only=True)
class ApiChecks:
    """Sends requests to the HTTP API; an unexpected answer raises CheckFailed."""

    deployed: Deployed

    def register(self, schema: str) -> Mapping[str, Any]:
        """Register an upload, and return the answer, with its form."""
        body = {"owner": "smoke", "filename": "rows.csv", "schema": schema}
        return self._ask("POST", "uploads", body=body, expected=HTTPStatus.CREATED)

    def send(self, content: bytes, schema: str) -> str:
        """Send a file by an upload form, as a partner does; return its upload id."""
        registered = self.register(schema)
        form = registered["form"]
        fields = {**form["fields"], "file": ("rows.csv", content)}
        if HTTP.request("POST", form["url"], fields=fields).status != HTTPStatus.NO_CONTENT:
            raise CheckFailed("S3 refuses the form that POST /uploads gives")
        return str(registered["upload"]["uploadId"])

    def follow_a_link(self, schema: str) -> None:
        """Read an upload by its partner link."""
        link = self.register(schema)["link"] or {"url": "none"}
        authorization = {"Authorization": f"Bearer {link['url'].partition('#')[2]}"}
        url = f"{self.deployed.api_url}link/upload"
        if HTTP.request("GET", url, headers=authorization).status != HTTPStatus.OK:
            raise CheckFailed("a registered upload cannot be followed by its link")

    def renew_form(self, upload_id: str, schema: str) -> None:
        """Get another form by a partner link, for a file that was put directly and has no verdict."""
        link = self._ask("POST", "uploads/{uploadId}/links", upload_id, expected=HTTPStatus.CREATED)
        authorization = {"Authorization": f"Bearer {link['url'].partition('#')[2]}"}
        answer = HTTP.request("POST", f"{self.deployed.api_url}link/form", headers=authorization)
        if answer.status != HTTPStatus.CREATED or answer.json()["fields"]["x-amz-meta-schema"] != schema:
            raise CheckFailed("POST /link/form for a file that was put directly names another schema")

    def read(self, schema: str, upload_id: str) -> None:
        """Read the schemas, and the report of an upload."""
        self._ask("GET", "schemas")
        self._ask("GET", f"schemas/{schema}")
        self._ask("GET", "uploads/{uploadId}/report", upload_id, expected=HTTPStatus.SEE_OTHER)

    def replay(self, upload_id: str) -> None:
        """Ask for another attempt."""
        body = {"reason": "a rehearsal"}
        self._ask("POST", "uploads/{uploadId}/attempts", upload_id, body=body, expected=HTTPStatus.ACCEPTED)

    def _ask(
        self,
        method: str,
        path: str,
        upload_id: str = "",
        *,
        body: Mapping[str, Any] | None = None,
        expected: HTTPStatus = HTTPStatus.OK,
    ) -> Mapping[str, Any]:
        code, answer = self.deployed.ask(method, path.replace("{uploadId}", upload_id), body)
        if code != expected:
            raise CheckFailed(f"{method} /{path} answers {code}")
        return answer
