"""Connection strings: all but local ones require TLS."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import psycopg
import pytest
from botocore.exceptions import NoCredentialsError
from moto import mock_aws
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chalicelib.bootstrap import Services
from chalicelib.errors import DatabaseUnavailable, SettingsIncomplete
from chalicelib.postgres import migrations
from chalicelib.postgres.database import Database, connect
from chalicelib.postgres.dsn import IamDsn, SecretDsn, secured
from chalicelib.postgres.migrations.__main__ import main
from chalicelib.settings import Settings
from infra.local.postgres import PostgresServer
from infra.rehearsal.tls import TlsProxy

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

LOCAL = [
    "postgresql://a:b@127.0.0.1/db",
    "postgresql://a:b@127.1.2.3,127.0.0.1/db?sslmode=disable",
    "postgresql://a:b@[::1]:5433/db",
    "postgresql://a:b@LocalHost/db?sslmode=prefer",
    "postgresql:///db?host=/var/run/postgresql",
    "host=localhost hostaddr=127.0.0.1",
]
REMOTE = [
    "postgresql://a:b@db.example.com/db",
    "postgresql://a:b@10.0.0.1/db",
    "postgresql://a:b@localhost.example.com/db",
    "postgresql://a:b@localhost,db.example.com/db",
    "postgresql://a:b@localhost,,/db",
    "host=localhost hostaddr=10.0.0.1",
    "host=db.example.com hostaddr=127.0.0.1",
    "host=localhost,localhost hostaddr=127.0.0.1,10.0.0.1",
    "host=0.0.0.0",
]


@pytest.fixture
def client() -> Iterator["SecretsManagerClient"]:
    """A client of an empty Secrets Manager."""
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="eu-west-1")


@pytest.fixture(scope="module")
def by_tls(postgres: PostgresServer) -> Iterator[str]:
    """The connection string of a PostgreSQL that accepts only TLS."""
    with TlsProxy(postgres.port) as front:
        yield make_conninfo(postgres.dsn(), port=front.port)


@pytest.mark.parametrize("dsn", LOCAL)
def test_local_connection_keeps_its_sslmode(dsn: str) -> None:
    """A connection within one machine needs no TLS."""
    assert conninfo_to_dict(dsn).get("sslmode") == conninfo_to_dict(secured(dsn)).get("sslmode")


@pytest.mark.parametrize("dsn", REMOTE)
def test_remote_connection_requires_tls(dsn: str) -> None:
    """One remote host among several is enough, whether `host` or `hostaddr` names it."""
    found = conninfo_to_dict(secured(dsn))
    assert ("require", "disable") == (found["sslmode"], found["gssencmode"])


@pytest.mark.parametrize("dsn", REMOTE)
@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "sometimes"])
def test_sslmode_without_tls_is_refused(dsn: str, mode: str) -> None:
    """A missing mode is set; an explicit weaker one is an error, not silently replaced."""
    with pytest.raises(SettingsIncomplete, match=f"must be require, verify-ca, verify-full, not {mode}") as refused:
        secured(make_conninfo(dsn, sslmode=mode))
    assert "a:b" not in str(refused.value)


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_sslmode_that_verifies_the_server_is_kept(mode: str) -> None:
    """With the authority's certificate, libpq verifies the server's identity."""
    found = conninfo_to_dict(secured(f"postgresql://a:b@db/db?sslmode={mode}&sslrootcert=/var/task/rds.pem"))
    assert (mode, "/var/task/rds.pem") == (found["sslmode"], found["sslrootcert"])


@pytest.mark.parametrize(("pgsslmode", "mode"), [("verify-full", "verify-full"), ("disable", "require")])
def test_environment_can_strengthen_sslmode_but_not_weaken_it(
    monkeypatch: pytest.MonkeyPatch, pgsslmode: str, mode: str
) -> None:
    """PGSSLMODE counts where the connection string has no mode, and is at least `require`."""
    monkeypatch.setenv("PGSSLMODE", pgsslmode)
    assert mode == conninfo_to_dict(secured("postgresql://a:b@db/db"))["sslmode"]


@pytest.mark.parametrize("dsn", ["", "postgresql:///db", "dbname=db user=a", "host='' dbname=db", "hostaddr=10.0.0.1"])
def test_connection_string_must_name_a_host(monkeypatch: pytest.MonkeyPatch, dsn: str) -> None:
    """Otherwise PGHOST of the environment would decide which host it is."""
    monkeypatch.setenv("PGHOST", "db.example.com")
    with pytest.raises(SettingsIncomplete, match="names no host"):
        connect(dsn)


def test_connection_service_is_refused() -> None:
    """A service file could change the host and the TLS mode."""
    with pytest.raises(SettingsIncomplete, match="names a service"):
        connect("service=elsewhere host=localhost")


@pytest.mark.parametrize("name", ["PGHOSTADDR", "PGSERVICE"])
def test_environment_does_not_change_the_address(
    dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """A local connection string would otherwise connect to a remote address without TLS."""
    services = tmp_path / "pg_service.conf"
    services.write_text("[192.0.2.1]\nhost=192.0.2.1\nhostaddr=192.0.2.1\nsslmode=disable\n")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    monkeypatch.setenv(name, "192.0.2.1")
    with connect(dsn) as connection:
        assert connection.info.hostaddr == "127.0.0.1"


def test_connection_uses_tls(by_tls: str, postgres: PostgresServer) -> None:
    """A server with TLS is connected to, one without is refused."""
    with connect(make_conninfo(by_tls, sslmode="require")) as connection:
        assert connection.pgconn.ssl_in_use
    with pytest.raises(DatabaseUnavailable, match="does not support SSL"):
        connect(make_conninfo(postgres.dsn(), sslmode="require"))


def test_server_with_an_untrusted_certificate_is_refused(by_tls: str, tmp_path: Path) -> None:
    """verify-full requires a certificate of the named authority."""
    (tmp_path / "authority.pem").write_text("")
    with pytest.raises(DatabaseUnavailable, match="root certificate file"):
        connect(make_conninfo(by_tls, sslmode="verify-full", sslrootcert=str(tmp_path / "authority.pem")))


def test_migrations_require_tls(capsys: pytest.CaptureFixture[str]) -> None:
    """This holds for the function and for the command."""
    dsn = "postgresql://assay:hunter2@db.example.com/assay?sslmode=disable"  # pragma: allowlist secret
    with pytest.raises(SettingsIncomplete, match="sslmode"):
        migrations.apply(dsn)
    assert main([dsn]) == 1
    assert "hunter2" not in capsys.readouterr().err


def test_connection_string_of_a_secret_requires_tls(client: "SecretsManagerClient") -> None:
    """RDS's names are translated to libpq's."""
    secret = {"engine": "postgres", "host": "db", "port": 5432, "username": "assay", "password": "a b'c", "dbname": "d"}
    arn = client.create_secret(Name="assay", SecretString=json.dumps(secret))["ARN"]
    dsn = SecretDsn(client=client, secret_arn=arn)()
    expected = {"sslmode": "require", "host": "db", "port": "5432", "user": "assay", "password": "a b'c", "dbname": "d"}
    assert expected == psycopg.conninfo.conninfo_to_dict(dsn)


def test_rotated_secret_is_read_again(client: "SecretsManagerClient") -> None:
    """The secret is read for each connection."""
    template = '{"username": "assay", "password": "p", "host": "%s"}'
    arn = client.create_secret(Name="assay", SecretString=template % "old")["ARN"]
    dsn = SecretDsn(client=client, secret_arn=arn)
    assert "old" in dsn()
    client.put_secret_value(SecretId=arn, SecretString=template % "new")
    assert "new" in dsn()


def test_secret_that_cannot_be_read_makes_the_database_unavailable(client: "SecretsManagerClient") -> None:
    """The cause may be temporary, so that callers retry."""
    with pytest.raises(DatabaseUnavailable, match="secret cannot be read"):
        SecretDsn(client=client, secret_arn="arn:aws:secretsmanager:eu-west-1:123456789012:secret:none")()


@pytest.mark.parametrize(
    "secret",
    [
        "[1]",
        '"pw"',
        "{}",
        '{"host": "db", "password": "hunter2"}',
        '{"host": "db", "password": "hunter2", "username": null}',
        '{"host": "db", "password": "hunter2", "username": ""}',
    ],
)
def test_incomplete_secret_is_refused(client: "SecretsManagerClient", secret: str) -> None:
    """For missing values, libpq would use its own defaults; the message names them, and quotes nothing."""
    arn = client.create_secret(Name="assay", SecretString=secret)["ARN"]
    with pytest.raises(SettingsIncomplete, match="username") as incomplete:
        SecretDsn(client=client, secret_arn=arn)()
    assert "hunter2" not in str(incomplete.value)


def test_null_in_a_secret_counts_as_missing(client: "SecretsManagerClient") -> None:
    """A null must not become the text `None` in the connection string."""
    secret = {"host": "db", "username": "assay", "password": "p", "dbname": None, "port": None, "sslmode": None}
    arn = client.create_secret(Name="assay", SecretString=json.dumps(secret))["ARN"]
    expected = {"sslmode": "require", "host": "db", "user": "assay", "password": "p"}
    assert expected == conninfo_to_dict(SecretDsn(client=client, secret_arn=arn)())


def test_secret_may_require_verification_of_the_server(client: "SecretsManagerClient") -> None:
    """The secret may name the file with the authority's certificate."""
    secret = {"host": "db", "username": "assay", "password": "p", "sslmode": "verify-full", "sslrootcert": "system"}
    arn = client.create_secret(Name="assay", SecretString=json.dumps(secret))["ARN"]
    found = conninfo_to_dict(secured(SecretDsn(client=client, secret_arn=arn)()))
    assert ("verify-full", "system") == (found["sslmode"], found["sslrootcert"])


