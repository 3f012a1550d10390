"""The comparison with the OpenAPI document finds each kind of difference."""

from typing import Any

import pytest
from attrs import evolve
from playwright.sync_api import Page, expect

from tests.web.assay import Assay, contract, error, failed, upload
from tests.web.contract import Exchange

JSON, PROBLEM = "application/json", "application/problem+json"
NOT_FOUND = {"type": "about:blank", "title": "UploadNotFound", "status": 404, "detail": "there is no upload 42"}
EXCHANGE = Exchange(
    method="GET", path="/uploads/42", query={}, request_body=None, status=200, media_type=JSON, response_body=upload()
)


@pytest.mark.parametrize(
    "exchange",
    [
        EXCHANGE,
        evolve(EXCHANGE, response_body=failed([error(2)])),
        evolve(EXCHANGE, status=304, media_type=None, response_body=None),
        evolve(EXCHANGE, status=404, media_type=PROBLEM, response_body=NOT_FOUND),
        evolve(EXCHANGE, path="/uploads", query={"limit": "20"}, response_body={"uploads": [], "next": None}),
    ],
    ids=str,
)
def test_described_exchange_is_no_breach(exchange: Exchange) -> None:
    """Problems are described, too."""
    assert [] == list(contract().breaches(exchange))


@pytest.mark.parametrize(
    ("exchange", "breach"),
    [
        (evolve(EXCHANGE, path="/uploads/42/colour"), "there is no such operation"),
        (evolve(EXCHANGE, method="DELETE"), "there is no such operation"),
        (evolve(EXCHANGE, path="/uploads/4.2"), 'uploadId: "4.2" does not match'),
        (evolve(EXCHANGE, query={"colour": "red"}), "colour: there is no such parameter"),
        (evolve(EXCHANGE, path="/uploads", query={"limit": "1000"}), "limit: 1000 is greater than"),
        (evolve(EXCHANGE, request_body={}), "request_body: this operation has no body"),
        (
            evolve(EXCHANGE, method="POST", path="/uploads", request_body={"colour": "red"}),
            "request_body: Additional properties",
        ),
        (evolve(EXCHANGE, status=201), "there is no such response"),
        (evolve(EXCHANGE, media_type=None), "response_body: expected application/json, not None"),
        (
            evolve(EXCHANGE, response_body={**EXCHANGE.response_body, "colour": "red"}),
            "response_body: Additional properties",
        ),
        (evolve(EXCHANGE, response_body={"uploadId": "42"}), 'response_body: "owner" is a required property'),
        (evolve(EXCHANGE, response_body={**EXCHANGE.response_body, "rowCount": "7"}), "response_body.rowCount: "),
        (evolve(EXCHANGE, response_body={**EXCHANGE.response_body, "createdAt": "today"}), "response_body.createdAt: "),
        (
            evolve(EXCHANGE, status=404, media_type=PROBLEM, response_body={**NOT_FOUND, "title": "ReportUnavailable"}),
            "response_body.title: expected UploadNotFound, not ReportUnavailable",
        ),
    ],
)
def test_undescribed_exchange_is_a_breach(exchange: Exchange, breach: str) -> None:
    """In path, query, bodies, status and content type."""
    assert breach in "\n".join(contract().breaches(exchange))


def test_breach_on_a_page_is_recorded(page: Page, assay: Assay) -> None:
    """The fixture fails every other test for it."""
    invented: dict[str, Any] = {"colour": "red"}
    assay.uploads = [upload(status="VALIDATED", rowCount=1, errorCount=0) | invented]
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")
    assert ["GET /uploads/42: 200: response_body: Additional properties are not allowed ('colour' was unexpected)"] == [
        breach for breach in assay.breaches if "/uploads/42" in breach
    ]
    assay.breaches.clear()
