"""Connection strings: none gets to PostgreSQL without TLS but to this machine."""

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
from infra.rehearsal.tls import TlsFront

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
    """A client of a Secrets Manager without secrets."""
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="eu-west-1")


@pytest.fixture(scope="module")
def by_tls(postgres: PostgresServer) -> Iterator[str]:
    """The connection string of a PostgreSQL that is reached by TLS alone."""
    with TlsFront(postgres.port) as front:
        yield make_conninfo(postgres.dsn(), port=front.port)


@pytest.mark.parametrize("dsn", LOCAL)
def test_this_machine_is_reached_as_asked(dsn: str) -> None:
    """TLS to oneself protects nothing."""
    assert conninfo_to_dict(dsn).get("sslmode") == conninfo_to_dict(secured(dsn)).get("sslmode")


@pytest.mark.parametrize("dsn", REMOTE)
def test_others_are_reached_by_tls(dsn: str) -> None:
    """Even if only one of several hosts is another machine, and whichever of its names says so."""
    found = conninfo_to_dict(secured(dsn))
    assert ("require", "disable") == (found["sslmode"], found["gssencmode"])


@pytest.mark.parametrize("dsn", REMOTE)
@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "sometimes"])
def test_less_than_tls_is_refused(dsn: str, mode: str) -> None:
    """Silence is mended; a wish is not overruled in silence."""
    with pytest.raises(SettingsIncomplete, match=f"must be require, verify-ca, verify-full, not {mode}") as refused:
        secured(make_conninfo(dsn, sslmode=mode))
    assert "a:b" not in str(refused.value)


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_more_than_tls_is_let_through(mode: str) -> None:
    """With the authority's certificate, the server can be made to prove its identity."""
    found = conninfo_to_dict(secured(f"postgresql://a:b@db/db?sslmode={mode}&sslrootcert=/var/task/rds.pem"))
    assert (mode, "/var/task/rds.pem") == (found["sslmode"], found["sslrootcert"])


@pytest.mark.parametrize(("said", "mode"), [("verify-full", "verify-full"), ("disable", "require")])
def test_environment_can_ask_for_more_and_not_for_less(monkeypatch: pytest.MonkeyPatch, said: str, mode: str) -> None:
    """What PGSSLMODE says is neither weakened nor a way around."""
    monkeypatch.setenv("PGSSLMODE", said)
    assert mode == conninfo_to_dict(secured("postgresql://a:b@db/db"))["sslmode"]


@pytest.mark.parametrize("dsn", ["", "postgresql:///db", "dbname=db user=a", "host='' dbname=db", "hostaddr=10.0.0.1"])
def test_host_is_not_left_to_the_environment(monkeypatch: pytest.MonkeyPatch, dsn: str) -> None:
    """PGHOST could be anywhere."""
    monkeypatch.setenv("PGHOST", "db.example.com")
    with pytest.raises(SettingsIncomplete, match="names no host"):
        connect(dsn)


def test_service_is_not_looked_up() -> None:
    """It is a file that says where the database is, and how to talk to it."""
    with pytest.raises(SettingsIncomplete, match="names a service"):
        connect("service=elsewhere host=localhost")


