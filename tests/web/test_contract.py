"""What the page's tests talk to says nothing that the real API would not."""

from typing import Any

import pytest
from attrs import evolve
from playwright.sync_api import Page, expect

from tests.web.assay import Assay, contract, error, failed, upload
from tests.web.contract import Exchange

JSON, PROBLEM = "application/json", "application/problem+json"
NOT_FOUND = {"type": "about:blank", "title": "UploadNotFound", "status": 404, "detail": "there is no upload 42"}
LOOKING = Exchange(
    method="GET", path="/uploads/42", query={}, asked=None, status=200, media_type=JSON, response_body=upload()
)


@pytest.mark.parametrize(
    "exchange",
    [
        LOOKING,
        evolve(LOOKING, response_body=failed([error(2)])),
        evolve(LOOKING, status=304, media_type=None, response_body=None),
        evolve(LOOKING, status=404, media_type=PROBLEM, response_body=NOT_FOUND),
        evolve(LOOKING, path="/uploads", query={"limit": "20"}, response_body={"uploads": [], "next": None}),
    ],
    ids=str,
)
def test_what_the_api_takes_and_says_is_no_breach(exchange: Exchange) -> None:
    """Answers that say how it is, problems too."""
    assert [] == list(contract().breaches(exchange))


@pytest.mark.parametrize(
    ("exchange", "breach"),
    [
        (evolve(LOOKING, path="/uploads/42/colour"), "there is no such operation"),
        (evolve(LOOKING, method="DELETE"), "there is no such operation"),
        (evolve(LOOKING, path="/uploads/4.2"), 'uploadId: "4.2" does not match'),
        (evolve(LOOKING, query={"colour": "red"}), "colour: there is no such parameter"),
        (evolve(LOOKING, path="/uploads", query={"limit": "1000"}), "limit: 1000 is greater than"),
        (evolve(LOOKING, asked={}), "asked: this body is not read"),
        (evolve(LOOKING, method="POST", path="/uploads", asked={"colour": "red"}), "asked: Additional properties"),
        (evolve(LOOKING, status=201), "there is no such answer"),
        (evolve(LOOKING, media_type=None), "response_body: expected application/json, not None"),
        (
            evolve(LOOKING, response_body={**LOOKING.response_body, "colour": "red"}),
            "response_body: Additional properties",
        ),
        (evolve(LOOKING, response_body={"uploadId": "42"}), 'response_body: "owner" is a required property'),
        (evolve(LOOKING, response_body={**LOOKING.response_body, "rowCount": "7"}), "response_body.rowCount: "),
        (evolve(LOOKING, response_body={**LOOKING.response_body, "createdAt": "today"}), "response_body.createdAt: "),
        (
            evolve(LOOKING, status=404, media_type=PROBLEM, response_body={**NOT_FOUND, "title": "ReportUnavailable"}),
            "response_body.title: expected UploadNotFound, not ReportUnavailable",
        ),
    ],
)
def test_what_the_api_would_not_take_or_say_is_a_breach(exchange: Exchange, breach: str) -> None:
    """In the path, the query, the body, the status, the kind and the content."""
    assert breach in "\n".join(contract().breaches(exchange))


def test_breach_on_a_page_is_noted(page: Page, assay: Assay) -> None:
    """Which fails every other test."""
    invented: dict[str, Any] = {"colour": "red"}
    assay.uploads = [upload(status="VALIDATED", rowCount=1, errorCount=0) | invented]
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")
    assert ["GET /uploads/42: 200: response_body: Additional properties are not allowed ('colour' was unexpected)"] == [
        breach for breach in assay.breaches if "/uploads/42" in breach
    ]
    assay.breaches.clear()
