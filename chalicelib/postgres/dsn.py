"""Connection strings: where they come from, and what makes one fit to connect with.

Wherever one comes from, `secured` is the only door to PostgreSQL, and TLS is not left to whoever writes the string.
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

from chalicelib.aws.errors import reason
from chalicelib.errors import DatabaseUnavailable, SettingsIncomplete

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

Dsn = Callable[[], str]
"""Gives the connection string for the next connection."""
TokenSource = Callable[[str, int, str], str]
"""Gives a password that is good for a quarter of an hour, for a host, a port and a user."""

_PARTICULARS: Mapping[str, str] = MappingProxyType(
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
"""What they are called in a secret, by RDS for the most part, and what PostgreSQL calls them."""
_PORT = "5432"
_TLS = ("require", "verify-ca", "verify-full")
_REQUIRE_TLS: Mapping[str, str] = MappingProxyType({"sslmode": "require"})


def secured(dsn: str) -> str:
    """Make a connection string say what PostgreSQL's library would else take from the environment or a default.

    Unless each host is this machine's own, it gets TLS. Raises SettingsIncomplete if it asks for less, names no host,
    or cannot be read.
    """
    asked = parameters(dsn)
    if asked.get("service"):
        raise SettingsIncomplete("the database's connection string names a service; say what is in it instead")
    if not asked.get("host"):
        raise SettingsIncomplete("the database's connection string names no host; a socket's directory would be one")
    # Empty, it is not looked for in the environment, where it would go before the host.
    stated = {"hostaddr": "", **asked}
    return make_conninfo(**stated if _is_local(stated) else _with_tls(stated))


def parameters(dsn: str) -> dict[str, str]:
    """Take a connection string apart; raises SettingsIncomplete if that cannot be done."""
    try:
        return {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
    except psycopg.ProgrammingError:
        # Its words quote the connection string.
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
    """Give what PGSSLMODE says if that is TLS, lest it be weakened."""
    found = {option.keyword: (option.val or b"").decode() for option in psycopg.pq.Conninfo.get_defaults()}
    return found[b"sslmode"] if found[b"sslmode"] in _TLS else "require"


@frozen(kw_only=True)
class SecretDsn:
    """The connection's particulars from Secrets Manager, fetched anew for each connection: they rotate."""

    client: "SecretsManagerClient"
    secret_arn: str
    required: tuple[str, ...] = ("host", "username", "password")
    """Those without which PostgreSQL's library would go by defaults of its own."""

    def __call__(self) -> str:
        """Give the connection string, which asks for TLS.

        Raises DatabaseUnavailable if the secret cannot be read, and SettingsIncomplete if it lacks something.
        """
        try:
            secret = json.loads(self.client.get_secret_value(SecretId=self.secret_arn)["SecretString"])
        except (BotoCoreError, ClientError) as error:
            raise DatabaseUnavailable(f"the database's secret cannot be read: {reason(error)}") from None
        except (KeyError, ValueError, RecursionError):
            raise SettingsIncomplete("the database's secret is not a JSON text") from None
        return make_conninfo(**{**_REQUIRE_TLS, **self._particulars(secret)})

    def _particulars(self, secret: object) -> dict[str, str]:
        told = secret if isinstance(secret, dict) else {}
        found = {name: value for name, value in told.items() if value not in (None, "")}
        if missing := [name for name in self.required if name not in found]:
            raise SettingsIncomplete(f"the database's secret lacks {', '.join(missing)}")
        return {ours: str(found[theirs]) for theirs, ours in _PARTICULARS.items() if theirs in found}


@frozen(kw_only=True)
class IamDsn:
    """A connection string whose password is a token of IAM's, made anew for each connection."""

    dsn: Dsn
    token: TokenSource

    def __call__(self) -> str:
        """Give the connection string; raises SettingsIncomplete if no token can be made for what it names.

        RDS takes tokens by TLS alone, even where a tunnel makes its host look like this machine.
        """
        asked = {**_REQUIRE_TLS, **parameters(self.dsn())}
        host, port, user = asked.get("host", ""), asked.get("port") or _PORT, asked.get("user", "")
        if not host or "," in host or not user or not port.isdecimal():
            raise SettingsIncomplete("IAM makes a token for one host, port and user: the connection must name them")
        if asked["sslmode"] not in _TLS:
            raise SettingsIncomplete(f"RDS takes IAM's tokens by TLS alone: sslmode must be one of {', '.join(_TLS)}")
        try:
            password = self.token(host, int(port), user)
        except BotoCoreError as error:
            raise DatabaseUnavailable(f"no token for the database can be made: {reason(error)}") from None
        return make_conninfo(**{**asked, "password": password})
