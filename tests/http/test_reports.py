"""The errors, the full report and the downloads of an upload, as Chalice serves them."""

import json

import boto3
from chalice.test import Client

from chalicelib.uploads.reports import ReportFile, ReportLocation
from chalicelib.uploads.results import ResultFile, ResultLocation
from tests.http.api_client import begin, fail, follow, post, problem, register, token


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
