"""Connection strings: their sources, and what makes one safe to connect with.

Every connection string passes through `secured`, so that TLS does not depend on the author of the string.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from ipaddress import ip_address
from types import MappingProxyType
from typing import TYPE_CHECKING

import psycopg
from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chalicelib.aws.errors import error_code
from chalicelib.errors import DatabaseUnavailable, SettingsIncomplete

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

Dsn = Callable[[], str]
"""Returns the connection string for the next connection."""
TokenSource = Callable[[str, int, str], str]
"""Returns a password for a host, a port and a user, valid for 15 minutes."""

_PARAMETERS: Mapping[str, str] = MappingProxyType(
    {
        "host": "host",
        "port": "port",
        "dbname": "dbname",
        "username": "user",
        "password": "password",
        "sslmode": "sslmode",
        "sslrootcert": "sslrootcert",
    }
)
"""Keys of a secret, as RDS names most of them, and the parameters that libpq takes."""
_PORT = "5432"
_TLS = ("require", "verify-ca", "verify-full")
_REQUIRE_TLS: Mapping[str, str] = MappingProxyType({"sslmode": "require"})


def secured(dsn: str) -> str:
    """Return the connection string with everything explicit that libpq would take from the environment or a default.

    Unless every host is this machine, it requires TLS. Raises SettingsIncomplete if the string asks for less, names no
    host, or cannot be parsed.
    """
    asked = parameters(dsn)
    if asked.get("service"):
        raise SettingsIncomplete("the database's connection string names a service; say what is in it instead")
    if not asked.get("host"):
        raise SettingsIncomplete("the database's connection string names no host; a socket's directory would be one")
    # An empty value keeps libpq from reading PGHOSTADDR, which takes precedence over the host.
    stated = {"hostaddr": "", **asked}
    return make_conninfo(**stated if _is_local(stated) else _with_tls(stated))


def parameters(dsn: str) -> dict[str, str]:
    """Parse a connection string; raises SettingsIncomplete."""
    try:
        return {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    except psycopg.ProgrammingError:
        # Its message quotes the connection string.
        raise SettingsIncomplete("the database's connection string cannot be read") from None


def _is_local(asked: Mapping[str, str]) -> bool:
    addresses = asked["hostaddr"].split(",") if asked["hostaddr"] else []
    return all(map(_is_loopback, asked["host"].split(",") + addresses))


def _is_loopback(host: str) -> bool:
    if host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False


def _with_tls(asked: Mapping[str, str]) -> Mapping[str, str]:
    mode = asked.get("sslmode") or _mode_of_environment()
    if mode not in _TLS:
        raise SettingsIncomplete(f"the database is not on this machine: sslmode must be {', '.join(_TLS)}, not {mode}")
    return {**asked, "sslmode": mode, "gssencmode": "disable"}


def _mode_of_environment() -> str:
    """Return the value of PGSSLMODE if it asks for TLS, so that a stricter mode is kept."""
    found = {option.keyword: (option.val or b"").decode() for option in psycopg.pq.Conninfo.get_defaults()}
    return found[b"sslmode"] if found[b"sslmode"] in _TLS else "require"


@frozen(kw_only=True)
class SecretDsn:
    """Reads the connection's parameters from Secrets Manager, again for each connection: secrets rotate."""

    client: "SecretsManagerClient"
    secret_arn: str
    required: tuple[str, ...] = ("host", "username", "password")
    """The keys that the secret must have; libpq has defaults for them that are wrong here."""

    def __call__(self) -> str:
        """Return the connection string, which requires TLS.

        Raises DatabaseUnavailable if the secret cannot be read, and SettingsIncomplete if it lacks something.
        """
        try:
            secret = json.loads(self.client.get_secret_value(SecretId=self.secret_arn)["SecretString"])
        except (BotoCoreError, ClientError) as error:
            raise DatabaseUnavailable(f"the database's secret cannot be read: {error_code(error)}") from None
        except (KeyError, ValueError, RecursionError):
            raise SettingsIncomplete("the database's secret is not a JSON text") from None
        return make_conninfo(**{**_REQUIRE_TLS, **self._parameters(secret)})

    def _parameters(self, secret: object) -> dict[str, str]:
        values = secret if isinstance(secret, dict) else {}
        found = {name: value for name, value in values.items() if value not in (None, "")}
        if missing := [name for name in self.required if name not in found]:
            raise SettingsIncomplete(f"the database's secret lacks {', '.join(missing)}")
        return {ours: str(found[theirs]) for theirs, ours in _PARAMETERS.items() if theirs in found}


@frozen(kw_only=True)
class IamDsn:
    """A connection string whose password is an IAM token, created for each connection."""

    dsn: Dsn
    token: TokenSource

    def __call__(self) -> str:
        """Return the connection string; raises SettingsIncomplete if it does not name one host, port and user.

        RDS accepts tokens over TLS only, even if a tunnel makes its host look like this machine.
        """
        asked = {**_REQUIRE_TLS, **parameters(self.dsn())}
        host, port, user = asked.get("host", ""), asked.get("port") or _PORT, asked.get("user", "")
        if not host or "," in host or not user or not port.isdecimal():
            raise SettingsIncomplete("IAM makes a token for one host, port and user: the connection must name them")
        if asked["sslmode"] not in _TLS:
            raise SettingsIncomplete(f"RDS accepts IAM tokens over TLS alone: sslmode must be one of {', '.join(_TLS)}")
        try:
            password = self.token(host, int(port), user)
        except BotoCoreError as error:
            raise DatabaseUnavailable(f"no token for the database can be made: {error_code(error)}") from None
        return make_conninfo(**{**asked, "password": password})
