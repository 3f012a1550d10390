"""Sending a file from the page."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.assay import BUCKET, Assay, error, failed, problem, upload

GOOD = b"id,name,email,amount\n1,Ada,ada@example.com,1.5\n"


def send(page: Page, content: bytes = GOOD) -> None:
    """Choose a file and upload it."""
    page.set_input_files(
        "#submission input[type=file]", {"name": "orders.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Upload and validate").click()


def test_file_is_registered_sent_and_followed_to_its_verdict(page: Page, assay: Assay) -> None:
    """With the chosen schema, under the remembered owner."""
    assay.uploads = [
        upload(status="PENDING", attempt=0),
        upload(),
        upload(status="VALIDATED", rowCount=1, errorCount=0),
    ]
    assay.open(page)
    page.get_by_label("Schema").select_option("orders")
    page.locator("#submission").get_by_label("Owner").fill("ada@example.com")
    send(page)
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")
    expect(page.locator("#filename")).to_be_focused()
    assert [
        {"filename": "orders.csv", "size": len(GOOD), "schema": "orders", "owner": "ada@example.com"}
    ] == assay.bodies
    assert ("POST", "bucket") in assay.requests
    page.get_by_role("link", name="All uploads").click()
    expect(page.locator("#submission").get_by_label("Owner")).to_have_value("ada@example.com")


def test_cancelled_file_is_not_sent(page: Page, assay: Assay) -> None:
    """Even if the form arrives after that."""
    assay.open(page)
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    with page.expect_request("**/uploads"):
        page.route("**/uploads", hold)
        send(page)
    page.get_by_role("button", name="Cancel").click()
    waiting[0].fallback()
    expect(page.locator("#submission .complaint")).to_have_text("Cancelled. Nothing was uploaded.")
    assert ("POST", "bucket") not in assay.requests


def test_unreachable_bucket_has_its_own_message(page: Page, assay: Assay) -> None:
    """Missing CORS rules look the same to the page."""
    assay.open(page)
    page.route(f"{BUCKET}/**", lambda route: route.abort("connectionrefused"))
    send(page)
    expect(page.locator("#submission .complaint")).to_contain_text("The file could not be sent.")


@pytest.mark.parametrize(
    ("path", "status", "form"),
    [
        ("/", "VALIDATED", "submission"),
        ("/#/uploads/42", "VALIDATED", None),
        ("/#/uploads/42", "VALIDATION_FAILED", "replace"),
    ],
)
def test_dropping_a_file_never_leaves_the_page(
    page: Page, assay: Assay, path: str, status: str, form: str | None
) -> None:
    """The file is accepted where a form is shown, and ignored elsewhere."""
    assay.uploads = [upload(status=status, rowCount=1, errorCount=0)]
    assay.open(page, path)
    expect(page.locator("#past, #verdict:not(:empty)").filter(visible=True)).to_have_count(1)
    dropped = """() => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["x"], "orders.csv"));
        Object.defineProperty(dataTransfer, "dropEffect", { writable: true, value: "move" }); // only real drags set it
        const drag = (name) =>
            !document.body.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
        drag("dragover");
        return [dataTransfer.dropEffect, drag("drop")];
    }"""
    assert ["copy" if form else "none", True] == page.evaluate(dropped)
    assert [form] * bool(form) == page.locator("input[name=file]").evaluate_all(
        "inputs => inputs.filter(input => input.files[0]?.name === 'orders.csv').map(input => input.form.id)"
    )


def test_page_works_without_local_storage(page: Page, assay: Assay) -> None:
    """Browsers that block cookies block it, too."""
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no'); } })")
    assay.uploads = [upload(status="VALIDATED", rowCount=1, errorCount=0)]
    assay.open(page)
    page.locator("#submission").get_by_label("Owner").fill("ada@example.com")
    send(page)
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")


def test_empty_file_is_not_sent(page: Page, assay: Assay) -> None:
    """S3 would refuse it. The page says so at once."""
    assay.open(page)
    send(page, b"")
    expect(page.locator("#submission .complaint")).to_have_text("This file is empty. Export it again.")
    assert [] == assay.bodies


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("EntityTooLarge", "The file is too large."),
        ("AccessDenied", "The permission to upload has expired, or is for another file. Start again."),
    ],
)
def test_refusal_of_the_bucket_is_explained(page: Page, assay: Assay, code: str, complaint: str) -> None:
    """S3's response is XML."""
    assay.refusal = (
        403,
        {"Content-Type": "application/xml"},
        f"<Error><Code>{code}</Code><Message>no</Message></Error>",
    )
    assay.open(page)
    send(page)
    expect(page.locator("#submission .complaint")).to_have_text(complaint)
    expect(page.get_by_role("button", name="Upload and validate")).to_be_enabled()


