"""The page's files, as they are served."""

import re
from importlib import resources

import pytest

from chalicelib import errors, web, words
from chalicelib.errors import PageFileUnknown

BUCKET = "https://inbox.s3.amazonaws.com"
FILES = sorted(
    [entry.name for entry in resources.files(web).iterdir() if entry.name.endswith((".css", ".js", ".svg"))]
    + ["signs.js", *(f"words.{language}.js" for language in words.LANGUAGES)]
)


@pytest.mark.parametrize(
    ("path", "root"),
    [
        *(("/", ""), ("/api/", ""), ("/api", "api/"), ("", ""), ("/api/links", ""), ("/api/links/", "../")),
        *(("/links/a.b", "../"), ("/api/links/a.b", "../"), ("/links/a.b/", "../../"), ("/api/links/a.b/", "../../")),
    ],
)
def test_document_finds_its_files_below_any_path(path: str, root: str) -> None:
    """API Gateway adds the stage to the path, and accepts a trailing slash."""
    document = web.document(path, bucket=BUCKET)
    addresses = re.findall(r'(?:src|href)="([^"#]+)"', document.content)
    assert [f"./{root}page/{web.version()}/{name}" for name in ("mark.svg", "page.css", "page.js")] == addresses


@pytest.mark.parametrize("path", ['/a"><script>', "/a'b", "//evil.example", "/https:", "/a b/..", "/ü?x#y"])
def test_the_path_of_a_request_becomes_no_markup_and_no_other_address(path: str) -> None:
    """The document contains it escaped, as a relative URL."""
    for address in re.findall(r'(?:src|href)="([^"#]*)"', web.document(path, bucket=BUCKET).content):
        assert re.fullmatch(r"\./(?:[\w.%-]+/|\.\./)*page/[0-9a-f]{12}/[\w.]+", address, re.ASCII)


def test_every_problem_with_its_own_text_exists() -> None:
    """Renaming an error would lose its text; the others are S3's, API Gateway's and the page's own."""
    named = {key.partition(".")[2] for key in words.texts() if re.match(r"problems\.[A-Z]", key)}
    foreign = {"EntityTooLarge", "EntityTooSmall", "AccessDenied", "MissingAuthenticationTokenException"}
    own = {"Unreachable", "BucketUnreachable", "IssuerUnreachable", "SessionEnded"}
    assert {*own, *foreign} == {name for name in named if not hasattr(errors, name)}


def test_page_loads_nothing_from_other_hosts() -> None:
    """Only SVG's namespaces name another host."""
    texts = [web.document("/", bucket=BUCKET).content, *(web.file(web.version(), name).content for name in FILES)]
    hosts = {host for text in texts for host in re.findall(r"https?://[^\s\"')]+", text)}
    assert {"http://www.w3.org/2000/svg"} == hosts


def test_content_security_policy_is_minimal() -> None:
    """No inline script or style, requests only to where the page sends them, and reports from the bucket in a frame."""
    policy = web.document("/", bucket=BUCKET, sends_to=("https://issuer.test",)).headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert {
        "default-src": "'none'",
        "script-src": "'self'",
        "worker-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": f"'self' {BUCKET} https://issuer.test",
        "frame-src": BUCKET,
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    } == dict(directive.split(" ", 1) for directive in policy.split("; "))


def test_address_of_a_link_does_not_leak() -> None:
    """The address grants access: no referrer, no cache."""
    headers = web.document("/links/a.b", bucket=BUCKET).headers
    assert ("no-referrer", "no-store") == (headers["Referrer-Policy"], headers["Cache-Control"])


@pytest.mark.parametrize("name", FILES)
def test_files_are_cached_for_their_own_version(name: str) -> None:
    """A request for another release's file gets the current one, uncached."""
    present, former = web.file(web.version(), name), web.file("0123456789ab", name)
    assert present.content == former.content
    assert "immutable" in present.headers["Cache-Control"]
    assert "no-store" == former.headers["Cache-Control"]
    assert present.headers["Content-Type"].startswith(("text/", "image/svg+xml"))


@pytest.mark.parametrize("name", ["index.html", "__init__.py", "other.js", "../errors.py", "js", ""])
def test_other_files_are_not_served(name: str) -> None:
    """Neither code nor neighbouring files."""
    with pytest.raises(PageFileUnknown):
        web.file(web.version(), name)
