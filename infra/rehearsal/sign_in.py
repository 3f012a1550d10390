"""Checks of a stage with sign-in: deployed over the one that IAM protects, and used with an issuer's tokens."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from attrs import evolve, frozen

from infra.deploy.deployment import Deployment
from infra.deploy.stages import Stage
from infra.deploy.uploads import Deployed
from infra.rehearsal.api_checks import HTTP
from infra.rehearsal.issuer import CLIENT_ID, CURVE, Issuer
from infra.rehearsal.waiting import CheckFailed

_OPERATORS: Final = "assay-operators"


def configure(deployment: Deployment, issuer: Issuer) -> Deployment:
    """Configure the stage of the copied project to accept an issuer's tokens instead of IAM's signatures."""
    path = deployment.project / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    config["stages"][deployment.stage.name]["environment_variables"] |= {
        "SIGN_IN_ISSUER": issuer.url,
        "SIGN_IN_CLIENT_ID": CLIENT_ID,
        "OPERATOR_CLAIM": f"groups={_OPERATORS}",
    }
    path.write_text(json.dumps(config, indent=2))
    return evolve(deployment, stage=Stage.read(deployment.stage.name, deployment.project))


@frozen(kw_only=True)
class SignInChecks:
    """Asks the HTTP API as people who signed in; whatever it answers otherwise than it should is CheckFailed."""

    deployed: Deployed
    issuer: Issuer

    def __call__(self, content: bytes) -> Mapping[str, Any]:
        """Send a file as ada, and return its verdict as she sees it; raises CheckFailed."""
        ada, bob = self._token("ada"), self._token("bob")
        operator = self._token("clara", groups=[_OPERATORS])
        registered = self._ask("POST", "uploads", ada, HTTPStatus.CREATED, {"filename": "rows.csv"})
        form, upload_id = registered["form"], registered["upload"]["uploadId"]
        fields = {**form["fields"], "file": ("rows.csv", content)}
        if HTTP.request("POST", form["url"], fields=fields).status != HTTPStatus.NO_CONTENT:
            raise CheckFailed("S3 refuses the form of a person who signed in")
        self.deployed.wait_for_verdict(upload_id)
        path = f"uploads/{upload_id}"
        upload: Mapping[str, Any] = self._ask("GET", path, ada, HTTPStatus.OK)
        self._ask("GET", path, bob, HTTPStatus.NOT_FOUND)
        self._ask("GET", path, operator, HTTPStatus.OK)
        self._ask("GET", path, None, HTTPStatus.UNAUTHORIZED)
        self._ask("GET", path, self._token("ada", key=CURVE, algorithm="ES256", kid="first"), HTTPStatus.FORBIDDEN)
        if (seen := self._ask("GET", "uploads", bob, HTTPStatus.OK)["uploads"]) != []:
            raise CheckFailed(f"bob, who has no uploads, sees {len(seen)}")
        return upload

    def _token(self, name: str, **claims: Any) -> str:
        return self.issuer.token(sub=name, email=f"{name}@example.com", email_verified=True, **claims)

    def _ask(
        self, method: str, path: str, token: str | None, expected: HTTPStatus, body: Mapping[str, Any] | None = None
    ) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = HTTP.request(method, f"{self.deployed.api_url}{path}", headers=headers, json=body)
        if answer.status != expected:
            raise CheckFailed(f"{method} /{path} answers {answer.status} instead of {expected}: {answer.data[:200]!r}")
        return answer.json()
