"""Signing in on the page, by a real OpenID provider, with all of Assay behind it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.deploy.commands import CommandFailed
from infra.local.project import BAD_SAMPLE, GOOD_SAMPLE
from infra.local.sign_in.identity_provider import install
from infra.local.sign_in.people import password
from tests.infra.equipment import lacking
from tests.web.chromium import WIDE
from tests.web.stage import stage

SOON = 30_000  # milliseconds, for a machine with much to do
VALID = "Valid: nothing is wrong in 4 rows."


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page is served, with people who can sign in."""
    try:
        python = install()
    except CommandFailed as error:
        lacking(f"the OpenID provider could not be installed: {error}")
    directory = tmp_path_factory.mktemp("stage")
    with stage(directory / "broken", log=directory / "http.log", provider=python) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page of a visitor who is not signed in; the provider's own pages may do what they like."""
    with browser.new_context(viewport=WIDE, locale="en-GB", timezone_id="UTC", reduced_motion="reduce") as context:
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)) if page.url.startswith(address) else None)
        yield page
    assert [] == faults


def sign_in(page: Page, name: str) -> None:
    """Sign in as one of the people, from the page."""
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("input[name=login]").fill(name)
    page.keyboard.press("Enter")
    page.locator("input[name=password]").fill(password(name))
    page.keyboard.press("Enter")
    expect(page.locator("#caller")).to_contain_text(f"Signed in as {name}", timeout=SOON)


def tokens(page: Page, change: str = "") -> Any:
    """Return the tokens of the tab, after a change to `tokens` in JavaScript."""
    return page.evaluate(
        f"""() => {{
            const tokens = JSON.parse(sessionStorage.getItem("assay.tokens"));
            const withClaims = (token, claims) => {{
                const [header, payload, signature] = token.split(".");
                const all = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
                return [header, btoa(JSON.stringify({{ ...all, ...claims }})), signature].join(".");
            }};
            {change};
            if (tokens) sessionStorage.setItem("assay.tokens", JSON.stringify(tokens));
            return tokens;
        }}"""
    )


EXPIRED = "tokens.idToken = withClaims(tokens.idToken, { exp: 1 })"
FORGED = "tokens.idToken = withClaims(tokens.idToken, { sub: 'bob' })"


def test_each_person_sees_their_own_uploads(page: Page, address: str, browser: Browser) -> None:
    """Without naming an owner; an operator sees those of all, and opens the report of any."""
    page.goto(address)
    expect(page.locator("#start, #history").filter(visible=True)).to_have_count(0)
    sign_in(page, "ada")
    expect(page.locator("#submission").get_by_label("Owner")).to_be_hidden()
    page.set_input_files("#submission input[type=file]", BAD_SAMPLE)
    page.get_by_role("button", name="Upload and validate").click()
    expect(page.locator("#verdict")).to_have_text("Not valid: 9 errors in 8 rows.", timeout=SOON)
    expect(page.locator("#kind")).to_contain_text("by ada")
    place = page.url
    for name, listed in (("bob", 0), ("olga", 1)):
        with browser.new_context() as context:
            other = context.new_page()
            other.goto(place)
            sign_in(other, name)
            assert place == other.url
            if name == "bob":
                expect(other.locator("#trouble")).to_have_text("There is no such upload, or it is not yours.")
            else:
                expect(other.locator("#verdict")).to_have_text("Not valid: 9 errors in 8 rows.")
                other.get_by_role("link", name="Open the report").click()
                report = other.frame_locator("#report-frame iframe").locator("h1")
                expect(report).to_contain_text("bad.csv", timeout=SOON)
                other.evaluate("sessionStorage.clear()")
                other.reload()
                other.get_by_role("button", name="Sign in", exact=True).click()
                expect(report).to_contain_text("bad.csv", timeout=SOON)
                other.get_by_role("link", name="Back to the upload").click()
            other.get_by_role("link", name="All uploads").click()
            expect(other.locator("#past")).not_to_be_empty()
            expect(other.locator("#past tbody tr")).to_have_count(listed)


def test_signing_out_ends_the_session_here_and_at_the_issuer(page: Page, address: str) -> None:
    """The next person who signs in on this computer is asked for a password."""
    page.goto(address)
    sign_in(page, "ada")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    assert tokens(page) is None
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("input[name=login]")).to_be_visible()


def test_session_lasts_as_long_as_the_tab(page: Page, address: str) -> None:
    """A reload keeps it; another tab of the same browser needs a sign-in, which asks for nothing."""
    page.goto(address)
    sign_in(page, "ada")
    assert "code=" not in page.url
    page.reload()
    expect(page.locator("#caller")).to_contain_text("Signed in as ada")
    other = page.context.new_page()
    other.goto(address)
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.locator("#caller")).to_contain_text("Signed in as ada", timeout=SOON)


@pytest.mark.parametrize("change", [EXPIRED, FORGED])
def test_token_is_renewed(page: Page, address: str, change: str) -> None:
    """Before it is sent, if it has expired, and once more if the API refuses it: nothing of that is seen."""
    page.goto(address)
    sign_in(page, "ada")
    before = tokens(page, change)
    page.set_input_files("#submission input[type=file]", GOOD_SAMPLE)
    page.get_by_role("button", name="Upload and validate").click()
    expect(page.locator("#verdict")).to_have_text(VALID, timeout=SOON)
    expect(page.locator("#session")).to_be_hidden()
    after = tokens(page)
    assert before["refreshToken"] != after["refreshToken"]
    assert before["idToken"] != after["idToken"]


def test_ended_session_is_said_and_goes_on_where_it_was(page: Page, address: str) -> None:
    """After signing in again, which asks for nothing while the session at the issuer lasts."""
    page.goto(address)
    sign_in(page, "ada")
    page.set_input_files("#submission input[type=file]", GOOD_SAMPLE)
    page.get_by_role("button", name="Upload and validate").click()
    expect(page.locator("#verdict")).to_have_text(VALID, timeout=SOON)
    place = page.url
    tokens(page, f"{EXPIRED}; tokens.refreshToken = 'revoked'")
    page.get_by_role("button", name="Link for a partner").click()
    expect(page.locator("#session")).to_contain_text("Your session has ended.")
    assert tokens(page) is None
    page.get_by_role("button", name="Sign in again").click()
    expect(page.locator("#session")).to_be_hidden(timeout=SOON)  # the page with that button has gone
    expect(page.locator("#verdict")).to_have_text(VALID, timeout=SOON)
    assert place == page.url
    page.get_by_role("button", name="Link for a partner").click()
    link = page.get_by_label("Link for a partner").input_value()
    page.evaluate("sessionStorage.clear()")
    page.goto(address)
    page.goto(link)
    expect(page.locator("#verdict")).to_have_text(VALID)


def test_answer_that_this_tab_did_not_ask_for_signs_in_no_one(page: Page, address: str) -> None:
    """Another person's code in a link would upload files in their name."""
    page.goto(f"{address}?code=stolen&state=other")
    expect(page.locator("#trouble")).to_have_text("Sign-in failed: this tab did not begin it.")
    assert tokens(page) is None
    assert address == page.url