def test_secret_may_not_weaken_sslmode(client: "SecretsManagerClient") -> None:
    """A secret's connection string is checked like any other."""
    secret = {"host": "db", "username": "assay", "password": "hunter2", "sslmode": "prefer"}
    arn = client.create_secret(Name="assay", SecretString=json.dumps(secret))["ARN"]
    with pytest.raises(SettingsIncomplete, match="not prefer"):
        Database(SecretDsn(client=client, secret_arn=arn)).run(lambda _: None)


def test_each_connection_gets_a_new_token(by_tls: str, postgres: PostgresServer) -> None:
    """A token expires after 15 minutes; a container lives longer."""
    tokens = iter(["first token", "second token"])
    made = []

    def token(host: str, port: int, user: str) -> str:
        made.append((host, port, user))
        password = next(tokens)
        _set_password(postgres, "with_iam", password)
        return password

    with psycopg.connect(postgres.dsn()) as admin:
        admin.execute("CREATE ROLE with_iam LOGIN")
    stored = make_conninfo(by_tls, user="with_iam", password="not this one")
    database = Database(IamDsn(dsn=lambda: stored, token=token))
    port = int(str(conninfo_to_dict(by_tls)["port"]))
    for expected in ([("127.0.0.1", port, "with_iam")], [("127.0.0.1", port, "with_iam")] * 2):
        (user,) = database.run(lambda connection: connection.execute("SELECT current_user").fetchone()) or ()
        database.run(lambda connection: connection.execute("SELECT 1"))
        assert ("with_iam", expected) == (user, made)
        database.close()