def test_detail_of_a_problem_is_shown(page: Page, assay: Assay) -> None:
    """The API's detail says what to do."""
    assay.open(page)
    expect(page.locator("#past")).not_to_be_empty()
    assay.failures = [problem(422, "FieldInvalid", "owner: expected some text")]
    send(page)
    expect(page.locator("#submission .complaint")).to_have_text("Owner: expected some text.")


def test_the_page_of_a_link_shows_its_upload_and_takes_a_repaired_file(
    page: Page, assay: Assay, tmp_path: Path
) -> None:
    """Without history and replay. The old verdict is not shown for the new file."""
    assay.errors = [error(2)]
    assay.uploads = [failed(assay.errors)]
    assay.open(page, "/links#tok.en")
    expect(page.locator("#verdict")).to_have_text("Not valid: 1 error in 120 rows.")
    assert not page.get_by_text("All uploads").count()
    expect(page.get_by_role("button", name="Validate again")).to_have_count(0)
    repaired = tmp_path / "orders.csv"
    repaired.write_bytes(GOOD)
    assay.uploads = [
        assay.uploads[0],
        upload(attempt=2),
        upload(attempt=2, status="VALIDATED", rowCount=1, errorCount=0),
    ]
    page.set_input_files("#replace input", repaired)
    page.get_by_role("button", name="Upload and validate").click()
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")
    parts = {
        "/link/upload",
        "/link/agreement",
        "/link/causes",
        "/link/errors?limit=100",
        "/link/downloads",
        "/link/form",
    }
    assert {*parts, "bucket"} == {path for _, path in assay.requests}
    assert {"Bearer tok.en"} == set(assay.authorized)


def test_replaced_file_belongs_to_the_upload_that_was_open(page: Page, assay: Assay, tmp_path: Path) -> None:
    """The owner may leave its page while the file is sent; the page then returns to it, and waits for its attempt."""
    assay.errors = [error(2)]
    assay.uploads = [failed(assay.errors)]
    assay.open(page, "/#/uploads/42")
    repaired = tmp_path / "orders.csv"
    repaired.write_bytes(GOOD)
    held: list[Route] = []
    page.route(f"{BUCKET}/**", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks its handler
    page.set_input_files("#replace input", repaired)
    with page.expect_request(f"{BUCKET}/**"):
        page.get_by_role("button", name="Upload and validate").click()
    page.get_by_role("link", name="All uploads").click()
    expect(page.locator("#history")).to_be_visible()
    assay.uploads += [upload(attempt=2, status="VALIDATED", rowCount=1, errorCount=0)]
    held[0].fulfill(status=204, headers={"Access-Control-Allow-Origin": "*"})
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")
    assert page.url.endswith("/#/uploads/42")
    assert ("POST", "/uploads/42/form") in assay.requests


def test_broken_schema_cannot_be_chosen(page: Page, assay: Assay) -> None:
    """The choice says where it is broken, and why."""
    listed = {"schemas": ["default", "text"], "broken": [{"name": "text", "reason": "$.fields: expected a list"}]}
    answer = json.dumps(listed)
    page.route("**/schemas", lambda route: route.fulfill(body=answer, content_type="application/json"))
    assay.open(page)
    choice = page.locator("#submission").get_by_label("Schema").locator("option").last
    expect(choice).to_have_text("text (broken: $.fields: expected a list)")
    expect(choice).to_be_disabled()
