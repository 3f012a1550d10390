"""The HTTP API as Chalice serves it."""

import json
from base64 import b64decode
from io import BytesIO
from zipfile import ZipFile

import boto3
import pytest
from chalice.test import Client

import app
from chalicelib.uploads.reports import ReportFile, ReportLocation
from chalicelib.uploads.results import ResultFile, ResultLocation
from tests.http.api_client import begin, fail, follow, policy, post, problem, register, token


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


def test_errors_are_paged(client: Client) -> None:
    """Pages have the recorded errors and the exact count, also for link holders."""
    registered = register(client)
    path = f"/uploads/{registered['upload']['uploadId']}"
    begin(registered["upload"])
    empty: dict[str, object] = {"errors": [], "repairs": [], "layout": []}
    nothing = {**empty, "errorCount": None, "next": None, "header": None}
    assert nothing == client.http.get(f"{path}/errors").json_body
    errors = [{"row": row, "line": row, "code": "type-error", "message": "m"} for row in range(2, 7)]
    fail(client, registered["upload"], errors, count=700)
    rows: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.http.get(f"{path}/errors?limit=2{cursor and f'&cursor={cursor}'}").json_body
        assert 700 == page["errorCount"]
        rows += [error["row"] for error in page["errors"]]
        cursor = page["next"]
    assert [2, 3, 4, 5, 6] == rows
    assert client.http.get(f"{path}/errors").json_body == follow(client, token(registered), "errors").json_body


def test_errors_are_not_cached(client: Client) -> None:
    """They contain cell values. They have an ETag nevertheless."""
    registered = register(client)
    authorized = {"Authorization": f"Bearer {token(registered)}"}
    for path in (f"/uploads/{registered['upload']['uploadId']}/errors", "/link/errors"):
        first = client.http.get(path, headers=authorized)
        again = client.http.get(path, headers={**authorized, "If-None-Match": first.headers["ETag"]})
        assert (200, 304) == (first.status_code, again.status_code)
        assert "no-store" == first.headers["Cache-Control"] == again.headers["Cache-Control"]


def test_errors_of_a_full_report_have_their_records(client: Client) -> None:
    """All errors are listed, not only the first hundred in the database."""
    upload = register(client)["upload"]
    begin(upload)
    path = f"/uploads/{upload['uploadId']}"
    name = client.http.get(path).json_body["executionName"]
    place = ReportLocation(bucket="inbox", upload_id=upload["uploadId"], execution_name=name)
    record = {"fields": [1], "columns": ["id"], "cells": ["x"], "beginning": None}
    found = {"row": 2, "line": 2, "column": "id", "field": 1, "code": "type-error", "message": "m", "record": record}
    lines = "".join(json.dumps({**found, "row": row}) + "\n" for row in range(2, 152))
    boto3.client("s3").put_object(Bucket="inbox", Key=place.key(ReportFile.ERRORS), Body=lines.encode())
    fail(client, upload, [{"row": 2, "code": "type-error", "message": "m"}], count=150)
    page = client.http.get(f"{path}/errors?limit=1000").json_body
    others: dict[str, object] = {"suggestion": None, "rule": None, "choices": [], "key": None, "neighbours": []}
    assert {**found, "row": 151, **others} == page["errors"][-1]
    assert (150, 150, None) == (len(page["errors"]), page["errorCount"], page["next"])


def test_cursor_of_another_attempt_is_refused(client: Client) -> None:
    """A second page from another attempt would not continue the first."""
    upload = register(client)["upload"]
    begin(upload)
    errors = [{"row": row, "code": "type-error", "message": "m"} for row in (2, 3)]
    fail(client, upload, errors, count=2)
    path = f"/uploads/{upload['uploadId']}"
    cursor = client.http.get(f"{path}/errors?limit=1").json_body["next"]
    post(client, f"{path}/attempts", reason="to see")
    response = client.http.get(f"{path}/errors?cursor={cursor}")
    assert 422 == response.status_code
    assert "cursor: expected one of the current attempt: start again without a cursor" == response.json_body["detail"]
    assert 400 == client.http.get(f"{path}/errors?cursor=WzEsLTFd").status_code