def test_token_is_signed_by_iam(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is signed for host, port and user, with the credentials of the environment."""
    for name, value in {"ACCESS_KEY_ID": "AKID", "SECRET_ACCESS_KEY": "key", "DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    url = "postgresql://assay@db.example.com/assay?sslmode=verify-full"
    settings = Settings.from_environment({"DATABASE_URL": url, "DATABASE_IAM_USER": "db-ABC/assay"})
    found = conninfo_to_dict(Services(settings)._dsn())  # noqa: SLF001 - the connection string of its database
    token = str(found["password"])
    assert token.startswith("db.example.com:5432/?Action=connect&DBUser=assay&")
    assert "X-Amz-Credential=AKID" in token
    assert found["sslmode"] == "verify-full"


def test_token_requires_tls() -> None:
    """RDS requires TLS with tokens, also through a local tunnel."""
    with pytest.raises(SettingsIncomplete, match="TLS alone"):
        IamDsn(dsn=lambda: "postgresql://a@localhost/db?sslmode=disable", token=lambda *_: "token")()
    found = IamDsn(dsn=lambda: "postgresql://a@localhost/db", token=lambda *_: "token")()
    assert conninfo_to_dict(found)["sslmode"] == "require"


@pytest.mark.parametrize("dsn", ["postgresql://db/db", "postgresql://a@h1,h2/db", "user=a", "host=h user=a port=1,2"])
def test_token_requires_one_host_and_a_user(dsn: str) -> None:
    """IAM signs a token for one host, port and user."""
    with pytest.raises(SettingsIncomplete, match="one host"):
        IamDsn(dsn=lambda: dsn, token=lambda *_: "token")()


def test_token_that_cannot_be_created_makes_the_database_unavailable() -> None:
    """Missing credentials may be temporary."""

    def token(_host: str, _port: int, _user: str) -> str:
        raise NoCredentialsError

    with pytest.raises(DatabaseUnavailable, match="NoCredentialsError"):
        IamDsn(dsn=lambda: "postgresql://a@db/db", token=token)()


def test_secret_needs_no_password_with_iam(client: "SecretsManagerClient") -> None:
    """The token replaces the password."""
    arn = client.create_secret(Name="assay", SecretString='{"host": "db", "username": "assay"}')["ARN"]
    stored = SecretDsn(client=client, secret_arn=arn, required=("host", "username"))
    assert "password=token" in IamDsn(dsn=stored, token=lambda *_: "token")()


def _set_password(server: PostgresServer, role: str, password: str) -> None:
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
    with psycopg.connect(server.dsn()) as admin:
        admin.execute(statement)
