"""An OpenID provider with three people: Canaille, in memory. Run by the Python of its own environment.

Its arguments are the port of its HTTP server, and the URL of the page that signs people in.
"""

import secrets
import sys
from typing import Any
from urllib.parse import urlsplit

from authlib.oidc.core.grants.code import OpenIDToken
from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.oidc import provider
from werkzeug.serving import make_server

from infra.local.sign_in.people import CLIENT_ID, OPERATOR, OPERATORS, PEOPLE, password


class IdTokenOnRefresh(provider.OIDCGrantMixin, OpenIDToken):  # type: ignore[misc] # its class is untyped
    """Return an id token for a refresh token, as most providers do; Canaille does not by default."""

    def generate_user_info(self, user: Any, scope: str) -> Any:
        """Return the claims of a person."""
        return provider.UserInfo(provider.generate_user_claims(user)).filter(scope)


def application(port: int, page: str) -> Any:
    """Return Canaille as a WSGI application, with its people and one client."""
    app = create_app(
        {
            "SECRET_KEY": secrets.token_urlsafe(),
            "SERVER_NAME": f"127.0.0.1:{port}",
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {"DATABASE": "memory", "NAME": "Assay, on this machine", "SMTP": None},
            "CANAILLE_OIDC": {},
        }
    )
    provider.authorization._token_grants.insert(0, (provider.RefreshTokenGrant, [IdTokenOnRefresh()]))  # noqa: SLF001 - register_grant appends
    with app.app_context():
        _fill(page)
    return app


def _fill(page: str) -> None:
    people = {name: _save(_person(name)) for name in PEOPLE}
    _save(models.Group(display_name=OPERATORS, members=[people[OPERATOR]]))
    parts = urlsplit(page)
    client = models.Client(
        client_id=CLIENT_ID,
        client_name="Assay",
        client_uri=f"{parts.scheme}://{parts.netloc}",
        redirect_uris=[page],
        post_logout_redirect_uris=[page],
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        scope=["openid", "profile", "email", "groups"],
        token_endpoint_auth_method="none",  # noqa: S106 - a public client
    )
    client.audience = [_save(client)]
    _save(client)


def _person(name: str) -> Any:
    return models.User(
        user_name=name,
        formatted_name=name.title(),
        given_name=name.title(),
        family_name="Example",
        emails=[f"{name}@example.com"],
        password=password(name),
    )


def _save(model: Any) -> Any:
    Backend.instance.save(model)
    return model


if __name__ == "__main__":
    at, page = int(sys.argv[1]), sys.argv[2]
    make_server("127.0.0.1", at, application(at, page), threaded=True).serve_forever()