def test_report_is_a_redirect(client: Client) -> None:
    """It redirects to a presigned URL of the file that is asked for; without a report it is a 404."""
    registered = register(client)
    upload = registered["upload"]
    path = f"/uploads/{upload['uploadId']}/report"
    assert (404, "ReportUnavailable") == problem(client, path)
    begin(upload)
    name = client.http.get(f"/uploads/{upload['uploadId']}").json_body["executionName"]
    place = ReportLocation(bucket="inbox", upload_id=upload["uploadId"], execution_name=name)
    for each in ReportFile:
        boto3.client("s3").put_object(Bucket="inbox", Key=place.key(each), Body=b"page")
    files = {"jsonl": "errors.jsonl", **{name: name for name in ("report.html", "errors.csv", "rows.csv", "rows.xlsx")}}
    for asked, file in ((path, "report.html"), *((f"{path}?format={it}", files[it]) for it in files)):
        response = client.http.get(asked)
        assert 303 == response.status_code
        assert f"{place.prefix}{file}?" in response.headers["Location"]
        assert (asked == path) == ("attachment" not in response.headers["Location"])
    for shared in (client.http.get(f"{path}-url"), follow(client, token(registered), "report-url")):
        assert (200, "no-store") == (shared.status_code, shared.headers["Cache-Control"])
        assert place.key(ReportFile.PAGE) in shared.json_body["url"]
    linked = follow(client, token(registered), "report-url?format=rows.xlsx")
    assert f"{place.prefix}rows.xlsx?" in linked.json_body["url"]
    assert 400 == client.http.get(f"{path}?format=pdf").status_code


def test_rows_of_a_split_file_are_behind_an_address(client: Client) -> None:
    """Only when there is a verdict, of the current attempt; a partner link leads to the same."""
    registered = register(client)
    upload = registered["upload"]
    path = f"/uploads/{upload['uploadId']}/result-url"
    begin(upload)
    name = client.http.get(f"/uploads/{upload['uploadId']}").json_body["executionName"]
    place = ResultLocation(bucket="inbox", upload_id=upload["uploadId"], execution_name=name)
    for file in ResultFile:
        boto3.client("s3").put_object(Bucket="inbox", Key=place.key(file), Body=b"rows")
    assert (404, "ResultUnavailable") == problem(client, path)
    update = {"uploadId": upload["uploadId"], "status": "VALIDATED", "executionName": name, "rowCount": 7}
    client.lambda_.invoke("upload_status", {**update, "rejectedRows": 0})
    for part in ("accepted", "rejected"):
        shared = client.http.get(f"{path}?part={part}")
        linked = follow(client, token(registered), f"result-url?part={part}")
        for answer in (shared, linked):
            assert (200, "no-store") == (answer.status_code, answer.headers["Cache-Control"])
            assert f"{place.prefix}{part}.csv" in answer.json_body["url"]
    assert 400 == client.http.get(f"{path}?part=rows").status_code


def test_downloads_are_the_files_that_exist(client: Client) -> None:
    """Of the current attempt, once there is a verdict; a partner link leads to the same."""
    registered = register(client)
    upload = registered["upload"]
    begin(upload)
    path = f"/uploads/{upload['uploadId']}/downloads"
    name = client.http.get(f"/uploads/{upload['uploadId']}").json_body["executionName"]
    place = {"bucket": "inbox", "upload_id": upload["uploadId"], "execution_name": name}
    report, result = ReportLocation(**place), ResultLocation(**place)
    nothing: dict[str, list[str]] = {"report": [], "result": []}

    def listed(*keys: str) -> object:
        for key in keys:
            boto3.client("s3").put_object(Bucket="inbox", Key=key, Body=b"x")
        answer = client.http.get(path)
        assert (200, "no-store") == (answer.status_code, answer.headers["Cache-Control"])
        assert answer.json_body == follow(client, token(registered), "downloads").json_body
        return answer.json_body

    assert nothing == listed(report.key(ReportFile.ROWS), report.key(ReportFile.CAUSES))
    update = {"uploadId": upload["uploadId"], "status": "VALIDATED", "executionName": name, "rowCount": 7}
    client.lambda_.invoke("upload_status", {**update, "rejectedRows": 0})
    assert nothing == listed(result.key(ResultFile.REJECTED_ROWS))
    assert {"report": ["html", "report.html", "rows.csv"], "result": []} == listed(report.key(ReportFile.PAGE))
    assert {"report": ["html", "report.html", "rows.csv"], "result": ["accepted"]} == listed(
        result.key(ResultFile.ACCEPTED)
    )


