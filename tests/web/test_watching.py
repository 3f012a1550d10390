"""Following an upload to its verdict, and after it."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.assay import Assay, error, failed, problem, upload

DEFINITION = Path(__file__).parents[2] / "statemachine" / "csv_processing.asl.json"


def highlighted(page: Page) -> list[str]:
    """Return the highlighted states, in the order of the diagram."""
    nodes = page.locator(".node").evaluate_all(
        "nodes => nodes.filter(it => it.classList.length > 1).map(it => it.dataset.node)"
    )
    return [str(node) for node in nodes]


@pytest.mark.parametrize(
    ("state", "sentence", "path"),
    [
        (upload(status="PENDING", attempt=0), "Waiting for the file to arrive.", ["PENDING"]),
        (upload(), "The file is being checked.", ["PENDING", "VALIDATING", "ValidateCsv"]),
        (
            upload(status="VALIDATED", rowCount=1200, errorCount=0),
            "Valid: nothing is wrong in 1,200 rows.",
            ["PENDING", "VALIDATING", "ValidateCsv", "IsValid", "PersistPlaceholder", "MarkValidated"],
        ),
        (
            upload(status="VALIDATED", rowCount=4, errorCount=0, loadedRows=4, loadedTable="orders"),
            "Valid: nothing is wrong in 4 rows.",
            ["PENDING", "VALIDATING", "ValidateCsv", "IsValid", "PersistPlaceholder", "PersistRows", "MarkValidated"],
        ),
        (
            failed([error(2)], rowCount=1),
            "Not valid: 1 error in 1 row.",
            ["PENDING", "VALIDATING", "ValidateCsv", "IsValid", "MarkValidationFailed"],
        ),
        (
            failed([error(None, line=None, field=None, column="file", code="system-error")], rowCount=None),
            "The file could not be checked. That says nothing about the file.",
            ["PENDING", "VALIDATING", "ValidateCsv", "MarkSystemFailure"],
        ),
    ],
    ids=["pending", "validating", "valid", "loaded", "invalid", "system-failure"],
)
def test_path_of_the_upload_is_highlighted(
    page: Page, assay: Assay, state: dict[str, object], sentence: str, path: list[str]
) -> None:
    """By the names of the state machine's states, and in the accessible description."""
    assay.uploads = [state]
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#verdict")).to_have_text(sentence)
    assert sorted(path) == sorted(highlighted(page))
    expect(page.locator("#announcer")).to_have_text(f"orders.csv: {sentence}")


def test_diagram_matches_the_state_machine(page: Page, assay: Assay) -> None:
    """Every shown state and transition exists. The first, the final and those of a file in parts are left out."""
    assay.uploads = [upload()]
    assay.open(page, "/#/uploads/42")
    expect(page.locator(".node.here")).to_be_attached()
    nodes = page.locator(".node").evaluate_all("nodes => nodes.map(it => it.dataset.node)")
    states = set(json.loads(DEFINITION.read_text())["States"])
    assert {"PENDING", "VALIDATING"} == set(nodes) - states
    final = {"Validated", "ValidationFailed", "SystemFailure", "Superseded", "LoadFailed"}
    in_parts = {"IsInParts", "ValidateParts", "CheckSeams", "AreSeamsRight", "NamePartFailure", "MergeParts"}
    in_parts |= {"IsSplitInParts", "SplitParts", "JoinSplit", "IsSplitComplete", "NameSegmentFailure"}
    assert {"NameExecution", "IsLoadWanted", *in_parts, *final} == states - set(nodes)


def test_rejected_rows_are_counted_and_offered(page: Page, assay: Assay) -> None:
    """With the earlier upload of the same file; nothing of it is shown where no rows are rejected."""
    assay.uploads = [upload(status="VALIDATED", rowCount=1000, errorCount=5, rejectedRows=4, sameAs="41")]
    assay.downloads = {"report": ["html"], "result": ["accepted", "rejected"]}
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#verdict")).to_have_text("Valid: 4 of 1,000 rows rejected, which is tolerated.")
    expect(page.locator("#facts div", has_text="Rejected").locator("dd")).to_have_text("4 of 1,000 rows")
    expect(page.locator("#facts a")).to_have_attribute("href", "#/uploads/41")
    with page.expect_request("http://bucket.test/rows"):
        page.get_by_role("button", name="Rejected rows").click()
    assert ("GET", "/uploads/42/result-url?part=rejected") in assay.requests


