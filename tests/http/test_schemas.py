"""The routes of schemas, as Chalice serves them."""

from base64 import b64decode
from io import BytesIO
from zipfile import ZipFile

import boto3
import pytest
from chalice.test import Client

from tests.http.api_client import follow, problem, register, token


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
