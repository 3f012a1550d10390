"""Registering, listing and reading uploads, as Chalice serves them."""

import boto3
import pytest
from chalice.test import Client

import app
from chalicelib.uploads.attempts import Attempt, ObjectCreated
from tests.http.api_client import begin, fail, policy, post, register

CREATED = ObjectCreated(bucket="inbox", key="uploads/acme/42/a b.csv", sequencer="0A")
NAME = Attempt.for_object(CREATED).execution_name


def test_registered_upload_is_pending(client: Client) -> None:
    """It has the form's key and the requested dataset."""
    response = post(client, "/uploads", filename="orders.csv", owner="acme", schema="default", size=7)
    upload = response.json_body["upload"]
    assert response.status_code == 201
    assert response.headers["Location"].endswith(f"/uploads/{upload['uploadId']}")
    assert "no-store" == response.headers["Cache-Control"]
    assert ("acme", "orders.csv", "default", "PENDING", 0) == tuple(
        upload[name] for name in ("owner", "filename", "schema", "status", "attempt")
    )
    assert f"uploads/acme/{upload['uploadId']}/orders.csv" == upload["key"]
    assert upload == client.http.get(f"/uploads/{upload['uploadId']}").json_body


def test_form_is_limited_to_its_object(client: Client) -> None:
    """The policy fixes key, size, content type and dataset, and expires after 15 minutes."""
    answer = register(client, "ü $x.csv")
    form, upload = answer["form"], answer["upload"]
    conditions = policy(form)["conditions"]
    assert ["content-length-range", 1, form["maxBytes"]] in conditions
    for condition in ({"Content-Type": "text/csv"}, {"x-amz-meta-schema": "default"}, {"key": upload["key"]}):
        assert condition in conditions
        ((name, value),) = condition.items()
        assert value == form["fields"][name]
    assert form["expiresAt"][:19] == policy(form)["expiration"][:19]


def test_form_is_signed_for_the_regional_endpoint(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 does not redirect form POSTs. The role's session token is part of the form."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-the-session")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    app.services.cache_clear()
    form = register(client)["form"]
    assert form["url"] == "https://inbox.s3.eu-central-1.amazonaws.com/"
    assert form["fields"]["x-amz-security-token"] == "of-the-session"
    assert form["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


@pytest.mark.parametrize(
    ("members", "status", "detail"),
    [
        ({"filename": "a/b.csv"}, 400, "body.filename: expected 1 to 255 characters, none of them a slash"),
        ({"filename": "a\x00.csv"}, 400, "body.filename: expected 1 to 255 characters"),
        ({"filename": "\ud800"}, 400, "body.filename: expected 1 to 255 characters"),
        ({"filename": "${filename}"}, 400, "body.filename: expected 1 to 255 characters"),
        ({"filename": ".."}, 400, "body.filename: expected 1 to 255 characters"),
        ({"filename": "x" * 256}, 400, "body.filename: expected 1 to 255 characters"),
        ({"filename": 7}, 400, "body.filename: expected text"),
        ({"owner": ""}, 400, "body.owner: expected 1 to 255 characters"),
        ({"schema": "../x"}, 400, "body.schema: expected the name of a schema"),
        ({"size": 0}, 400, "body.size: expected 1 or more"),
        ({"colour": "red"}, 400, "body: unknown colour"),
        ({"filename": "😀" * 255}, 422, "filename: expected a shorter one: its key has 1,0"),
        ({"size": 1024**3 + 1}, 422, "size: expected at most 1,073,741,824 bytes"),
        ({"schema": "orders"}, 422, "schema: there is no schema 'orders'; there are default"),
        ({"owner": None}, 422, "owner: expected one, because the request's token names none"),
    ],
)
def test_invalid_registration_is_refused_with_the_field(
    client: Client, members: dict[str, object], status: int, detail: str
) -> None:
    """No upload is registered."""
    response = post(client, "/uploads", **{"filename": "a.csv", "owner": "acme"} | members)
    assert status == response.status_code
    assert response.json_body["detail"].startswith(detail)
    assert client.http.get("/uploads").json_body["uploads"] == []


def test_invalid_schema_is_reported_at_registration(client: Client) -> None:
    """Otherwise the file would be uploaded, and could not be checked."""
    boto3.client("s3").put_object(Bucket="inbox", Key="schemas/broken.json", Body=b'{"fields": [{"type": "integer"}]}')
    response = post(client, "/uploads", filename="a.csv", owner="acme", schema="broken")
    assert (409, "SchemaInvalid") == (response.status_code, response.json_body["title"])


def test_list_is_paged_newest_first(client: Client) -> None:
    """Pages neither omit nor repeat uploads, even if others are registered meanwhile."""
    names = [f"{number}.csv" for number in range(5)]
    for name in names:
        register(client, name)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.http.get(f"/uploads?limit=2{cursor and f'&cursor={cursor}'}").json_body
        seen += [upload["filename"] for upload in page["uploads"]]
        cursor = page["next"]
        register(client, "later.csv")
    assert names[::-1] == seen


@pytest.mark.parametrize(
    ("query", "filenames"),
    [
        ("owner=acme", ["new.csv", "old.csv"]),
        ("owner=acme&status=PENDING", ["new.csv"]),
        ("status=VALIDATING", ["old.csv"]),
        ("status=VALIDATED", []),
        ("owner=other", ["theirs.csv"]),
        ("createdAfter=2020-01-01T00:00:00Z&createdBefore=2021-01-01T00:00:00%2B01:00", []),
        ("createdAfter=2020-01-01T00:00:00Z&owner=acme", ["new.csv", "old.csv"]),
        ("createdBefore=2020-01-01T00:00:00Z", []),
    ],
)
def test_list_is_filtered(client: Client, query: str, filenames: list[str]) -> None:
    """Filters by owner, status and time can be combined."""
    begin(register(client, "old.csv")["upload"])
    register(client, "theirs.csv", owner="other")
    register(client, "new.csv")
    page = client.http.get(f"/uploads?{query}").json_body
    assert filenames == [upload["filename"] for upload in page["uploads"]]


def test_list_separates_system_failures_from_invalid_files(client: Client) -> None:
    """Both are VALIDATION_FAILED. Without a verdict there is neither."""
    for code in ("system-error", "type-error"):
        upload = register(client, f"{code}.csv")["upload"]
        begin(upload)
        fail(client, upload, [{"code": code, "message": "m"}], count=1)
    register(client, "new.csv")
    listed = client.http.get("/uploads").json_body["uploads"]
    assert [("new.csv", False), ("type-error.csv", False), ("system-error.csv", True)] == [
        (it["filename"], it["systemFailure"]) for it in listed
    ]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("limit=0", "query.limit: expected 1 to 100"),
        ("limit=101", "query.limit: expected 1 to 100"),
        ("status=DONE", "query.status: expected one of PENDING, VALIDATING"),
        (
            "createdAfter=yesterday",
            "query.createdAfter: expected a moment, such as 2026-11-25T19:00:00Z (in a URL, + is %2B)",
        ),
        ("createdAfter=2026-02-30T00:00:00Z", "query.createdAfter: expected a moment"),
        ("cursor=x", "query.cursor: expected what came as `next` with the last page"),
        ("cursor=WyJhIiwiYiJd", "query.cursor: expected what came as `next` with the last page"),
        ("sort=name", "query: unknown sort"),
    ],
)
def test_list_refuses_unknown_queries(client: Client, query: str, detail: str) -> None:
    """Ignoring a query parameter would return a wrong list."""
    response = client.http.get(f"/uploads?{query}")
    assert response.status_code == 400
    assert response.json_body["detail"].startswith(detail)