def test_template_of_a_schema_is_an_empty_file(client: Client) -> None:
    """As CSV or as a workbook; that of a partner link has the columns of its upload's schema."""
    registered = register(client)
    asked = ("/schemas/default/template", "/schemas/default/template?format=xlsx")
    plain, book = (client.http.get(path).json_body for path in asked)
    assert ("default.csv", "text/csv; charset=utf-8") == (plain["filename"], plain["mediaType"])
    assert b"id,name,email,amount\r\n" == b64decode(plain["content"])
    assert "default.xlsx" == book["filename"]
    assert ZipFile(BytesIO(b64decode(book["content"]))).testzip() is None
    assert book == follow(client, token(registered), "template?format=xlsx").json_body
    assert (404, "SchemaUnknown") == problem(client, "/schemas/none/template")
    assert 400 == client.http.get("/schemas/default/template?format=ods").status_code


def test_schemas_are_listed_by_name(client: Client) -> None:
    """The list has packaged schemas and those in the bucket, but no other objects; broken ones have their reasons."""
    s3 = boto3.client("s3")
    for key in ("orders.json", "notes.txt", "old/orders.json"):
        s3.put_object(Bucket="inbox", Key=f"schemas/{key}", Body=b'{"fields": []}')
    s3.put_object(Bucket="inbox", Key="schemas/text.json", Body=b"fields: none")
    listed = client.http.get("/schemas").json_body
    assert ["default", "orders", "text"] == listed["schemas"]
    (orders, text) = listed["broken"]
    assert ("orders", "$.fields: a Table Schema has") == (orders["name"], orders["reason"][:28])
    assert ("text", "the schema 'text' is not JSON") == (text["name"], text["reason"][:29])
    assert {"fields": []} == client.http.get("/schemas/orders").json_body
    assert "id" == client.http.get("/schemas/default").json_body["fields"][0]["name"]


def test_unknown_schema_is_a_404_with_the_known_names(client: Client) -> None:
    """The names make a typing error easy to see."""
    response = client.http.get("/schemas/defualt")
    assert (404, "SchemaUnknown") == (response.status_code, response.json_body["title"])
    assert "there is no schema 'defualt'; there are default" == response.json_body["detail"]


@pytest.mark.parametrize("levels", [600, 900])
def test_schema_with_too_many_levels_is_a_409(client: Client, levels: int) -> None:
    """Such a schema is refused wherever it is used."""
    deep = b'{"fields": [], "more": ' + b"[" * levels + b"]" * levels + b"}"
    boto3.client("s3").put_object(Bucket="inbox", Key="schemas/deep.json", Body=deep)
    response = client.http.get("/schemas/deep")
    assert (409, "SchemaInvalid") == (response.status_code, response.json_body["title"])
    assert "$: objects and arrays are nested 50 deep or more" == response.json_body["detail"]


def test_schema_is_returned_unchanged(client: Client) -> None:
    """It may have the members of problem details."""
    body = b'{"Code": "a", "Message": "b"}'
    boto3.client("s3").put_object(Bucket="inbox", Key="schemas/odd.json", Body=body)
    assert {"Code": "a", "Message": "b"} == client.http.get("/schemas/odd").json_body