def test_files_are_offered_where_they_exist(page: Page, assay: Assay) -> None:
    """A tolerant dataset need not be split, and files are deleted after some time."""
    assay.uploads = [upload(status="VALIDATED", rowCount=1000, errorCount=5, rejectedRows=4)]
    assay.open(page, "/#/uploads/42")
    names = ["Open the report", "Errors (.csv)", "Rows in error (.xlsx)", "Rows in error (.csv)"]
    expect(page.locator("#downloads > *")).to_have_text(names)
    assay.downloads = {"report": [], "result": []}
    page.reload()
    expect(page.get_by_role("button", name="Validate again")).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#downloads > *")).to_have_count(0)


@pytest.mark.parametrize(("path", "asked"), [("/#/uploads/42", "/schemas/default"), ("/links#tok.en", "/link")])
def test_template_is_downloaded(page: Page, assay: Assay, path: str, asked: str) -> None:
    """In both formats, also from the page of a link."""
    assay.uploads = [upload(status="VALIDATED", rowCount=4, errorCount=0)]
    assay.open(page, path)
    for form in ("csv", "xlsx"):
        with page.expect_download() as saving:
            page.get_by_role("button", name=f"Template (.{form})").click()
        assert b"id\n" == saving.value.path().read_bytes()
        assert ("GET", f"{asked}/template?format={form}") in assay.requests


def test_each_click_asks_for_another_address(page: Page, assay: Assay) -> None:
    """Addresses expire; an old one would end in a message of S3's."""
    assay.errors = [error(2)]
    assay.uploads = [failed(assay.errors)]
    assay.open(page, "/#/uploads/42")
    for _ in range(2):
        with page.expect_request("http://bucket.test/report"):
            page.get_by_role("button", name="Rows in error (.xlsx)").click()
    assert 2 == assay.requests.count(("GET", "/uploads/42/report-url?format=rows.xlsx"))
    page.locator("#engineers summary").click()
    with page.expect_request("http://bucket.test/report"):
        page.get_by_role("button", name="Errors as JSON lines").click()
    assert ("GET", "/uploads/42/report-url?format=jsonl") in assay.requests


def test_loaded_rows_are_shown_with_their_table(page: Page, assay: Assay) -> None:
    """Only where the dataset asks for a load."""
    assay.uploads = [upload(status="VALIDATED", rowCount=4, errorCount=0, loadedRows=4, loadedTable="orders")]
    assay.open(page, "/#/uploads/42")
    fact = page.locator("#facts div", has_text="Loaded").locator("dd")
    expect(fact).to_have_text("4 rows loaded into orders")
    assay.uploads = [upload(status="VALIDATED", rowCount=4, errorCount=0)]
    page.reload()
    expect(page.locator("#facts div", has_text="Rows")).to_be_visible()
    expect(fact).to_have_count(0)


def test_parts_that_are_done_are_shown_while_a_large_file_is_validated(page: Page, assay: Assay) -> None:
    """The number follows the API's; files that are not in parts show none."""
    assay.uploads = [upload(parts={"done": 12, "of": 1373})]
    assay.open(page, "/#/uploads/42")
    fact = page.locator("#facts div", has_text="Parts").locator("dd")
    expect(fact).to_have_text("12 of 1,373")
    assay.uploads = [upload()]
    expect(fact).to_have_count(0)


@pytest.mark.parametrize(
    ("ended", "duration"),
    [("12:00:09.94", "9.9 s"), ("12:00:59.4", "59 s"), ("12:01:59.6", "2 min 0 s"), ("13:00:00", "1 h 0 min")],
)
def test_duration_is_shown(page: Page, assay: Assay, ended: str, duration: str) -> None:
    """In seconds, or in minutes from sixty seconds on."""
    done = upload(status="VALIDATED", rowCount=1, errorCount=0)
    done["attempts"][0]["endedAt"] = f"2026-11-25T{ended}+00:00"
    assay.uploads = [done]
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#facts div", has_text="Time").locator("dd")).to_have_text(duration)