def test_unchanged_upload_is_a_304(client: Client) -> None:
    """It has Retry-After as long as there is no verdict."""
    upload = register(client)["upload"]
    path = f"/uploads/{upload['uploadId']}"
    first = client.http.get(path)
    again = client.http.get(path, headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})
    assert (304, b"") == (again.status_code, again.body)
    assert "5" == first.headers["Retry-After"] == again.headers["Retry-After"]
    assert "private, no-cache" == first.headers["Cache-Control"] == again.headers["Cache-Control"]
    begin(upload)
    changed = client.http.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (200, "VALIDATING", "1") == (
        changed.status_code,
        changed.json_body["status"],
        changed.headers["Retry-After"],
    )


def test_upload_with_a_verdict_has_no_retry_after(client: Client) -> None:
    """Clients need not poll any more."""
    upload = register(client)["upload"]
    begin(upload)
    name = client.http.get(f"/uploads/{upload['uploadId']}").json_body["executionName"]
    update = {"uploadId": upload["uploadId"], "status": "VALIDATED", "executionName": name, "rowCount": 1}
    client.lambda_.invoke("upload_status", update)
    response = client.http.get(f"/uploads/{upload['uploadId']}")
    assert "VALIDATED" == response.json_body["status"]
    assert "Retry-After" not in response.headers


def test_upload_is_returned_in_full(client: Client) -> None:
    """The response has all documented members."""
    app.services().uploads.begin_announced(Attempt.for_object(CREATED))
    response = client.http.get("/uploads/42")
    upload = response.json_body
    assert response.status_code == 200
    assert upload.pop("createdAt").endswith("+00:00")
    began = upload.pop("updatedAt")
    registered = upload["timeline"][0]["at"]
    assert registered < began
    assert began.endswith("+00:00")
    assert upload == {
        "uploadId": "42",
        "owner": "acme",
        "bucket": "inbox",
        "key": "uploads/acme/42/a b.csv",
        "filename": "a b.csv",
        "schema": None,
        "status": "VALIDATING",
        "attempt": 1,
        "executionName": NAME,
        "rowCount": None,
        "errorCount": None,
        "errors": [],
        "unchecked": [],
        "rejectedRows": None,
        "contentSha256": None,
        "schemaSha256": None,
        "sameAs": None,
        "loadedRows": None,
        "loadedTable": None,
        "parts": None,
        "expiresAt": None,
        "attempts": [
            {
                "attempt": 1,
                "executionName": NAME,
                "status": "VALIDATING",
                "actor": "notification",
                "reason": None,
                "beganAt": began,
                "endedAt": None,
                "rowCount": None,
                "errorCount": None,
                "systemFailure": False,
            }
        ],
        "timeline": [
            {"at": registered, "from": None, "to": "PENDING", "attempt": 0, "actor": "notification", "reason": None},
            {"at": began, "from": "PENDING", "to": "VALIDATING", "attempt": 1, "actor": "notification", "reason": None},
        ],
    }