@pytest.mark.parametrize("name", ["PGHOSTADDR", "PGSERVICE"])
def test_environment_does_not_lead_elsewhere(
    dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """What looks local would connect to an address that no string names, without TLS."""
    services = tmp_path / "pg_service.conf"
    services.write_text("[192.0.2.1]\nhost=192.0.2.1\nhostaddr=192.0.2.1\nsslmode=disable\n")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    monkeypatch.setenv(name, "192.0.2.1")
    with connect(dsn) as connection:
        assert connection.info.hostaddr == "127.0.0.1"


def test_connection_is_made_by_tls(by_tls: str, postgres: PostgresServer) -> None:
    """For real: one server that speaks it, and one that does not."""
    with connect(make_conninfo(by_tls, sslmode="require")) as connection:
        assert connection.pgconn.ssl_in_use
    with pytest.raises(DatabaseUnavailable, match="does not support SSL"):
        connect(make_conninfo(postgres.dsn(), sslmode="require"))


def test_server_that_does_not_prove_itself_is_refused(by_tls: str, tmp_path: Path) -> None:
    """The certificate of another authority does not do where one is named."""
    (tmp_path / "authority.pem").write_text("")
    with pytest.raises(DatabaseUnavailable, match="root certificate file"):
        connect(make_conninfo(by_tls, sslmode="verify-full", sslrootcert=str(tmp_path / "authority.pem")))


def test_migrations_go_through_the_same_door(capsys: pytest.CaptureFixture[str]) -> None:
    """By the function and by the command."""
    dsn = "postgresql://assay:hunter2@db.example.com/assay?sslmode=disable"  # pragma: allowlist secret
    with pytest.raises(SettingsIncomplete, match="sslmode"):
        migrations.apply(dsn)
    assert main([dsn]) == 1
    assert "hunter2" not in capsys.readouterr().err


def test_secret_gives_a_connection_string_that_asks_for_tls(client: "SecretsManagerClient") -> None:
    """RDS's secret, in PostgreSQL's words."""
    secret = {"engine": "postgres", "host": "db", "port": 5432, "username": "assay", "password": "a b'c", "dbname": "d"}
    arn = client.create_secret(Name="assay", SecretString=json.dumps(secret))["ARN"]
    dsn = SecretDsn(client=client, secret_arn=arn)()
    expected = {"sslmode": "require", "host": "db", "port": "5432", "user": "assay", "password": "a b'c", "dbname": "d"}
    assert expected == psycopg.conninfo.conninfo_to_dict(dsn)


def test_rotated_secret_is_read_again(client: "SecretsManagerClient") -> None:
    """Each connection asks again."""
    template = '{"username": "assay", "password": "p", "host": "%s"}'
    arn = client.create_secret(Name="assay", SecretString=template % "old")["ARN"]
    dsn = SecretDsn(client=client, secret_arn=arn)
    assert "old" in dsn()
    client.put_secret_value(SecretId=arn, SecretString=template % "new")
    assert "new" in dsn()


def test_secret_that_cannot_be_read_makes_the_database_unavailable(client: "SecretsManagerClient") -> None:
    """Without particulars there is no connection."""
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
def test_secret_that_lacks_something_says_what(client: "SecretsManagerClient", secret: str) -> None:
    """Without them, libpq would use its own defaults."""
    arn = client.create_secret(Name="assay", SecretString=secret)["ARN"]
    with pytest.raises(SettingsIncomplete, match="username") as incomplete:
        SecretDsn(client=client, secret_arn=arn)()
    assert "hunter2" not in str(incomplete.value)


def test_what_is_null_in_a_secret_is_not_there(client: "SecretsManagerClient") -> None:
    """No database is called None, and no port."""
    secret = {"host": "db", "username": "assay", "password": "p", "dbname": None, "port": None, "sslmode": None}
    arn = client.create_secret(Name="assay", SecretString=json.dumps(secret))["ARN"]
    expected = {"sslmode": "require", "host": "db", "user": "assay", "password": "p"}
    assert expected == conninfo_to_dict(SecretDsn(client=client, secret_arn=arn)())


def test_secret_may_ask_for_more_than_tls(client: "SecretsManagerClient") -> None:
    """With the file in the package that has the authority's certificate."""
    secret = {"host": "db", "username": "assay", "password": "p", "sslmode": "verify-full", "sslrootcert": "system"}
    arn = client.create_secret(Name="assay", SecretString=json.dumps(secret))["ARN"]
    found = conninfo_to_dict(secured(SecretDsn(client=client, secret_arn=arn)()))
    assert ("verify-full", "system") == (found["sslmode"], found["sslrootcert"])


def test_secret_may_not_ask_for_less_than_tls(client: "SecretsManagerClient") -> None:
    """It goes through the same door."""
    secret = {"host": "db", "username": "assay", "password": "hunter2", "sslmode": "prefer"}
    arn = client.create_secret(Name="assay", SecretString=json.dumps(secret))["ARN"]
    with pytest.raises(SettingsIncomplete, match="not prefer"):
        Database(SecretDsn(client=client, secret_arn=arn)).run(lambda _: None)


def test_each_connection_has_a_token_of_its_own(by_tls: str, postgres: PostgresServer) -> None:
    """A token is good for a quarter of an hour, a container for longer: the next connection needs the next token."""
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


def test_token_is_iams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed for the host, the port and the user, with the credentials of the environment."""
    for name, value in {"ACCESS_KEY_ID": "AKID", "SECRET_ACCESS_KEY": "key", "DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    url = "postgresql://assay@db.example.com/assay?sslmode=verify-full"
    settings = Settings.from_environment({"DATABASE_URL": url, "DATABASE_IAM_USER": "db-ABC/assay"})
    found = conninfo_to_dict(Services(settings)._dsn())  # noqa: SLF001 - what its connections are made with
    token = str(found["password"])
    assert token.startswith("db.example.com:5432/?Action=connect&DBUser=assay&")
    assert "X-Amz-Credential=AKID" in token
    assert found["sslmode"] == "verify-full"


def test_token_is_sent_by_tls_alone() -> None:
    """RDS takes it no other way, not even through a tunnel that makes it local."""
    with pytest.raises(SettingsIncomplete, match="TLS alone"):
        IamDsn(dsn=lambda: "postgresql://a@localhost/db?sslmode=disable", token=lambda *_: "token")()
    found = IamDsn(dsn=lambda: "postgresql://a@localhost/db", token=lambda *_: "token")()
    assert conninfo_to_dict(found)["sslmode"] == "require"


@pytest.mark.parametrize("dsn", ["postgresql://db/db", "postgresql://a@h1,h2/db", "user=a", "host=h user=a port=1,2"])
def test_token_is_for_one_host_and_user(dsn: str) -> None:
    """It would be worth nothing with any other."""
    with pytest.raises(SettingsIncomplete, match="one host"):
        IamDsn(dsn=lambda: dsn, token=lambda *_: "token")()


def test_token_that_cannot_be_made_leaves_the_database_unavailable() -> None:
    """Credentials come and go."""

    def token(_host: str, _port: int, _user: str) -> str:
        raise NoCredentialsError

    with pytest.raises(DatabaseUnavailable, match="NoCredentialsError"):
        IamDsn(dsn=lambda: "postgresql://a@db/db", token=token)()


def test_secret_needs_no_password_where_iam_says_who_we_are(client: "SecretsManagerClient") -> None:
    """Then there is none to rotate."""
    arn = client.create_secret(Name="assay", SecretString='{"host": "db", "username": "assay"}')["ARN"]
    stored = SecretDsn(client=client, secret_arn=arn, required=("host", "username"))
    assert "password=token" in IamDsn(dsn=stored, token=lambda *_: "token")()


def _set_password(server: PostgresServer, role: str, password: str) -> None:
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
    with psycopg.connect(server.dsn()) as admin:
        admin.execute(statement)