def test_watching_continues_after_an_outage(page: Page, assay: Assay) -> None:
    """The page shows the problem, and removes it afterwards."""
    assay.uploads = [upload(), upload(status="VALIDATED", rowCount=1, errorCount=0)]
    assay.failures = [None] * 50
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#trouble")).to_have_text(
        "Assay cannot be reached. Check the connection. This page tries again automatically."
    )
    assay.failures = []
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.", timeout=20_000)
    expect(page.locator("#trouble")).to_be_hidden()


def test_missing_upload_is_requested_once(page: Page, assay: Assay) -> None:
    """A 404 is final."""
    assay.failures = [problem(404, "UploadNotFound", "no")]
    assay.uploads = [upload()]
    assay.open(page, "/#/uploads/43")
    expect(page.locator("#trouble")).to_have_text("There is no such upload, or it is not yours.")
    asked = [path for _, path in assay.requests if path == "/uploads/43"]
    assert 1 == len(asked)


def test_validating_again_asks_for_a_reason(page: Page, assay: Assay) -> None:
    """The request names the shown attempt, so that two simultaneous requests begin one."""
    assay.uploads = [upload(status="VALIDATED", rowCount=1, errorCount=0)]
    assay.open(page, "/#/uploads/42")
    page.get_by_role("button", name="Validate again").click()
    dialog = page.get_by_role("dialog", name="Validate again")
    dialog.get_by_label("Reason").fill("the schema was mended")
    dialog.get_by_role("button", name="Validate again").click()
    expect(dialog).to_be_hidden()
    assert [{"reason": "the schema was mended", "attempt": 1}] == assay.bodies
    expect(page.locator("#filename")).to_be_focused()


def test_expired_link_is_explained(page: Page, assay: Assay) -> None:
    """With what to do, and without empty parts of the page."""
    assay.failures = [problem(403, "LinkInvalid", "the link has expired: ask for a new one")]
    assay.open(page, "/links#tok.en")
    expect(page.locator("#trouble")).to_contain_text("This link has expired")
    expect(page.locator("#filename")).to_have_text("This upload cannot be shown")
    expect(page.locator("#machine, #facts").filter(visible=True)).to_have_count(0)


def test_upload_is_polled_after_its_verdict(page: Page, assay: Assay) -> None:
    """A partner may repair the file. An outage is not reported then."""
    assay.uploads = [failed([error(2)])]
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#errors")).to_be_visible()
    assay.failures = [None]
    assay.uploads = [upload(status="VALIDATED", attempt=2, rowCount=120, errorCount=0)]
    for _ in range(2):
        with page.expect_event("requestfinished" if not assay.failures else "requestfailed"):
            page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 120 rows.")
    expect(page.locator("#errors")).to_be_hidden()


def test_poll_sends_the_etag(page: Page, assay: Assay) -> None:
    """An unchanged upload is answered with 304."""
    statuses: list[int] = []
    page.on("response", lambda response: statuses.append(response.status) if "/uploads/42" in response.url else None)
    assay.uploads = [upload()]
    assay.open(page, "/#/uploads/42")
    with page.expect_response(lambda response: response.status == 304):
        pass
    assert [200, 304] == statuses[:2]


def test_markup_in_names_stays_text(page: Page, assay: Assay) -> None:
    """In the file's name and in its content."""
    nasty = "<img src=x onerror=alert(1)>.csv"
    cell = {"fields": [1], "columns": ["<b>"], "cells": ["<script>"], "beginning": None}
    assay.errors = [error(2, column="<i>x", message="expected <u>", record=cell)]
    assay.uploads = [failed(assay.errors, filename=nasty, owner=json.dumps("<p>"))]
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#filename")).to_have_text(nasty)
    expect(page.locator(".cells dd")).to_have_text("<script>")
